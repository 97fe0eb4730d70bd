"""Why does it stand still? One query a reason, over cases, reviews and feedback alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from domain.cases import PayoutState, Stage
from domain.effects import EffectState
from domain.submissions import SubmissionStage, SubmissionView
from ops.target import Target
from store.cases import views
from store.submissions import submission_events
from store.tables import (
    Case,
    CaseEvent,
    Effect,
    Outbox,
    Payout,
    PayoutAttempt,
    Submission,
    SubmissionEvent,
)
from workflows.details import WHY_PARKED, commands, submission_commands

GRACE = timedelta(minutes=1)
"""What Temporal has not been told by then, and a call still out by then, is stuck."""


SUBJECTS: tuple[Any, ...] = (
    (Case, Case.case_id, CaseEvent.case_id, CaseEvent.at),
    (Submission, Submission.submission_id, SubmissionEvent.submission_id, SubmissionEvent.at),
)
"""What has a workflow, what names it, and to what and when something happened."""


@dataclass(frozen=True)
class Stuck:
    """A case, review or feedback that stands still: it has the one id or the other.

    `what`: parked, in_doubt, owed, undelivered, no_workflow, overdue.
    """

    case_id: str | None
    submission_id: str | None
    kind: str
    storefront: str
    what: str
    stage: str
    waiting_for: str | None
    since: datetime
    why: str
    commands: list[str]

    @property
    def name(self) -> str:
        """As its workflow is named."""
        return f"{self.kind}/{self.case_id or self.submission_id}"


def find_stuck(
    session: Session, target: Target, now: datetime, running: Mapping[str, str] | None
) -> list[Stuck]:
    """Each thing that is stuck under the gravest reason it has. `running` is what Temporal said
    just before of the workflows of all that was open; None if it does not answer.
    """
    found: dict[str, Stuck] = {}
    for reason in (_parked, _in_doubt, _owed, _undelivered):
        for item in reason(session, target, now):
            found.setdefault(item.name, item)
    if running is not None:
        for item in _without_workflow(session, target, now, running):
            found.setdefault(item.name, item)
    for late in (_overdue, _overdue_submissions):
        for item in late(session, target, now):
            found.setdefault(item.name, item)
    return sorted(found.values(), key=lambda item: item.since)


def _parked(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    since = (
        select(func.max(CaseEvent.at))
        .where(
            CaseEvent.case_id == Case.case_id,
            CaseEvent.to_stage == Stage.NEEDS_ATTENTION,
            CaseEvent.from_stage != Stage.NEEDS_ATTENTION,
        )
        .scalar_subquery()
    )
    code = (
        select(Payout.code)
        .where(Payout.case_id == Case.case_id, Payout.code != "")
        .order_by(Payout.n.desc())
        .limit(1)
        .scalar_subquery()
    )
    parked = session.execute(
        select(Case, since, code).where(Case.stage == Stage.NEEDS_ATTENTION)
    ).all()
    standing = views(session, [case for case, _, _ in parked])
    for case, at, said in parked:
        view = standing[case.case_id]
        assert view.attention is not None  # a CHECK: whatever is parked says why
        why = WHY_PARKED[view.attention] + (f" It said: {said}." if said else "")
        yield _item(case, "parked", at, why, _reachable(commands(view), target))


def _in_doubt(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    since = func.coalesce(Payout.unknown_since, PayoutAttempt.sent_at)
    asked = (
        select(Case, Payout.code, since)
        .join(Payout, Payout.case_id == Case.case_id)
        .join(
            PayoutAttempt,
            and_(
                PayoutAttempt.payout_id == Payout.payout_id,
                PayoutAttempt.attempt == Payout.attempt,
            ),
        )
        .where(
            or_(
                Payout.state == PayoutState.UNKNOWN,
                and_(Payout.state == PayoutState.SENDING, PayoutAttempt.sent_at < now - GRACE),
            )
        )
    )
    for case, code, at in session.execute(asked):
        why = f"The gateway owes an answer and is asked on by itself. Last heard: {code or '-'}."
        yield _item(case, "in_doubt", at, why, [_describe(case, target)])


def _owed(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    """What a carrier, a shelf or a repair shop was asked for and has not said to have done."""
    since = func.coalesce(Effect.unknown_since, Effect.requested_at)
    asked = (
        select(Case, Effect.action, Effect.code, since)
        .join(Effect, Effect.case_id == Case.case_id)
        .where(Effect.state.in_((EffectState.REQUESTED, EffectState.UNKNOWN)), since < now - GRACE)
    )
    for case, action, code, at in session.execute(asked):
        why = f"{action} owes an answer and is asked on by itself. Last heard: {code or '-'}."
        yield _item(case, "owed", at, why, [_describe(case, target)])


def _undelivered(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    for table, named, _, _ in SUBJECTS:
        waiting = (
            select(table, func.min(Outbox.created_at), func.max(Outbox.attempts))
            .join(Outbox, Outbox.subject == named)
            .where(Outbox.delivered_at.is_(None), Outbox.created_at < now - GRACE)
            .group_by(named)
        )
        for subject, at, attempts in session.execute(waiting):
            why = f"Temporal was not told of it in {attempts} attempts: is the worker alive?"
            yield _item(subject, "undelivered", at, why, [_look_at_worker(target)])


def _without_workflow(
    session: Session, target: Target, now: datetime, running: Mapping[str, str]
) -> Iterator[Stuck]:
    """What nobody is reminded of, because its workflow was terminated or lost."""
    for table, named, of, at in SUBJECTS:
        moved = select(func.max(at)).where(of == named).scalar_subquery()
        waiting = select(table, moved).where(table.closed_at.is_(None), moved < now - GRACE)
        for subject, since in session.execute(waiting):
            status = running.get(_name(subject))
            if status != "RUNNING":
                said = status.lower() if status else "not there"
                why = f"It is open and its workflow is {said}: nobody is reminded."
                mend = _reachable([f"aftersales restart {_name(subject)}"], target)
                yield _item(subject, "no_workflow", since, why, mend)


def _overdue(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    late = list(session.scalars(select(Case).where(Case.closed_at.is_(None), Case.due_at < now)))
    standing = views(session, late)
    for case in late:
        assert case.due_at is not None
        why = f"The {case.waiting_for} should have acted by now."
        mend = _reachable(commands(standing[case.case_id]), target)
        yield _item(case, "overdue", case.due_at, why, mend or [_describe(case, target)])


def _overdue_submissions(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    overdue = Submission.closed_at.is_(None), Submission.due_at < now
    late = list(session.scalars(select(Submission).where(*overdue)))
    standing = submission_events.views(session, late)
    for said in late:
        assert said.due_at is not None
        why = f"The {said.waiting_for} should have acted by now."
        mend = _reachable(submission_commands(standing[said.submission_id]), target)
        mend = mend or _answer(standing[said.submission_id], target)
        yield _item(said, "overdue", said.due_at, why, mend or [_describe(said, target)])


def _answer(said: SubmissionView, target: Target) -> list[str]:
    """What is to be answered is answered over HTTP alone: no words of the shop go to Temporal."""
    if said.stage != SubmissionStage.AWAITING_ANSWER:
        return []
    return [
        f"curl -X POST {target.api}/v1/feedback/{said.submission_id}/answer"
        " -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json'"
        """ -d '{"content": "ANSWER"}'"""
    ]


def _item(
    subject: Case | Submission, what: str, since: datetime, why: str, mend: list[str]
) -> Stuck:
    return Stuck(
        case_id=str(subject.case_id) if isinstance(subject, Case) else None,
        submission_id=None if isinstance(subject, Case) else str(subject.submission_id),
        kind=subject.kind,
        storefront=subject.storefront,
        what=what,
        stage=subject.stage,
        waiting_for=subject.waiting_for,
        since=since,
        why=why,
        commands=mend,
    )


def _name(subject: Case | Submission) -> str:
    named = subject.case_id if isinstance(subject, Case) else subject.submission_id
    return f"{subject.kind}/{named}"


def _reachable(typed: list[str], target: Target) -> list[str]:
    """The commands with what they need to find this very platform."""
    return [
        f"{line} --address {target.temporal}"
        if line.startswith("temporal ")
        else f"{line}{_data(target)}"
        for line in typed
    ]


def _describe(subject: Case | Submission, target: Target) -> str:
    named = _name(subject)
    return f"temporal workflow describe --workflow-id {named} --address {target.temporal}"


def _look_at_worker(target: Target) -> str:
    if target.folder:
        return f"tail {target.folder}/logs/worker.log"
    return "docker compose restart worker"


def _data(target: Target) -> str:
    return f" --data {target.folder}" if target.folder not in (None, Path(".aftersales")) else ""
