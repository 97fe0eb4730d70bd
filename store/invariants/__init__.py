"""What has to be true of the books, whatever happened? Each check is one query that an operator can
run by hand; it returns the rows that break it.

Ids are those of the study they come from where they are the same; they are stable, alarms name
them. Parameters: `grace` and `stuck` are intervals, `edges` the legal moves between stages of cases
and `moves` those of submissions, `workflows` what Temporal says runs, and each list in the book of
the parties outside is a parameter of its name.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.cases import FOLLOWS
from domain.stripe_amounts import in_minor_units
from domain.submissions import SUBMISSION_FOLLOWS
from store.invariants import (
    cases,
    charges,
    exchanges,
    goods,
    money,
    people,
    ratings,
    repairs,
    stock,
    submissions,
    texts,
    units,
)
from store.invariants import (
    gateways as listed,
)
from store.invariants.check import Check, Outside, Severity

__all__ = ["CHECKS", "Check", "Finding", "Graces", "Outside", "Severity", "examine", "pin"]

CHECKS: Sequence[Check] = (
    *money.CHECKS,
    *charges.CHECKS,
    *listed.CHECKS,
    *units.CHECKS,
    *goods.CHECKS,
    *exchanges.CHECKS,
    *repairs.CHECKS,
    *stock.CHECKS,
    *cases.CHECKS,
    *people.CHECKS,
    *texts.CHECKS,
    *ratings.CHECKS,
    *submissions.CHECKS,
)

LISTS = ("charges", "checkouts", "refunds", "shipments", "transfers", "work_orders")
"""What parties outside keep of what they did for us."""

MONEY = ("refunds", "transfers")
"""Those with amounts of money."""

PATIENCE = timedelta(minutes=10)
"""A check over years of cases is slow, and nobody waits for its locks: it takes none."""

SETTINGS = ("enable_nestloop = off", "jit = off", "work_mem = '64MB'")
"""Whole tables are compared. PostgreSQL takes what is told from outside, of which it has no
statistics, for a handful of rows, and would go through all of it for each row of ours.
"""


@dataclass(frozen=True)
class Graces:
    """How long what is under way may take: `grace` machines, `stuck` money on its way."""

    grace: timedelta = timedelta(minutes=2)
    stuck: timedelta = timedelta(days=3)


@dataclass(frozen=True)
class Finding:
    """The rows that break a check; `not_run` says why it could not be made at all."""

    check: Check
    rows: list[dict[str, Any]]
    not_run: str | None = None


NO_LIST = {
    "original": "the payment gateway is not the sandbox, and what buyers paid there is not read",
    "carrier": "the carrier is not the sandbox, and no list of its own is at hand",
    "repair_shop": "the repair shop is not the sandbox, and no list of its own is at hand",
}
"""Why a check of a party's own book cannot be made."""


def pin(session: Session) -> None:
    """Fix the moment that `session` sees, before anything outside is asked about."""
    session.execute(text(f"set local statement_timeout = {int(PATIENCE.total_seconds() * 1000)}"))
    session.execute(text("set local idle_in_transaction_session_timeout = 0"))
    session.execute(text("select from cases limit 1"))


def examine(
    session: Session,
    *,
    graces: Graces,
    book: dict[str, Any] | str,
    workflows: Sequence[Mapping[str, str | None]] | str,
    gateways: str | None = None,
    checks: Sequence[Check] = CHECKS,
    done: Callable[[int], None] = lambda _: None,
) -> list[Finding]:
    """Every check, in one snapshot (`Database.snapshot`).

    `book` is the sandbox's own, in its units, with the parties (`ways`) whose it is, `workflows` a
    `{id, status, stage, due_at}` for each workflow that is open or should be; a text instead, or
    `gateways`, says why the checks that need them cannot be made. `done` is told how many checks
    were made so far.
    """
    counted = {} if isinstance(book, str) else in_our_units(book)
    outside = {Outside.BOOK: book, Outside.WORKFLOWS: workflows}
    away = {Outside.GATEWAYS: gateways, **{p: t for p, t in outside.items() if isinstance(t, str)}}
    values: dict[str, Any] = {
        "grace": graces.grace,
        "stuck": graces.stuck,
        "edges": _pairs(FOLLOWS),
        "moves": _pairs(SUBMISSION_FOLLOWS),
        "workflows": json.dumps(workflows),
        **{name: json.dumps(rows) for name, rows in counted.items()},
    }
    for setting in SETTINGS:
        session.execute(text(f"set local {setting}"))
    findings: list[Finding] = []
    for check in checks:
        why = away.get(check.needs) if check.needs else None
        if why is None and check.party and check.party not in book["ways"]:  # type: ignore[index]
            why = NO_LIST[check.party]
        if why is not None:
            findings.append(Finding(check, [], not_run=why))
        else:
            findings.append(Finding(check, _rows(session, check, values)))
        done(len(findings))
    return findings


def in_our_units(book: dict[str, Any]) -> dict[str, Any]:
    """The statement with amounts in minor units, a part of one written out: so a refund that was
    sent in the wrong unit is not what our payout is.
    """
    counted = {name: [_counted(row) for row in book.get(name, ())] for name in MONEY}
    return {**dict.fromkeys(LISTS, ()), **book, **counted}


def _counted(row: dict[str, Any]) -> dict[str, Any]:
    try:
        amount = in_minor_units(row["amount"], row["currency"])
    except ValueError:
        return row  # no such currency was ever ours to send
    return {**row, "amount": str(Decimal(amount.numerator) / Decimal(amount.denominator))}


def _pairs(follows: Mapping[Any, Collection[Any]]) -> str:
    return json.dumps([[before, after] for before, to in follows.items() for after in to])


def _rows(session: Session, check: Check, values: dict[str, Any]) -> list[dict[str, Any]]:
    statement = text(check.query)
    used = {name: values[name] for name in statement.compile().params}
    rows = [dict(row) for row in session.execute(statement, used).mappings()]
    if check.keeps:
        return [row for row in rows if check.keeps(row.pop("text"))]
    return rows
