"""What does no workflow drive, whatever its row says? Nothing goes on before it is restarted."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ops.mending import Stuck, item, name, restart
from ops.target import Target
from ops.workflows import Seen
from store.tables import Case, CaseEvent, Submission, SubmissionEvent

GRACE = timedelta(minutes=1)
"""What Temporal has not been told by then, and a call still out by then, is stuck."""


def _last(at: Any, of: Any, named: Any) -> Any:
    return select(func.max(at)).where(of == named).scalar_subquery()


MOVED = _last(CaseEvent.at, CaseEvent.case_id, Case.case_id)
"""When something happened to a case last."""

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
    """What has no workflow, or one that is older than its row, open or closed."""
    yield from _open(session, target, now, running)
    yield from _closed(session, target, now, running)


def _open(
    session: Session, target: Target, now: datetime, running: Mapping[str, Seen]
) -> Iterator[Stuck]:
    """Its workflow was terminated or lost, or waits for what is long over, as
    one that was reset or comes from an older Temporal database.
    """
    for table, _, moved in SUBJECTS:
        waiting = select(table, moved).where(table.closed_at.is_(None), moved < now - GRACE)
        for subject, since in session.execute(waiting):
            workflow = running.get(name(subject), Seen("NOT_THERE"))
            if not workflow.runs:
                said = workflow.status.lower().replace("_", " ")
                why = f"It is open and its workflow is {said}: nothing goes on, nobody is reminded."
                yield item(subject, "no_workflow", since, why, [restart(subject, target)])
            elif workflow.behind(subject.stage, subject.due_at):
                why = f"Its workflow is older than it, and waits in {workflow.stage}."
                yield item(subject, "stale", since, why, [restart(subject, target)])


def _closed(
    session: Session, target: Target, now: datetime, running: Mapping[str, Seen]
) -> Iterator[Stuck]:
    """An older workflow of what is closed, which runs again. One that knows of the end may still
    have a pickup to call off.
    """
    ids = [UUID(key.partition("/")[2]) for key, workflow in running.items() if workflow.runs]
    for table, named, _ in SUBJECTS:
        closed = select(table).where(named.in_(ids), table.closed_at < now - GRACE)
        for subject in session.scalars(closed):
            workflow = running.get(name(subject))
            if workflow and workflow.behind(subject.stage, None):
                why = f"It is closed, and an older workflow of it waits in {workflow.stage}."
                yield item(subject, "stale", subject.closed_at, why, [restart(subject, target)])
