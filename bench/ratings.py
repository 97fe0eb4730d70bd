"""How fast is a rating read, and does it matter how many reviews there are?

    make bench-ratings

On a PostgreSQL of its own: three products of so many published stars, counted as
`store.submissions.ratings` would have counted them one by one over a year. Then
their ratings are read by turns, so that whatever else the machine does meets all three: in the
database, and over HTTP in one process.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import text
from starlette.testclient import TestClient

from api.app import create_app
from domain.people import Role
from runtime.postgres import Postgres
from runtime.settings import Settings, policy
from store import tokens
from store.migrations import upgrade
from store.session import Database
from store.submissions import ratings

STOREFRONT = "bench"
SIZES = (1_000, 100_000, 1_000_000)
READS = 300

# Every star has its day and its number from where it stands in the row of all.
DAYS = """
    with star as (
        select date '2026-01-01' + mod(i, 365) as day, mod(i, 13) = 0 had_case,
               1 + mod(mod(i, 7) * mod(i, 11), 5) stars
        from generate_series(1, :size) i
    )
    insert into rating_days
        (storefront, sku, day, n, total, squares, h1, h2, h3, h4, h5, with_case)
    select :storefront, :sku, day, count(*), sum(stars), sum(stars * stars),
           count(*) filter (where stars = 1), count(*) filter (where stars = 2),
           count(*) filter (where stars = 3), count(*) filter (where stars = 4),
           count(*) filter (where stars = 5), count(*) filter (where had_case)
    from star group by day
"""
TOTALS = """
    insert into rating_totals (storefront, sku, n, total, squares, h1, h2, h3, h4, h5, with_case)
    select storefront, sku, sum(n), sum(total), sum(squares), sum(h1), sum(h2), sum(h3), sum(h4),
           sum(h5), sum(with_case)
    from rating_days group by storefront, sku
"""


def fill(database: Database) -> None:
    with database.begin() as session:
        session.execute(text("set local statement_timeout = 0"))
        for size in SIZES:
            values = {"storefront": STOREFRONT, "sku": f"P{size}", "size": size}
            session.execute(text(DAYS), values)
        session.execute(text(TOTALS))
    with database.begin() as session:
        session.execute(text("analyze"))


def compare(database: Database, client: TestClient) -> None:
    """Print the medians of reading each product's rating, in milliseconds."""

    def read(sku: str) -> None:
        with database.snapshot() as session:
            ratings.read(session, STOREFRONT, sku)

    def ask(sku: str) -> None:
        client.get(f"/v1/products/{sku}/rating").raise_for_status()

    in_database, over_http = _by_turns(read), _by_turns(ask)
    for size in SIZES:
        with database.snapshot() as session:
            n = ratings.read(session, STOREFRONT, f"P{size}").n
        print(
            f"{n:>9,} stars: read {in_database[size]:6.2f} ms, over HTTP {over_http[size]:6.2f} ms"
            f" (medians of {READS})"
        )


def _by_turns(work: Callable[[str], None]) -> dict[int, float]:
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(READS):
        for size in SIZES:
            begun = perf_counter()
            work(f"P{size}")
            times[size].append(perf_counter() - begun)
    return {size: median(taken) * 1e3 for size, taken in times.items()}


def main() -> None:
    with TemporaryDirectory() as folder, Postgres(Path(folder) / "cluster") as server:
        server.create_database("bench")
        upgrade(server.url("bench"))
        database = Database(server.url("bench"))
        with database.begin() as session:
            token = tokens.issue(session, "bench", Role.STOREFRONT, storefront=STOREFRONT)
        fill(database)
        api = create_app(database, policy(None), Settings(data=Path(folder)))
        with TestClient(api, headers={"Authorization": f"Bearer {token}"}) as client:
            compare(database, client)


if __name__ == "__main__":
    main()
