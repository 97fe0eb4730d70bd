"""Did each exchange give what was paid for, and does nobody owe for what they did not get?"""

from store.invariants.check import Check, Outside, Severity

BOOK = """
with opened as (
    select o.*, coalesce(c.created, o.created) at
    from jsonb_to_recordset(cast(:checkouts as jsonb))
        as o(id text, key text, amount bigint, currency text, status text, charge text,
             created bigint)
    left join jsonb_to_recordset(cast(:charges as jsonb)) as c(id text, created bigint)
        on c.id = o.charge
), refund as (
    select * from jsonb_to_recordset(cast(:refunds as jsonb))
        as r(id text, amount numeric, status text, key text)
)
"""

CHECKS = (
    Check(
        "B01",
        Severity.CRITICAL,
        "a buyer may still pay for what their case does not wait for any more",
        """
        select b.case_id, b.bill_id, b.what, b.amount, c.stage
        from bills b join cases c using (case_id)
        where b.state = 'open' and c.stage not in ('awaiting_buyer', 'needs_attention')
        """,
    ),
    Check(
        "B02",
        Severity.CRITICAL,
        "an exchange is done although nothing has left its shelf, or its difference is not paid",
        """
        select c.case_id, b.amount, b.state
        from cases c left join bills b on b.case_id = c.case_id and b.what = 'exchange difference'
        where c.outcome = 'exchanged'
          and ((b.bill_id is not null and b.state <> 'paid')
            or not exists (
                select from effects e
                where e.case_id = c.case_id and e.action = 'ship_stock' and e.state = 'done'))
        """,
    ),
    Check(
        "B03",
        Severity.CRITICAL,
        "a buyer has paid for what they did not get, and it is not paid back",
        """
        select b.case_id, b.bill_id, b.what, b.amount, c.outcome
        from bills b join cases c using (case_id)
        where b.state = 'paid' and c.closed_at is not null
          and (c.stage <> 'completed' or (b.what <> 'goods not returned'
            and c.outcome not in ('exchanged', 'repaired', 'sent_back', 'settled_manually')))
          and not exists (
            select from effects e
            where e.bill_id = b.bill_id and e.action = 'refund_bill' and e.state <> 'cancelled')
        """,
    ),
    Check(
        "B05",
        Severity.CRITICAL,
        "what was refunded first and did not come back was not charged for, or too much was",
        """
        with stays as (
            select case_id, bool_or(kept) some, bool_and(kept) every from claims group by 1
        ), billed as (
            select case_id, sum(amount) amount from bills b
            where what = 'goods not returned' and state = 'paid' and not exists (
                select from effects e
                where e.bill_id = b.bill_id and e.action = 'refund_bill' and e.state <> 'cancelled')
            group by 1
        )
        select c.case_id, c.outcome, c.paid, b.amount charged
        from cases c join stays s using (case_id) left join billed b using (case_id)
        where c.refund_first and c.stage = 'completed'
          and not exists (
            select from payouts p where p.case_id = c.case_id and p.state = 'reversed')
          and (b.amount > c.paid
            or (s.every and b.amount is not null)
            or (not s.some and b.amount is distinct from c.paid))
        """,
    ),
    Check(
        "B04",
        Severity.CRITICAL,
        "what was paid at the gateway is not what our bills say",
        over=BOOK,
        sql="""
        select b.case_id, b.bill_id, b.state, b.amount, o.id gateway_id, o.amount gateway
        from opened o
        left join effects e on e.key = o.key and e.action = 'collect_bill'
        left join bills b using (bill_id)
        where o.status = 'complete' and to_timestamp(o.at) < now() - :grace
          and (b.bill_id is null or b.state not in ('paid', 'paid_back')
            or (b.amount, b.currency) <> (o.amount, upper(o.currency)))
        union all
        select b.case_id, b.bill_id, b.state, b.amount, null, count(o.id)
        from bills b
        left join effects e on e.bill_id = b.bill_id and e.action = 'collect_bill'
        left join opened o on o.key = e.key and o.status = 'complete'
        where b.state in ('paid', 'paid_back')
        group by 1, 2, 3, 4 having count(o.id) <> 1
        union all
        select b.case_id, b.bill_id, b.state, b.amount, null, count(r.id)
        from bills b
        join effects e on e.bill_id = b.bill_id and e.action = 'refund_bill' and e.state = 'done'
        left join refund r on r.key = e.key and r.status = 'succeeded' and r.amount = b.amount
        group by 1, 2, 3, 4 having count(r.id) <> 1
        """,
        needs=Outside.BOOK,
        party="original",
    ),
    Check(
        "K05",
        Severity.CRITICAL,
        "pieces are set aside for a case that is closed",
        """
        select e.case_id, h.key, h.sku, h.quantity
        from stock_holds h
        -- A hold is named after the effect that set it aside, and the line that it is for.
        join effects e on e.action = 'hold_stock' and e.key = regexp_replace(h.key, '-[^-]*$', '')
        join cases c using (case_id)
        where h.ended is null and c.closed_at is not null
          and not exists (
            select from effects r
            where r.case_id = e.case_id and r.action = 'release_stock'
              and r.state in ('planned', 'requested', 'unknown'))
        """,
    ),
)
