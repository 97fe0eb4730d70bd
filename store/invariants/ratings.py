"""Are figures those of the reviews that everybody sees, and of what buyers said of their cases?"""

from store.invariants.check import Check, Severity

SCORES = ("n", "total", "squares", "h1", "h2", "h3", "h4", "h5")
SUMS = (*SCORES, "with_case")


def _recounted(score: str) -> str:
    """The columns of a tally, by its definition."""
    each = (f"count(*) filter (where {score} = {k}) h{k}" for k in range(1, 6))
    return f"count(*) n, sum({score}) total, sum({score} * {score}) squares, {', '.join(each)}"


def _differ(one: str, other: str, names: tuple[str, ...] = SUMS) -> str:
    """What is not there counts as nothing: rows of nothing but zeros are allowed to be or not."""
    sides = (", ".join(f"coalesce({table}.{name}, 0)" for name in names) for table in (one, other))
    return " <> ".join(f"({side})" for side in sides)


CHECKS = (
    Check(
        "V01",
        Severity.HIGH,
        "a product's figures of a day are not those of its published reviews",
        f"""
        with seen as (
            select r.storefront, r.sku, r.published_on as day, {_recounted("v.stars")},
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
    Check(
        "V03",
        Severity.HIGH,
        "how content buyers said they were on a day is not what their feedback says",
        f"""
        with said as (
            select s.storefront, cast(s.opened_at at time zone 'UTC' as date) as day,
                   {_recounted("f.score")}
            from feedback f join submissions s using (submission_id)
            where f.score is not null group by 1, 2
        )
        select storefront, day, d.n, s.n said, d.total, s.total total_said
        from satisfaction_days d full join said s using (storefront, day)
        where {_differ("d", "s", SCORES)}
        """,  # noqa: S608 - our own names
    ),
)
