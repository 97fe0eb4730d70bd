"""How long does `check` take, and each of its invariants, as the books grow?

    make bench-check                        # 10,000 and 100,000 cases
    make bench-check ARGS="--cases 1000"

On a PostgreSQL of its own: books in which everything that can happen has happened (those of the
tests), copied until there are so many cases. Each check is one query; `stuck` is all of its.
"""

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from bench.many import multiplied, multiply
from ops.standstill import find_stuck
from ops.target import Target
from ops.workflows import Seen
from runtime.postgres import Postgres
from store.invariants import CHECKS, Graces, examine, pin
from store.migrations import upgrade
from store.session import Database
from tests.ops.books import Books, eventful
from tests.ops.exchange_books import exchanged
from tests.ops.said_books import said

WITHOUT_CARE = {"fsync": "off", "full_page_writes": "off"}
"""Nothing of what is measured is written."""

NOWHERE = Target(None, None, "", "", "", None, None, None, None, None)


def fill(server: Postgres, cases: int) -> tuple[Books, dict[str, Any]]:
    """Books with so many cases at least, and what outside parties have in theirs."""
    name = f"cases_{cases}"
    server.create_database(name)
    upgrade(server.url(name))
    books = eventful(Database(server.url(name)))
    exchanged(books)
    said(books)
    books.write("update outbox set delivered_at = now()")
    books.read_gateways()
    with books.database.begin() as session:
        few = session.execute(text("select count(*) from cases")).scalar_one()
    copies = -(-cases // few)
    begun = time.perf_counter()
    multiply(books.database, copies)
    print(f"{few * (copies + 1):,} cases in {time.perf_counter() - begun:.0f} s", flush=True)
    return books, multiplied(books.book, copies)


def measure(books: Books, book: dict[str, Any]) -> dict[str, float]:
    """The seconds of each check, and of all the queries of `stuck`."""
    took: dict[str, float] = {}
    workflows = books.workflows()
    begun = time.perf_counter()

    def made(number: int) -> None:
        nonlocal begun
        took[CHECKS[number - 1].id] = time.perf_counter() - begun
        begun = time.perf_counter()

    with books.database.snapshot() as session:
        pin(session)
        found = examine(session, graces=Graces(), book=book, workflows=workflows, done=made)
    for each in found:
        if each.rows:
            print(f"{each.check.id} is violated: {len(each.rows)} rows, {each.rows[0]}")
    with books.database.snapshot() as session:
        pin(session)
        begun = time.perf_counter()
        items = find_stuck(session, NOWHERE, datetime.now(UTC), running(books.database))
        took["stuck"] = time.perf_counter() - begun
        print(f"{len(items):,} stuck")
    return took


def running(database: Database) -> dict[str, Seen]:
    """The workflows as they should be."""
    named = "select kind || '/' || case_id, stage, due_at from cases where closed_at is null"
    said = named.replace("case_id", "submission_id").replace("cases", "submissions")
    with database.begin() as session:
        rows = session.execute(text(f"{named} union all {said}"))
        return {name: Seen("RUNNING", stage, due_at) for name, stage, due_at in rows}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 100_000])
    sizes = parser.parse_args().cases
    with (
        TemporaryDirectory() as folder,
        Postgres(Path(folder) / "cluster", settings=WITHOUT_CARE) as server,
    ):
        took = {}
        for size in sizes:
            books, book = fill(server, size)
            took[size] = measure(books, book)
            books.database.close()
    for name in took[sizes[0]]:
        print(f"{name:<6}" + "".join(f"{took[size][name]:9.3f} s" for size in sizes))
    print("all   " + "".join(f"{sum(took[size].values()):9.3f} s" for size in sizes))


if __name__ == "__main__":
    main()
