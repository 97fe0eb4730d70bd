"""What has to hold in the books at any moment, whatever a test did before."""

from sqlalchemy import text

from store.invariants import CHECKS, Graces, examine
from store.session import Database

# Times in tests are their own, and no relay or workflow runs: these would complain of both.
OF_TIME = frozenset({"L02", "L04", "L05", "L06", "M11"})

# To the last penny, tax included: each selects the rows that break its rule.
TO_THE_PENNY = {
    "a line's credits and settled units are what its closed cases paid for it": """
        select l.order_id, l.line, c.paid, c.tax, u.paid, u.tax
        from order_lines l left join lateral (
            select coalesce(sum(q.paid), 0) as paid, coalesce(sum(q.tax), 0) as tax,
                coalesce(sum(q.paid) filter (where q.settled_at is not null), 0) as settled,
                coalesce(sum(q.tax) filter (where q.settled_at is not null), 0) as settled_tax
            from claims q where q.order_line_id = l.id
                and (q.released_at is not null or q.settled_at is not null)
        ) c on true left join lateral (
            select coalesce(sum(u.paid), 0) as paid, coalesce(sum(u.tax), 0) as tax
            from unit_credits u where u.order_line_id = l.id
        ) u on true
        where c.paid <> c.settled + u.paid or c.tax <> c.settled_tax + u.tax
    """,
    # A case whose money came back after its units had gone to others has left them its credit.
    "closed cases paid for the units and the shipping of their order, and for nothing else": """
        select o.order_id, c.paid, c.tax, q.paid, q.tax, o.shipping_refunded
        from orders o left join lateral (
            select coalesce(sum(c.paid), 0) as paid,
                coalesce(sum(c.tax) filter (where c.paid > 0), 0) as tax,
                bool_or(c.outcome = 'given_up' and p.case_id is not null) as took_back
            from cases c left join (
                select distinct case_id from payouts where state = 'reversed'
            ) p using (case_id)
            where c.storefront = o.storefront and c.order_id = o.order_id
                and c.closed_at is not null
        ) c on true left join lateral (
            select coalesce(sum(q.paid), 0) as paid, coalesce(sum(q.tax), 0) as tax
            from claims q join cases c using (case_id)
            where c.storefront = o.storefront and c.order_id = o.order_id
                and c.closed_at is not null
        ) q on true
        where c.took_back is not true and (
            c.paid <> q.paid + o.shipping_refunded or c.tax <> q.tax + o.shipping_refunded_tax)
    """,
}


def broken(database: Database) -> dict[str, list[object]]:
    """The rules that do not hold, each with the rows that break it."""
    checks = [check for check in CHECKS if check.needs is None and check.id not in OF_TIME]
    with database.snapshot() as session:
        findings = examine(session, graces=Graces(), book="", workflows="", checks=checks)
        found: dict[str, list[object]] = {
            f"{f.check.id} {f.check.means}": [*f.rows] for f in findings
        }
        for rule, query in TO_THE_PENNY.items():
            found[rule] = [tuple(row) for row in session.execute(text(query))]
    return {rule: rows for rule, rows in found.items() if rows}
