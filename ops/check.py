"""Do the books hold? Asks the gateway and Temporal, then looks at everything in one snapshot."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from domain.reconciliation import WAYS
from gateways.statements import KEY_REFUSED
from ops.progress import progress
from ops.reconcile import run, statements
from ops.target import Target
from ops.workflows import TemporalAway, seen
from store import gateway_book
from store.gateway_book import OtherGateway
from store.invariants import CHECKS, Check, Finding, Graces, Outside, examine, pin
from store.session import Database

SHOWN = 20  # rows of each violated check; their number is always told
SECOND_LOOK_AFTER = 3.0  # seconds
BOOK_TIMEOUT = (2, 30)  # seconds: connect, read

FRESH = timedelta(hours=2)  # the gateways are read every hour
NO_SANDBOX = "there is no sandbox here, and no list of the parties' own is at hand"


@dataclass(frozen=True)
class Result:
    """What came of one check. `status`: holds, violated, not_made."""

    finding: Finding
    status: str

    def as_json(self) -> dict[str, Any]:
        check, rows = self.finding.check, self.finding.rows
        return {
            "id": check.id,
            "severity": check.severity,
            "means": check.means,
            "status": self.status,
            "violations": None if self.status == "not_made" else len(rows),
            "rows": [_readable(row) for row in rows[:SHOWN]],
            "reason": self.finding.not_run,
        }


def check(target: Target, graces: Graces, *, as_json: bool) -> int:
    """Print what every check says. 0: all hold, 1: one is violated, 2: one could not be made."""
    database = Database(target.database, pool=2)
    try:
        results = look(database, target, graces)
    finally:
        database.close()
    if as_json:
        ok = all(result.status == "holds" for result in results)
        print(json.dumps({"ok": ok, "checks": [result.as_json() for result in results]}))
    else:
        show(results)
    statuses = {result.status for result in results}
    return 1 if "violated" in statuses else 2 if "not_made" in statuses else 0


def look(database: Database, target: Target, graces: Graces) -> list[Result]:
    """Every check. A difference to an outside party may be a moment old (its report is on the way
    to us), so it counts only if a second look still finds one.
    """
    results = _look(database, target, graces, CHECKS)
    outside = [r.finding.check for r in results if r.finding.check.needs and r.status == "violated"]
    if outside:
        time.sleep(SECOND_LOOK_AFTER)
        again = {r.finding.check.id: r for r in _look(database, target, graces, outside)}
        results = [again.get(result.finding.check.id, result) for result in results]
    return results


def _look(
    database: Database, target: Target, graces: Graces, checks: Sequence[Check]
) -> list[Result]:
    """Temporal and the gateways' lists are read before the snapshot, the sandbox's book after it:
    so what happens meanwhile never looks like a loss.
    """
    workflows = _workflows(database, target)
    asks_gateways = any(check.needs is Outside.GATEWAYS for check in checks)
    gateways = _gateways(database, target) if asks_gateways else None
    with database.snapshot() as session:
        pin(session)
        book = _book(target)
        # On standard error: the answer goes to standard output alone.
        with progress(Console(stderr=True), "check", len(checks), "checks") as done:
            found = examine(
                session,
                graces=graces,
                book=book,
                workflows=workflows,
                gateways=gateways,
                checks=checks,
                done=done,
            )
    return [Result(finding, _status(finding)) for finding in found]


def _status(finding: Finding) -> str:
    if finding.not_run is None:
        return "violated" if finding.rows else "holds"
    return "not_made"


def _gateways(database: Database, target: Target) -> str | None:
    """Bring `gateway_book` up to date as `reconcile` does. A terminal without the gateways'
    addresses, or without their keys, takes the worker's last reading while it is fresh. Else why
    not.
    """
    lists = statements(target)
    if len(lists) < len(WAYS):
        return _freshly_read(database)
    try:
        unread = run(database, lists).unread
    except OtherGateway as other:
        return f"the platform's gateway is {other}, and here another one is named"
    if unread and set(unread.values()) == {KEY_REFUSED}:
        return _freshly_read(database)
    reasons = [f"the gateway's list ({way}) was not read: {code}" for way, code in unread.items()]
    return reasons[0] if reasons else None


def _freshly_read(database: Database) -> str | None:
    late = datetime.now(UTC) - FRESH
    with database.begin() as session:
        readings = gateway_book.readings(session)
    if all(way in readings and readings[way].read_at > late for way in WAYS):
        return None
    return "the gateways' lists were not read of late: see `aftersales reconcile`"


def _book(target: Target) -> dict[str, Any] | str:
    if not target.parties_in_sandbox:
        return NO_SANDBOX
    try:
        answer = requests.get(f"{target.sandbox}/_sandbox/book", timeout=BOOK_TIMEOUT)
        answer.raise_for_status()
        return {**answer.json(), "ways": target.parties_in_sandbox}
    except (requests.RequestException, ValueError):
        return f"the sandbox at {target.sandbox} does not answer"


def _workflows(database: Database, target: Target) -> list[dict[str, str | None]] | str:
    try:
        found = seen(database, target)
    except TemporalAway as away:
        return str(away)
    return [
        {
            "id": name.partition("/")[2],
            "status": each.status,
            "stage": each.stage,
            "due_at": each.due_at.isoformat() if each.due_at else None,
        }
        for name, each in found.items()
    ]


def show(results: Sequence[Result]) -> None:
    """For a person: what is wrong first, with the rows to look at."""
    console = Console(highlight=False, soft_wrap=True)
    colours = {"holds": "green", "violated": "red", "not_made": "yellow"}
    for result in results:
        check, rows = result.finding.check, result.finding.rows
        number = f" ({len(rows)})" if rows else ""
        console.print(
            f"[{colours[result.status]}]{result.status:<14}[/] {check.id} {check.severity:<9}"
            f" never: {check.means}{number}"
        )
        if result.finding.not_run:
            console.print(f"{'':15}{result.finding.not_run}", style="dim", markup=False)
        if rows:
            console.print(_table(rows) if console.is_terminal else _lines(rows), markup=False)
    broken = sum(result.status == "violated" for result in results)
    missing = sum(result.status == "not_made" for result in results)
    console.print(
        f"{len(results)} checks: {broken} violated, {missing} could not be made",
        style="red" if broken else "yellow" if missing else "green",
    )


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(*rows[0], box=None, padding=(0, 2))
    for row in rows[:SHOWN]:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    return table


def _lines(rows: Sequence[dict[str, Any]]) -> str:
    return "\n".join(f"{'':15}{json.dumps(_readable(row))}" for row in rows[:SHOWN])


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """Ids and times as text; whole numbers stay numbers."""
    return {
        name: value if isinstance(value, int | list | None) else _whole(value)
        for name, value in row.items()
    }


def _whole(value: Any) -> int | str:
    text = str(value)
    return int(text) if text.lstrip("-").isdecimal() else text  # sums are numeric in PostgreSQL
