"""What does not move without a person, since when, why, and which command mends it?"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from domain.cases import PayoutState, Stage
from domain.effects import EffectState
from ops.target import Target
from store import submissions
from store.cases import views
from store.session import Database
from store.tables import Case, CaseEvent, Effect, Outbox, Payout, PayoutAttempt, Submission
from workflows.details import WHY_PARKED, commands, submission_commands

GRACE = timedelta(minutes=1)
"""What Temporal has not been told by then, and a call still out by then, is stuck."""


@dataclass(frozen=True)
class Stuck:
    """One case, review or feedback that stands still; `case_id` is the id of any of them. `what`:
    parked, in_doubt, owed, undelivered, overdue.
    """

    case_id: str
    kind: str
    storefront: str
    what: str
    stage: str
    since: datetime
    why: str
    commands: list[str]


def stuck(target: Target, *, as_json: bool) -> None:
    """Print everything that stands still, once, the longest stuck first."""
    database = Database(target.database, pool=2)
    try:
        with database.snapshot() as session:
            found = find_stuck(session, target, datetime.now(UTC))
    finally:
        database.close()
    if as_json:
        print(json.dumps({"stuck": [_as_json(item) for item in found]}))
    else:
        _show(found)


def find_stuck(session: Session, target: Target, now: datetime) -> list[Stuck]:
    """Each under the gravest reason it has."""
    found: dict[str, Stuck] = {}
    for kind in (_parked, _in_doubt, _owed, _undelivered, _overdue, _unheard):
        for item in kind(session, target, now):
            found.setdefault(item.case_id, item)
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
    waiting = (
        select(Case, Submission, func.min(Outbox.created_at), func.max(Outbox.attempts))
        .select_from(Outbox)
        .outerjoin(Case, Outbox.case_id == Case.case_id)
        .outerjoin(Submission, Outbox.submission_id == Submission.submission_id)
        .where(Outbox.delivered_at.is_(None), Outbox.created_at < now - GRACE)
        .group_by(Case.case_id, Submission.submission_id)
    )
    for case, said, at, attempts in session.execute(waiting):
        why = f"Temporal was not told of it in {attempts} attempts: is the worker alive?"
        yield _item(case or said, "undelivered", at, why, [_look_at_worker(target)])


def _overdue(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    late = list(session.scalars(select(Case).where(Case.closed_at.is_(None), Case.due_at < now)))
    standing = views(session, late)
    for case in late:
        assert case.due_at is not None
        why = f"The {case.waiting_for} should have acted by now."
        mend = _reachable(commands(standing[case.case_id]), target)
        yield _item(case, "overdue", case.due_at, why, mend or [_describe(case, target)])


def _unheard(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    """Reviews and feedback that nobody dealt with in time."""
    late = list(
        session.scalars(
            select(Submission).where(Submission.closed_at.is_(None), Submission.due_at < now)
        )
    )
    standing = submissions.views(session, late)
    for said in late:
        assert said.due_at is not None
        why = f"The {said.waiting_for} should have acted by now."
        mend = _reachable(submission_commands(standing[said.submission_id]), target)
        yield _item(said, "overdue", said.due_at, why, mend or [_describe(said, target)])


def _item(
    subject: Case | Submission, what: str, since: datetime, why: str, mend: list[str]
) -> Stuck:
    named, place = str(_id(subject)), subject.storefront
    return Stuck(named, subject.kind, place, what, subject.stage, since, why, mend)


def _id(subject: Case | Submission) -> UUID:
    return subject.case_id if isinstance(subject, Case) else subject.submission_id


def _reachable(typed: list[str], target: Target) -> list[str]:
    """The commands with what they need to find this very platform."""
    return [
        f"{line} --address {target.temporal}"
        if line.startswith("temporal ")
        else f"{line}{_data(target)}"
        for line in typed
    ]


def _describe(subject: Case | Submission, target: Target) -> str:
    name = f"{subject.kind}/{_id(subject)}"
    return f"temporal workflow describe --workflow-id {name} --address {target.temporal}"


def _look_at_worker(target: Target) -> str:
    if target.folder:
        return f"tail {target.folder}/logs/worker.log"
    return "docker compose restart worker"


def _data(target: Target) -> str:
    return f" --data {target.folder}" if target.folder not in (None, Path(".aftersales")) else ""


def _as_json(item: Stuck) -> dict[str, Any]:
    return asdict(item) | {"since": f"{item.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}


def _show(found: list[Stuck]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for item in found:
        console.print(
            f"[bold]{item.case_id}[/] {item.what} since {item.since:%Y-%m-%d %H:%M} UTC,"
            f" {item.kind} {item.stage}, {item.storefront}"
        )
        console.print(f"  {item.why}", markup=False)
        for command in item.commands:
            console.print(f"  {command}", style="cyan", markup=False)
    console.print(f"{len(found)} stuck" if found else "nothing is stuck", style="bold")
