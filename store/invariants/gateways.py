"""Is what gateways listed kept as they listed it, and is each difference somebody's?"""

from store.invariants.check import Check, Severity

CHECKS = (
    Check(
        "D01",
        Severity.HIGH,
        "a difference to a gateway is nobody's, was resolved by nobody, or is there twice",
        """
        with difference as (
            select *, row_number() over (
                partition by state <> 'resolved', kind, refund_id, payout_id order by id) n
            from gateway_differences
        )
        select d.id, d.kind, d.refund_id, d.payout_id, d.state, d.owner
        from difference d
        where (d.state = 'owned' and not exists (select from tokens where name = d.owner))
           or (d.state = 'resolved' and (d.resolved_at is null or d.note = ''
               or (d.resolved_by is distinct from 'reconcile'
                   and not exists (select from tokens where name = d.resolved_by))))
           or (d.state <> 'resolved' and d.n > 1)
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
            union select key from effects where action = 'repay_bill'
        )
        select g.refund_id, g.key, g.standing, g.seen_at at
        from gateway_book g left join known k on k.key = g.key
        where (g.standing = 'ours' and k.key is null)
           or (g.standing = 'foreign' and k.key is not null)
        union all
        select way, null, base, read_at from gateway_readings where covers_from > read_at
        """,
    ),
)
