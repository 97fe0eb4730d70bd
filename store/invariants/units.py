"""Are units and shipping given away only once, and for no more than was paid for them?"""

from store.invariants.check import Check, Severity

CHECKS = (
    Check(
        "Q01",
        Severity.CRITICAL,
        "a unit has two owners, or is beyond what was bought",
        """
        with owned as (
            select order_line_id, case_id, units, lag(case_id) over w other_case,
                   max(upper(units)) over (w rows between unbounded preceding and 1 preceding) taken
            from claims where released_at is null
            window w as (partition by order_line_id order by units)
        )
        select order_line_id, case_id, other_case, units::text units from owned
        where taken > lower(units)
        union all
        select c.order_line_id, c.case_id, null, c.units::text
        from claims c join order_lines l on l.id = c.order_line_id
        where upper(c.units) - 1 > l.quantity
        """,
    ),
    Check(
        "Q02",
        Severity.CRITICAL,
        "cases paid more for a line's units than the buyer had paid, or more tax",
        """
        with given as (
            select order_line_id, paid, tax from unit_credits
            union all
            select order_line_id, paid, tax from claims where settled_at is not null
        )
        select l.storefront, l.order_id, l.line, l.paid bought, sum(g.paid) paid,
               l.tax bought_tax, sum(g.tax) tax
        from order_lines l join given g on g.order_line_id = l.id
        group by l.id having sum(g.paid) > l.paid or sum(g.tax) > l.tax
        """,
    ),
    Check(
        "Q03",
        Severity.CRITICAL,
        "a case owns other units than it was opened with, or keeps units after its end",
        """
        select l.case_id, l.line, l.quantity, sum(upper(c.units) - lower(c.units)) units
        from case_lines l
        left join claims c on c.case_id = l.case_id and c.order_line_id = l.order_line_id
        group by l.case_id, l.line
        having sum(upper(c.units) - lower(c.units)) is distinct from l.quantity
        union all
        select k.case_id, l.line, l.quantity, null
        from claims c
        join cases k using (case_id)
        join case_lines l on l.case_id = c.case_id and l.order_line_id = c.order_line_id
        where (k.closed_at is not null and c.released_at is null and c.settled_at is null)
           or (k.closed_at is null and c.settled_at is not null)
           or (k.outcome in ('rejected', 'cancelled', 'expired') and c.settled_at is not null
               -- What was replaced is the shop's, even if the difference is refused.
               and not (k.outcome = 'rejected' and k.kind = 'exchange' and exists (
                select from parcels p where p.case_id = k.case_id
                  and p.direction = 'outbound' and p.status = 'delivered')))
        """,
    ),
    Check(
        "Q04",
        Severity.CRITICAL,
        "units that are free again carry more credit than they are worth",
        # Worth and tax of a range: differences of h(x) = round half up, as in the domain.
        """
        with piece as (
            select u.*, l.storefront shop, l.order_id, l.line, l.quantity::numeric q,
                   l.paid::numeric g, l.tax::numeric t,
                   lower(u.units) - 1 a, upper(u.units) - 1 b
            from unit_credits u join order_lines l on l.id = u.order_line_id
        ), priced as (
            select *, div(2 * g * b + q, 2 * q) - div(2 * g * a + q, 2 * q) worth from piece
        )
        select shop storefront, order_id, line, units::text units, paid, worth
        from priced where paid > worth or b > q
        """,
    ),
    Check(
        "Q05",
        Severity.CRITICAL,
        "a closed case's units and shipping do not carry exactly what it paid",
        # What a gateway took back after the end stays as it was settled: that case is a person's.
        """
        select k.case_id, k.paid, sum(c.paid) units_paid, k.shipping
        from cases k join claims c using (case_id)
        where k.closed_at is not null
          and not exists (
              select from payouts p where p.case_id = k.case_id and p.state = 'reversed')
        group by k.case_id
        having not k.paid - sum(c.paid) between 0 and k.shipping
        """,
    ),
    Check(
        "Q06",
        Severity.CRITICAL,
        "an order's shipping is not what its cases hold and have paid of it",
        """
        with taken as (
            select c.storefront, c.order_id,
                sum(c.shipping_held) held,
                sum(c.paid - coalesce(u.paid, 0)) filter (where c.closed_at is not null) given,
                bool_or(r.case_id is not null) reversed
            from cases c
            left join (select case_id, sum(paid) paid from claims group by 1) u using (case_id)
            left join (
                select distinct case_id from payouts where state = 'reversed'
            ) r using (case_id)
            group by 1, 2
        )
        select o.storefront, o.order_id, o.shipping_reserved, t.held, o.shipping_refunded, t.given
        from orders o left join taken t using (storefront, order_id)
        where o.shipping_reserved <> coalesce(t.held, 0)
           or (o.shipping_refunded <> coalesce(t.given, 0) and not coalesce(t.reversed, false))
        """,
    ),
)
