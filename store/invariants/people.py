"""Did somebody who may do it do everything that was done, and is nothing kept that must not be?"""

from domain.people import Role
from store.invariants.check import Check, Severity

KINDS = ", ".join(f"'{kind}'" for kind in (*Role, "system", "gateway", "carrier", "policy"))

CHECKS = (
    Check(
        "A01",
        Severity.CRITICAL,
        "a decision has no known decider, or left no trace in the case's history",
        """
        select d.decision_id, d.case_id, d.actor
        from decisions d
        join cases c using (case_id)
        left join tokens t on t.name = d.actor
        where d.storefront <> c.storefront
           or (d.by = 'person' and (
                t.name is null
                or t.role not in ('auditor', 'lead')
                or t.role <> d.actor_role
                or not exists (
                    select from case_events e
                    where e.case_id = d.case_id and e.message_id = d.decision_id
                      and e.actor = d.actor)))
           or (d.by = 'policy' and not exists (
                select from case_events e
                where e.case_id = d.case_id and e.what = 'approved' and e.actor_kind = 'policy'))
        """,
    ),
    Check(
        "A02",
        Severity.CRITICAL,
        "money was reserved with fewer approvals by different people than it needs",
        # To another card two people send money: as approvers, or as those who rerouted it.
        """
        with approver as (
            select d.case_id, count(distinct d.actor) people
            from decisions d join cases c using (case_id)
            where d.verdict = 'approve' and d.actor <> c.opened_by
            group by 1
        ), rerouter as (
            select case_id, count(distinct actor) people
            from resumes where action = 'reroute' and payout_to = 'bank_card'
            group by 1
        )
        select p.case_id, p.payout_id, p.way, p.approvals required, coalesce(a.people, 0) approvers
        from payouts p
        left join approver a using (case_id)
        left join rerouter r using (case_id)
        where coalesce(a.people, 0) < greatest(p.approvals, 1)
           or (p.way = 'bank_card' and greatest(a.people, r.people, 0) < 2)
        """,
    ),
    Check(
        "A06",
        Severity.CRITICAL,
        "a person approved more on one order, or on one day, than they might",
        """
        select id, case_id, actor, currency, day, on_order, most_per_order, on_day, most_per_day
        from (
            select a.*,
                   sum(a.amount) over (
                       partition by a.actor, a.currency, a.day order by a.id
                   ) on_day,
                   sum(a.amount) filter (where c.closed_at is null or c.paid > 0) over (
                       partition by a.actor, a.currency, a.storefront, a.order_id order by a.id
                   ) on_order
            from approvals a join cases c using (case_id) where a.by = 'person'
        ) counted
        where on_day > most_per_day or on_order > most_per_order
        """,
    ),
    Check(
        "A08",
        Severity.CRITICAL,
        "the policy approved more by itself than its caps, or its count of a day is wrong",
        """
        select id, case_id, actor, currency, day, on_order, of_buyer, in_day, day_total
        from (
            select a.*, c.customer_id is distinct from a.customer_id other_buyer,
                   sum(a.amount) over (partition by a.currency, a.day order by a.day_total)
                       in_day,
                   sum(a.amount) filter (where c.closed_at is null or c.paid > 0) over (
                       partition by a.storefront, a.order_id, a.currency order by a.id
                   ) on_order,
                   sum(a.amount) filter (where c.closed_at is null or c.paid > 0) over (
                       partition by a.storefront, a.customer_id, a.currency order by a.id
                   ) of_buyer
            from approvals a join cases c using (case_id) where a.by = 'policy'
        ) counted
        where on_order > most_per_order or of_buyer > most_per_buyer or day_total > most_per_day
           or in_day <> day_total or other_buyer
        union all
        select null, d.case_id, d.actor, null, null, null, null, null, null
        from decisions d left join approvals a on a.case_id = d.case_id and a.by = 'policy'
        where d.by = 'policy' and a.id is null
        """,
    ),
    Check(
        "A07",
        Severity.CRITICAL,
        "an order comes to more than when its approvers were fixed, or a case has another number",
        """
        with stands as (
            select storefront, order_id, sum(case
                when closed_at is null and approved is not null
                then greatest(paid, least(approved, total)) else paid end) total
            from cases group by storefront, order_id
        ), latest as (
            select distinct on (storefront, order_id) storefront, order_id, order_total
            from approvals where what = 'approval' order by storefront, order_id, id desc
        ), fixed as (
            select distinct on (case_id) case_id, storefront, order_id, needed
            from approvals where what = 'approval' order by case_id, id desc
        )
        select s.storefront, s.order_id, null::uuid case_id, s.total, l.order_total counted
        from stands s left join latest l using (storefront, order_id)
        where s.total > coalesce(l.order_total, 0)
        union all
        select c.storefront, c.order_id, c.case_id, c.approvals_needed, f.needed
        from cases c left join fixed f using (case_id)
        where c.approved is not null and c.approvals_needed is distinct from f.needed
        """,
    ),
    Check(
        "A03",
        Severity.CRITICAL,
        "something happened to a case and nobody did it",
        f"""
        select case_id, seq, what, actor, actor_kind from case_events
        where actor_kind not in ({KINDS}) or actor = ''
        """,  # noqa: S608 - our own enum
    ),
    Check(
        "A05",
        Severity.CRITICAL,
        "a case's history has a gap, or is not as long as its version says",
        """
        select c.case_id, c.version, count(e.seq) events, max(e.seq) last
        from cases c left join case_events e using (case_id)
        group by c.case_id
        having c.version <> count(e.seq) or c.version <> coalesce(max(e.seq), 0) or c.version = 0
        """,
    ),
    Check(
        "T01",
        Severity.CRITICAL,
        "a case reaches over the border of its storefront or its order",
        """
        select c.case_id, 'order' part from cases c
        left join orders o on o.storefront = c.storefront and o.order_id = c.order_id
        where o.order_id is null
        union
        select c.case_id, 'opener' from cases c left join tokens t on t.name = c.opened_by
        where t.storefront is distinct from c.storefront
        union
        select c.case_id, 'claim' from cases c
        join claims k using (case_id) join order_lines l on l.id = k.order_line_id
        where (l.storefront, l.order_id) <> (c.storefront, c.order_id)
           or k.storefront <> c.storefront
        union
        select c.case_id, 'line' from cases c
        join case_lines k using (case_id) join order_lines l on l.id = k.order_line_id
        where (l.storefront, l.order_id, l.line) <> (c.storefront, c.order_id, k.line)
           or k.storefront <> c.storefront
        union
        select c.case_id, 'record' from cases c
        join (
            select case_id, storefront from case_events
            union all select case_id, storefront from decisions
            union all select case_id, storefront from approvals
            union all select case_id, storefront from resumes
            union all select case_id, storefront from payouts
            union all select case_id, storefront from outbox
            union all select case_id, storefront from diagnoses
            union all select case_id, storefront from quotes
            union all select case_id, storefront from repairs
            union all select case_id, storefront from bills
            union all select case_id, storefront from case_replacements
        ) r using (case_id)
        where r.storefront <> c.storefront
        """,
    ),
)
