"""Which workflows run, of all that is open or was? Temporal is asked."""

import asyncio

from sqlalchemy import select

from ops.target import Target
from store.session import Database
from store.tables import Case, Submission


class TemporalAway(RuntimeError):
    """Temporal does not answer. The message is one line."""


def statuses(database: Database, target: Target) -> dict[str, str]:
    """The state of every workflow that runs or should, by its id. Raises TemporalAway."""
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


async def _asked(target: Target, waiting: set[str]) -> dict[str, str]:
    """The list lags behind, so whatever it has otherwise than we do is asked about by name."""
    from temporalio.service import RPCError, RPCStatusCode  # noqa: PLC0415

    from runtime.client import connect  # noqa: PLC0415
    from runtime.settings import settings  # noqa: PLC0415
    from workflows import TASK_QUEUE  # noqa: PLC0415

    client = await asyncio.wait_for(
        connect(settings().model_copy(update={"temporal": target.temporal})), 10
    )
    running = f"TaskQueue = '{TASK_QUEUE}' and ExecutionStatus = 'Running'"
    listed = {w.id async for w in client.list_workflows(running) if "/" in w.id}
    found = dict.fromkeys(listed & waiting, "RUNNING")
    for name in sorted(listed ^ waiting):
        try:
            described = await client.get_workflow_handle(name).describe()
            found[name] = described.status.name if described.status else "UNKNOWN"
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
    return found
