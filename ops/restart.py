"""How does a case, review or feedback go on, whose workflow was terminated, lost, reset, or comes
from an older Temporal database?
"""

import sys
from uuid import UUID

from ops.failures import Failed
from ops.target import Target
from ops.workflows import TemporalAway, seen
from store.outbox import wake
from store.session import Database


def restart(database: Database, one: str) -> None:
    """Have its workflow read the row, or started where none runs. What is closed is started no
    more, but a workflow of it that runs again ends by that.

    Harmless where all is well. Raises Failed if there is no such thing.
    """
    named = _id(one)
    with database.begin() as session:
        told = wake(session, [named])
    if not told:
        raise Failed(f"{one} is no case, review or feedback")
    if told[named]:
        print(f"{one} is woken, or started if it has no workflow")
    else:
        print(f"{one} is closed: a workflow of it that still runs will end")


def restart_all(database: Database, target: Target) -> None:
    """The same for all that is open, and for what is closed and has a workflow that runs."""
    try:
        running = [_id(name) for name, each in seen(database, target).items() if each.runs]
    except TemporalAway as away:
        print(f"aftersales: {away}, so only what is open is woken", file=sys.stderr)
        running = []
    with database.begin() as session:
        told = wake(session, running, and_open=True)
    waiting = sum(told.values())
    print(f"{waiting} open: woken, or started where they have no workflow")
    if ended := len(told) - waiting:
        print(f"{ended} closed: their workflows, which still run, will end")


def _id(text: str) -> UUID:
    try:
        return UUID(text.rpartition("/")[2])  # also as Temporal names it, review/<review_id>
    except ValueError:
        raise Failed(f"{text} is not the id of a case, review or feedback") from None
