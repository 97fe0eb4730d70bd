"""What does no workflow drive, whatever its row says? Nothing goes on before it is restarted."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ops.mending import Stuck, item, restart
from ops.target import Target
from ops.workflows import Seen
from store.tables import Case, CaseEvent, Submission, SubmissionEvent

GRACE = timedelta(minutes=1)
"""What Temporal has not been told by then, and a call still out by then, is stuck."""


def _last(at: Any, of: Any, named: Any) -> Any:
    return select(func.max(at)).where(of == named).scalar_subquery()


MOVED = _last(CaseEvent.at, CaseEvent.case_id, Case.case_id)
"""When something happened to a case last."""

NOT_THERE = Seen("NOT_THERE")

SUBJECTS: tuple[Any, ...] = (
    (Case, Case.case_id, MOVED),
    (
        Submission,
        Submission.submission_id,
        _last(SubmissionEvent.at, SubmissionEvent.submission_id, Submission.submission_id),
    ),
)
"""What has a workflow, what names it, and when something happened to it last."""


def undriven(
    session: Session, target: Target, now: datetime, running: Mapping[str, Seen]
) -> Iterator[Stuck]:
    """What has no workflow, or one that is older than its row, open or closed: it was terminated,
    lost or reset, or comes from an older Temporal database.
    """
    wrong: dict[UUID, tuple[str, str, datetime]] = {}
    over = {name for name, workflow in running.items() if workflow.runs}
    # Of all that is open hardly one is looked for: only that one is loaded whole.
    for table, named, moved in SUBJECTS:
        columns = select(named, table.kind, table.stage, table.due_at, moved)
        for key, kind, stage, due_at, since in session.execute(
            columns.where(table.closed_at.is_(None))
        ):
            name = f"{kind}/{key}"
            over.discard(name)
            told = _wrong(running.get(name, NOT_THERE), stage, due_at)
            if told and since < now - GRACE:
                wrong[key] = (*told, since)
    ids = [UUID(name.partition("/")[2]) for name in over]
    for table, named, _ in SUBJECTS:
        closed = select(named, table.kind, table.stage, table.closed_at).where(
            named.in_(ids), table.closed_at < now - GRACE
        )
        for key, kind, stage, since in session.execute(closed):
            workflow = running.get(f"{kind}/{key}", NOT_THERE)
            # One that knows of the end may still have a pickup to call off.
            if workflow.behind(stage, None):
                why = f"It is closed, and an older workflow of it waits in {workflow.stage}."
                wrong[key] = "stale", why, since
        for subject in session.scalars(select(table).where(named.in_(wrong))):
            what, why, since = wrong[getattr(subject, named.key)]
            yield item(subject, what, since, why, [restart(subject, target)])


def _wrong(workflow: Seen, stage: str, due_at: datetime | None) -> tuple[str, str] | None:
    """What is wrong with the workflow of something open that stands like this, and why."""
    if not workflow.runs:
        status = workflow.status.lower().replace("_", " ")
        why = f"It is open and its workflow is {status}: nothing goes on, nobody is reminded."
        return "no_workflow", why
    if workflow.behind(stage, due_at):
        return "stale", f"Its workflow is older than it, and waits in {workflow.stage}."
    return None
