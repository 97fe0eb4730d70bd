"""Which workflows run, of all that is open or was, and where do they stand? Temporal is asked."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ops.target import Target
from store.session import Database
from store.tables import Case, Submission

if TYPE_CHECKING:
    from temporalio.client import Client, WorkflowExecution

AT_ONCE = 50
"""How many workflows are asked about by name at a time."""


class TemporalAway(RuntimeError):
    """Temporal does not answer. The message is one line."""


@dataclass(frozen=True)
class Seen:
    """A workflow as Temporal has it. `stage` and `due_at` are its search attributes, None where it
    has not got them.

    A stage is entered with a deadline of its own, so the two together tell one entry from another.
    """

    status: str
    stage: str | None = None
    due_at: datetime | None = None

    @property
    def runs(self) -> bool:
        return self.status == "RUNNING"

    def behind(self, stage: str, due_at: datetime | None) -> bool:
        """Whether it waits for something else than its row, which stands like that, says."""
        if self.stage is None:
            return False
        if self.stage != stage or (self.due_at is None) != (due_at is None):
            return True
        # Visibility stores keep less than microseconds.
        return bool(self.due_at and due_at and abs(self.due_at - due_at) > timedelta(seconds=1))


def seen(database: Database, target: Target) -> dict[str, Seen]:
    """Every workflow that runs or should, by its id. Raises TemporalAway."""
    # Late: nothing else here needs the client, which takes long to import.
    from temporalio.service import RPCError  # noqa: PLC0415

    with database.begin() as session:
        waiting = {
            f"{kind}/{named}"
            for table, key in ((Case, Case.case_id), (Submission, Submission.submission_id))
            for kind, named in session.execute(
                select(table.kind, key).where(table.closed_at.is_(None))
            )
        }
    try:
        return asyncio.run(_asked(target, waiting))
    except (RuntimeError, RPCError, TimeoutError):
        raise TemporalAway(f"Temporal at {target.temporal} does not answer") from None


async def _asked(target: Target, waiting: set[str]) -> dict[str, Seen]:
    """The list lags behind, so whatever it has otherwise than we do is asked about by name."""
    from runtime.client import connect  # noqa: PLC0415
    from runtime.settings import settings  # noqa: PLC0415
    from workflows import TASK_QUEUE  # noqa: PLC0415

    client = await asyncio.wait_for(
        connect(settings().model_copy(update={"temporal": target.temporal})), 10
    )
    running = f"TaskQueue = '{TASK_QUEUE}' and ExecutionStatus = 'Running'"
    listed = {w.id: _seen(w) async for w in client.list_workflows(running) if "/" in w.id}
    found = {name: listed[name] for name in listed.keys() & waiting}
    return found | await _described(client, listed.keys() ^ waiting)


async def _described(client: "Client", names: Iterable[str]) -> dict[str, Seen]:
    from temporalio.service import RPCError, RPCStatusCode  # noqa: PLC0415

    turn = asyncio.Semaphore(AT_ONCE)
    found: dict[str, Seen] = {}

    async def describe(name: str) -> None:
        async with turn:
            try:
                found[name] = _seen(await client.get_workflow_handle(name).describe())
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise

    await asyncio.gather(*map(describe, names))
    return found


def _seen(execution: "WorkflowExecution") -> Seen:
    from workflows.attributes import CASE_DUE_AT, CASE_STAGE  # noqa: PLC0415

    told: Any = execution.typed_search_attributes
    status = execution.status.name if execution.status else "UNKNOWN"
    return Seen(status, told.get(CASE_STAGE), told.get(CASE_DUE_AT))
