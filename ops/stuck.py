"""`aftersales stuck`: what does not move without a person, and the command that mends it."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from ops.mending import Stuck
from ops.standstill import find_stuck
from ops.target import Target
from ops.workflows import TemporalAway, seen
from store.invariants import pin
from store.session import Database


def stuck(target: Target, *, as_json: bool) -> None:
    """Print everything that stands still, once: what has no workflow first, then the longest."""
    database = Database(target.database, pool=2)
    try:
        try:
            running = seen(database, target)
        except TemporalAway as away:
            print(f"aftersales: {away}, so what has no workflow is not shown", file=sys.stderr)
            running = None
        with database.snapshot() as session:
            pin(session)
            found = find_stuck(session, target, datetime.now(UTC), running)
    finally:
        database.close()
    if as_json:
        print(json.dumps({"stuck": [_as_json(item) for item in found]}))
    else:
        _show(found)


def _as_json(item: Stuck) -> dict[str, Any]:
    return asdict(item) | {"since": f"{item.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}


def _show(found: list[Stuck]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for item in found:
        waits = f" waits for the {item.waiting_for}," if item.waiting_for else ""
        console.print(
            f"[bold]{item.name}[/] {item.what} since {item.since:%Y-%m-%d %H:%M} UTC,"
            f" {item.stage},{waits} {item.storefront}"
        )
        console.print(f"  {item.why}", markup=False)
        for command in item.commands:
            console.print(f"  {command}", style="cyan", markup=False)
    console.print(f"{len(found)} stuck" if found else "nothing is stuck", style="bold")
