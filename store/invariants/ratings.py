"""Are the figures of products those of the reviews that everybody sees?"""

from store.invariants.check import Check, Severity

SUMS = ("n", "total", "squares", "h1", "h2", "h3", "h4", "h5", "with_case")


def _differ(one: str, other: str) -> str:
    """What is not there counts as nothing: rows of nothing but zeros are allowed to be or not."""
    sides = (", ".join(f"coalesce({table}.{name}, 0)" for name in SUMS) for table in (one, other))
    return " <> ".join(f"({side})" for side in sides)


CHECKS = (
    Check(
        "V01",
        Severity.HIGH,
        "a product's figures of a day are not those of its published reviews",
        f"""
        with seen as (
            select r.storefront, r.sku, r.published_on as day, count(*) n, sum(v.stars) total,
                   sum(v.stars * v.stars) squares,
                   count(*) filter (where v.stars = 1) h1,
                   count(*) filter (where v.stars = 2) h2,
                   count(*) filter (where v.stars = 3) h3,
                   count(*) filter (where v.stars = 4) h4,
                   count(*) filter (where v.stars = 5) h5,
                   count(*) filter (where r.had_case) with_case
            from reviews r
            join review_versions v on v.submission_id = r.submission_id and v.n = r.published
            group by 1, 2, 3
        )
        select storefront, sku, day, d.n, s.n reviews, d.total, s.total stars,
               d.with_case, s.with_case had_case
        from rating_days d full join seen s using (storefront, sku, day)
        where {_differ("d", "s")}
        """,  # noqa: S608 - our own names
    ),
    Check(
        "V02",
        Severity.HIGH,
        "a product's figures are not those of its days together",
        f"""
        with summed as (
            select storefront, sku, {", ".join(f"sum({name}) {name}" for name in SUMS)}
            from rating_days group by 1, 2
        )
        select storefront, sku, t.n, d.n of_days, t.total, d.total stars_of_days
        from rating_totals t full join summed d using (storefront, sku)
        where {_differ("t", "d")}
        """,  # noqa: S608 - our own names
    ),
)
