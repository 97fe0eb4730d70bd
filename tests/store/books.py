"""What has to hold in the books at any moment, whatever a test did before."""

from sqlalchemy import text

from store.invariants import CHECKS, Graces, examine
from store.session import Database

# Times in tests are their own, and no relay or workflow runs: what asks the real clock would
# complain, today or once the day that the tests pretend is long gone.
OF_TIME = frozenset(check.id for check in CHECKS if "now()" in check.query)

# To the last penny, tax included: each selects the rows that break its rule.
TO_THE_PENNY = {
    "a line's credits and settled units are what its closed cases paid for it": """
        with paid as (
            select order_line_id, sum(paid) paid, sum(tax) tax,
                coalesce(sum(paid) filter (where settled_at is not null), 0) settled,
                coalesce(sum(tax) filter (where settled_at is not null), 0) settled_tax
            from claims where released_at is not null or settled_at is not null group by 1
        ), credited as (
            select order_line_id, sum(paid) paid, sum(tax) tax from unit_credits group by 1
        )
        select order_line_id, p.paid, p.tax, c.paid credited, c.tax credited_tax
        from paid p full join credited c using (order_line_id)
        where coalesce(p.paid - p.settled, 0) <> coalesce(c.paid, 0)
            or coalesce(p.tax - p.settled_tax, 0) <> coalesce(c.tax, 0)
    """,
    # A case whose money came back after its units had gone to others has left them its credit.
    "closed cases paid for the units and the shipping of their order, and for nothing else": """
        with closed as (
            select storefront, order_id, sum(c.paid) paid,
                coalesce(sum(c.tax) filter (where c.paid > 0), 0) tax,
                sum(u.paid) units_paid, sum(u.tax) units_tax,
                bool_or(c.outcome = 'given_up' and exists (select from payouts p
                    where p.case_id = c.case_id and p.state = 'reversed')) took_back
            from cases c join (
                select case_id, sum(paid) paid, sum(tax) tax from claims group by 1
            ) u using (case_id)
            where c.closed_at is not null group by 1, 2
        )
        select order_id, c.paid, c.tax, c.units_paid, c.units_tax, o.shipping_refunded
        from orders o join closed c using (storefront, order_id)
        where not c.took_back and (c.paid <> c.units_paid + o.shipping_refunded
            or c.tax <> c.units_tax + o.shipping_refunded_tax)
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
