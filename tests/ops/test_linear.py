"""Does what operators' commands ask of the database grow as the cases do, and no faster? Counted in
rows by PostgreSQL itself, for a clock would tell of the machine.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event

from bench.check import running
from bench.many import multiplied, multiply
from ops.standstill import find_stuck
from runtime.postgres import Postgres
from store.invariants import CHECKS, Graces, examine, pin
from store.migrations import upgrade
from store.session import Database
from tests.ops.books import Books, eventful
from tests.ops.exchange_books import exchanged
from tests.ops.said_books import said
from tests.ops.test_check_and_stuck import NOWHERE

FEW, MANY = 20, 120  # copies of some thirty cases
ALLOWED = 1.5
"""How much more than in proportion: sorting, and another plan where there is more."""
BESIDES = 20_000
"""Rows: where there is more, a table may be read whole that was read by its index."""


@contextmanager
def counted(database: Database) -> Iterator[list[float]]:
    """The rows that went through all the nodes of each query's plan, one number a query."""
    rows: list[float] = []

    def explain(
        connection: Connection, cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        if statement.lstrip().lower().startswith(("select", "with")):
            with cursor.connection.cursor() as beside:
                asked = f"explain (analyze, timing off, format json) {statement}"
                beside.execute(asked, parameters)
                rows.append(_rows(beside.fetchone()[0][0]["Plan"]))

    event.listen(database.engine, "before_cursor_execute", explain)
    yield rows
    event.remove(database.engine, "before_cursor_execute", explain)


def _rows(node: dict[str, Any]) -> float:
    told = ("Actual Rows", *(key for key in node if key.startswith("Rows Removed")))
    own = sum(node[key] for key in told) * node["Actual Loops"]
    return own + sum(map(_rows, node.get("Plans", ())))


@dataclass
class Sized:
    """The same books twice, copied less and more often, and what every query went through there."""

    checks: tuple[list[float], list[float]]
    stuck: tuple[list[float], list[float]]


@pytest.fixture(scope="module")
def sized(postgres: Postgres) -> Sized:
    name = "to_be_copied"
    postgres.create_database(name)
    upgrade(postgres.url(name))
    books = eventful(Database(postgres.url(name)))
    exchanged(books)
    said(books)
    books.write("update outbox set delivered_at = now()")
    books.read_gateways()
    books.database.close()
    measured = [_measured(postgres, name, books, copies) for copies in (FEW, MANY)]
    return Sized(*zip(*measured, strict=True))


def _measured(
    postgres: Postgres, of: str, books: Books, copies: int
) -> tuple[list[float], list[float]]:
    name = f"{of}_{copies}"
    outside = create_engine(postgres.url("postgres"), isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.exec_driver_sql(f"create database {name} template {of}")
    outside.dispose()
    books = copy.copy(books)
    books.database = Database(postgres.url(name))
    multiply(books.database, copies)
    book, workflows, seen = (
        multiplied(books.book, copies),
        books.workflows(),
        running(books.database),
    )
    with books.database.snapshot() as session:
        pin(session)
        with counted(books.database) as of_checks:
            findings = examine(session, graces=Graces(), book=book, workflows=workflows)
        with counted(books.database) as of_stuck:
            find_stuck(session, NOWHERE, datetime.now(UTC), seen)
    books.database.close()
    assert {each.check.id: each for each in findings if each.rows or each.not_run} == {}
    return of_checks, of_stuck


def grown(few: float, many: float) -> bool:
    return many > ALLOWED * few * MANY / FEW + BESIDES


def test_every_check_is_linear(sized: Sized) -> None:
    few, many = sized.checks
    assert len(few) == len(CHECKS)
    beyond = {
        check.id: (one, other)
        for check, one, other in zip(CHECKS, few, many, strict=True)
        if grown(one, other)
    }
    assert beyond == {}


def test_stuck_is_linear(sized: Sized) -> None:
    few, many = sized.stuck
    assert [each for each in zip(few, many, strict=True) if grown(*each)] == []
