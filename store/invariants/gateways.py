"""Is what gateways listed kept as they listed it, and is each difference somebody's?"""

from store.invariants.check import Check, Severity

CHECKS = (
    Check(
        "D01",
        Severity.HIGH,
        "a difference to a gateway is nobody's, was resolved by nobody, or is there twice",
        """
        select d.id, d.kind, d.refund_id, d.payout_id, d.state, d.owner
        from gateway_differences d
        where (d.state = 'owned' and not exists (select from tokens where name = d.owner))
           or (d.state = 'resolved' and (d.resolved_at is null or d.note = ''
               or (d.resolved_by is distinct from 'reconcile'
                   and not exists (select from tokens where name = d.resolved_by))))
           or (d.state <> 'resolved' and exists (
                select from gateway_differences o
                where (o.kind, o.refund_id, o.payout_id)
                      is not distinct from (d.kind, d.refund_id, d.payout_id)
                  and o.state <> 'resolved' and o.id < d.id))
        """,
    ),
    Check(
        "D02",
        Severity.CRITICAL,
        "a refund counts as ours that bears no key of ours, or as another's although it does; or "
        "a list was read to before it began",
        """
        with known as (
            select gateway_key key from payout_attempts
            union select key from effects where action = 'refund_bill'
        )
        select g.refund_id, g.key, g.standing, g.seen_at at
        from gateway_book g left join known k on k.key = g.key
        where (g.standing = 'ours' and k.key is null)
           or (g.standing = 'foreign' and exists (
                select from payout_attempts a join payouts p using (payout_id, attempt)
                where a.gateway_key = g.key and p.reference = g.refund_id
                  and p.amount = g.amount))
        union all
        select way, null, base, read_at from gateway_readings where covers_from > read_at
        """,
    ),
    Check(
        "D03",
        Severity.CRITICAL,
        "payouts were let go on after a restore by nobody, by who had them held, or before the "
        "gateways' lists were read",
        """
        select id, placed_by, released_by, imported_at, released_at from payout_holds
        where released_at is not null
          and (released_by is null or released_by = placed_by or imported_at is null
               or imported_at > released_at
               or not exists (select from tokens where name = released_by))
        """,
    ),
)
