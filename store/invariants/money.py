"""Is the money right: between payouts, payments, ledger and the gateway's own book?"""

from store.invariants.check import Check, Outside, Severity

# A payment intent and its charge are one payment under two prefixes.
BOOK = """
with gateway as (
    select g.*, r.read_at, r.covers_from
    from gateway_book g join gateway_readings r using (way)
    where g.standing in ('ours', 'foreign') and not exists (
        select from gateway_differences d
        where d.refund_id = g.refund_id and d.state = 'resolved' and d.resolved_by <> 'reconcile')
), ours as (
    select a.gateway_key, a.sent_at, p.*, coalesce(m.charge, m.payment) payment,
           substr(coalesce(m.charge, m.payment), 4) payment_name
    from payout_attempts a
    join payouts p using (payout_id, attempt)
    join payments m on m.id = p.payment_id
)
"""

CHECKS = (
    Check(
        "M01",
        Severity.CRITICAL,
        "an order's live and paid payouts are more than was captured for it",
        """
        select p.storefront, p.order_id, p.captured, out.amount
        from (
            select storefront, order_id, sum(captured) captured from payments group by 1, 2
        ) p
        join (
            select storefront, order_id, sum(amount) amount from payouts
            where state not in ('failed', 'reversed') group by 1, 2
        ) out using (storefront, order_id)
        where out.amount > p.captured
        """,
    ),
    Check(
        "M02",
        Severity.CRITICAL,
        "the gateway has refunded more of a payment than was captured",
        over=BOOK,
        sql="""
        , out as (
            select substr(g.charge, 4) payment_name, g.amount from gateway g
            where g.way = 'original' and g.status not in ('failed', 'canceled')
            union all
            select o.payment_name, g.amount from gateway g
            join ours o on o.gateway_key = g.key and o.way = 'bank_card'
            where g.way = 'bank_card' and g.status not in ('failed', 'canceled')
        )
        select p.payment, p.captured, sum(out.amount) gateway
        from (
            select substr(payment, 4) payment_name, min(payment) payment, sum(captured) captured
            from payments where provider = 'stripe' group by 1
        ) p
        join out using (payment_name)
        group by 1, 2 having sum(out.amount) > p.captured
        """,
        needs=Outside.GATEWAYS,
    ),
    Check(
        "M03",
        Severity.CRITICAL,
        "a paid payout is not exactly one gateway success of its payment, amount and currency",
        over=BOOK,
        sql="""
        select p.case_id, p.payout_id, p.amount, count(g.refund_id) successes,
               coalesce(sum(g.amount), 0) gateway
        from ours p
        join gateway_readings r using (way)
        left join gateway g on g.key = p.gateway_key and g.status = 'succeeded'
            and g.way = p.way and g.currency = p.currency
            and (g.charge is null or substr(g.charge, 4) = p.payment_name
                 or p.payment like 'pi\\_%')
        where p.state = 'paid' and p.settled_at < r.read_at and p.sent_at >= r.covers_from
          and not exists (
            select from gateway_differences d
            where d.payout_id = p.payout_id and d.state = 'resolved'
              and d.resolved_by <> 'reconcile')
        group by 1, 2, 3
        having count(g.refund_id) <> 1 or sum(g.amount) <> p.amount
        """,
        needs=Outside.GATEWAYS,
    ),
    Check(
        "M04",
        Severity.CRITICAL,
        "the gateway has paid out what we do not know of, or do not have as paid",
        over=BOOK,
        sql="""
        select g.refund_id, g.key, g.amount, p.payout_id, p.state
        from gateway g
        left join ours p on p.gateway_key = g.key
        where g.status = 'succeeded' and g.created_at < now() - :grace
          and (p.state is distinct from 'paid' or p.way = 'offline')
          and not exists (
            select from effects e where e.key = g.key and e.action = 'refund_bill')
        """,
        needs=Outside.GATEWAYS,
    ),
    Check(
        "M05",
        Severity.CRITICAL,
        "a case's payouts hold or have paid more than it pays",
        """
        select c.case_id, least(c.approved, c.total) owed, count(*) payouts, sum(p.amount) amount
        from cases c join payouts p using (case_id)
        where p.state not in ('failed', 'reversed')
        group by c.case_id having sum(p.amount) > least(c.approved, c.total)
        """,
    ),
    Check(
        "M06",
        Severity.CRITICAL,
        "a completed case was not paid exactly what was approved, or a refused one was paid",
        """
        select c.case_id, c.stage, c.outcome, least(c.approved, c.total) owed,
               coalesce(sum(p.amount) filter (where p.state = 'paid'), 0) paid
        from cases c left join payouts p using (case_id)
        where c.closed_at is not null
        group by c.case_id
        having ((c.outcome in ('refunded', 'returned_and_refunded', 'settled_manually')
                 or (c.outcome = 'exchanged' and c.kind = 'exchange'))
                and coalesce(sum(p.amount) filter (where p.state = 'paid'), 0)
                    <> least(c.approved, c.total))
            or (c.stage in ('rejected', 'cancelled', 'expired') and c.outcome <> 'given_up'
                and count(p.payout_id) filter (where p.state not in ('failed', 'reversed')) > 0)
        """,
    ),
    Check(
        "M07",
        Severity.CRITICAL,
        "a ledger entry does not sum to zero",
        """
        select payout_id, attempt, entry, currency, sum(amount) amount
        from ledger_postings group by 1, 2, 3, 4 having sum(amount) <> 0
        """,
    ),
    Check(
        "M08",
        Severity.CRITICAL,
        "ledger and payout tell different stories: reserve every attempt, settle what was paid, "
        "void what failed, reverse what was taken back",
        """
        with entry as (
            select distinct payout_id, attempt, entry from ledger_postings
        ), told as (
            select p.case_id, p.payout_id, p.state, n.attempt,
                   n.attempt = p.attempt present,
                   coalesce(array_agg(e.entry order by e.entry)
                            filter (where e.entry is not null), '{}') entries
            from payouts p
            cross join lateral generate_series(1, p.attempt) n(attempt)
            left join entry e on e.payout_id = p.payout_id and e.attempt = n.attempt
            group by 1, 2, 3, 4, 5
        )
        select case_id, payout_id, state, attempt, entries from told
        where entries <> case
            when not present or state = 'failed' then array['reserve', 'void']
            when state = 'paid' then array['reserve', 'settle']
            when state = 'reversed' then array['reserve', 'reverse', 'settle']
            else array['reserve']
        end
        union all
        select null, e.payout_id, null, e.attempt, array_agg(e.entry)
        from entry e left join payouts p on p.payout_id = e.payout_id and e.attempt <= p.attempt
        where p.payout_id is null group by 2, 4
        """,
    ),
    Check(
        "M09",
        Severity.CRITICAL,
        "a ledger entry moves another amount, currency or account than its payout",
        """
        select l.payout_id, l.attempt, l.entry, p.amount
        from ledger_postings l join payouts p using (payout_id)
        group by 1, 2, 3, p.payout_id
        having sum(greatest(l.amount, 0)) <> p.amount
            or bool_or(l.currency <> p.currency)
            or array_agg(l.account order by l.amount) <> case l.entry
                when 'reserve' then array['captured', 'reserved']
                when 'settle' then array['reserved', 'refunded']
                when 'void' then array['reserved', 'captured']
                when 'reverse' then array['refunded', 'captured']
            end
        """,
    ),
    Check(
        "M10",
        Severity.CRITICAL,
        "a payout went on to a new gateway key although the one before had not failed for good, "
        "or its attempts do not belong to it",
        """
        select p.case_id, p.payout_id, a.attempt, a.state
        from payouts p
        cross join lateral generate_series(1, p.attempt) n(attempt)
        left join payout_attempts a on a.payout_id = p.payout_id and a.attempt = n.attempt
        where a.state is null
           or a.gateway_key <> 'as1-' || p.payout_id || '-' || a.attempt
           or (n.attempt < p.attempt and a.state <> 'failed')
           or (n.attempt = p.attempt and a.state not in (
                select unnest(case
                    when p.state in ('paid', 'reversed') then array['succeeded']
                    when p.state = 'failed' then array['failed']
                    when p.state = 'reserved' then array['created']
                    else array['sent']
                end)))
        union all
        select p.case_id, p.payout_id, a.attempt, a.state
        from payout_attempts a join payouts p using (payout_id) where a.attempt > p.attempt
        """,
    ),
    Check(
        "M11",
        Severity.HIGH,
        "a payout has been on its way for too long",
        """
        select case_id, payout_id, way, state, reserved_at from payouts
        where reserved_at < now() - :stuck
          and state in ('reserved', 'sending', 'pending', 'unknown')
          and not (way = 'offline' and state = 'reserved')
        """,
    ),
    Check(
        "M12",
        Severity.CRITICAL,
        "case, payout, payment and order are not of one currency and one order",
        """
        select c.case_id, p.payout_id
        from cases c
        join orders o on o.storefront = c.storefront and o.order_id = c.order_id
        left join payouts p using (case_id)
        left join payments m on m.id = p.payment_id
        where c.currency <> o.currency or p.currency <> o.currency
           or (p.storefront, p.order_id) <> (c.storefront, c.order_id)
           or (m.storefront, m.order_id) <> (c.storefront, c.order_id)
        """,
    ),
    Check(
        "M13",
        Severity.CRITICAL,
        "what a payment holds as reserved or refunded is not what its payouts and the ledger say",
        """
        with said as (
            select payment_id,
                coalesce(sum(amount) filter (where state in
                    ('reserved', 'sending', 'pending', 'unknown')), 0) reserved,
                coalesce(sum(amount) filter (where state = 'paid'), 0) refunded
            from payouts group by 1
        ), posted as (
            select p.payment_id,
                coalesce(sum(l.amount) filter (where l.account = 'reserved'), 0) reserved,
                coalesce(sum(l.amount) filter (where l.account = 'refunded'), 0) refunded,
                coalesce(sum(l.amount) filter (where l.account = 'captured'), 0) captured
            from ledger_postings l join payouts p using (payout_id) group by 1
        )
        select m.storefront, m.order_id, m.payment, m.reserved, m.refunded,
               said.reserved payouts_reserved, said.refunded payouts_refunded,
               posted.reserved ledger_reserved, posted.refunded ledger_refunded
        from payments m
        left join said on said.payment_id = m.id
        left join posted on posted.payment_id = m.id
        where (m.reserved, m.refunded)
                <> (coalesce(said.reserved, 0), coalesce(said.refunded, 0))
           or (m.reserved, m.refunded, -(m.reserved + m.refunded))
                <> (coalesce(posted.reserved, 0), coalesce(posted.refunded, 0),
                    coalesce(posted.captured, 0))
        """,
    ),
    Check(
        "M14",
        Severity.CRITICAL,
        "a case's paid amount is not the sum of its paid payouts",
        """
        select c.case_id, c.paid,
               coalesce(sum(p.amount) filter (where p.state = 'paid'), 0) payouts
        from cases c left join payouts p using (case_id)
        group by c.case_id
        having c.paid <> coalesce(sum(p.amount) filter (where p.state = 'paid'), 0)
        """,
    ),
    Check(
        "M15",
        Severity.CRITICAL,
        "store credit was booked that no gateway may touch, or under a name that is not its own",
        """
        select p.case_id, p.payout_id, p.state, p.reference from payouts p
        where p.way = 'store_credit'
          and (p.state not in ('reserved', 'paid', 'failed')
               or (p.state = 'paid' and p.reference is distinct from 'credit-' || p.payout_id))
        """,
    ),
    Check(
        "M16",
        Severity.CRITICAL,
        "a payout in doubt was settled by fewer than two people under one reference, or is not "
        "paid by hand, or its gateway is not asked about it for 90 days",
        """
        select p.case_id, d.payout_id, p.way, p.state, p.reference, d.settled_at, d.ask_at
        from settled_doubts d join payouts p using (payout_id)
        where p.way <> 'offline' or p.state <> 'paid'
           or (d.ask_at is null and d.found is null
               and now() < d.settled_at + interval '89 days')
           or (select count(distinct r.actor) from resumes r
               where r.case_id = p.case_id and r.action = 'settle'
                 and r.reference = p.reference) < 2
        """,
    ),
)
