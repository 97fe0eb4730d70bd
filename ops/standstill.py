"""Why does it stand still? One query a reason, over cases, reviews and feedback alike."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from domain.cases import PayoutState, Stage
from domain.effects import EffectAction, EffectState
from ops.arrived import arrived
from ops.mending import (
    Stuck,
    answer,
    describe,
    difference,
    hold,
    item,
    look_at_worker,
    reachable,
    restart,
)
from ops.target import Target
from ops.undriven import GRACE, MOVED, SUBJECTS, undriven
from ops.workflows import Seen
from store import differences, holds
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
)
from workflows.details import WHY_PARKED, commands, submission_commands

IDLE = timedelta(minutes=5)
"""What a workflow should have done at once and has not done by then is not being done."""

PENDING = timedelta(days=3)
"""What a gateway has not paid by then it was asked about in vain: somebody calls them."""


def find_stuck(
    session: Session, target: Target, now: datetime, running: Mapping[str, Seen] | None
) -> list[Stuck]:
    """Each thing that is stuck under the gravest reason it has: those that no workflow drives
    first, then the longest stuck. `running` is what Temporal said just before of the workflows of
    all that was open or ran; None if it does not answer.
    """
    found: dict[str, Stuck] = {}
    for each in chain(
        _undelivered(session, target, now),
        undriven(session, target, now, running) if running is not None else (),
        *(reason(session, target, now) for reason in REASONS),
    ):
        found.setdefault(each.name, each)
    return sorted(found.values(), key=lambda each: (each.what not in UNDRIVEN, each.since))


UNDRIVEN = ("undelivered", "no_workflow", "stale")
"""Whatever else is wrong with these, nothing goes on before that is mended."""


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
        yield item(case, "parked", at, why, reachable(commands(view), target))


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
                and_(Payout.state == PayoutState.PENDING, PayoutAttempt.sent_at < now - PENDING),
            )
        )
    )
    for case, code, at in session.execute(asked):
        why = f"The gateway owes an answer and is asked on by itself. Last heard: {code or '-'}."
        yield item(case, "in_doubt", at, why, [describe(case, target)])


def _owed(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    """What a carrier, a shelf or a repair shop was asked for and has not said to have done. A bill
    that is open waits for its buyer, and owes nothing.
    """
    since = func.coalesce(Effect.unknown_since, Effect.requested_at)
    asked = (
        select(Case, Effect.action, Effect.effect_id, Effect.code, since)
        .join(Effect, Effect.case_id == Case.case_id)
        .where(
            Effect.state.in_((EffectState.REQUESTED, EffectState.UNKNOWN)),
            or_(Effect.action != EffectAction.COLLECT_BILL, Effect.reference.is_(None)),
            since < now - GRACE,
        )
    )
    for case, action, effect_id, code, at in session.execute(asked):
        why = f"{action} owes an answer and is asked on by itself. Last heard: {code or '-'}."
        resolve = f"aftersales resolve {case.case_id} {effect_id} --note NOTE --action"
        stated = reachable([f"{resolve} done --reference REFERENCE", f"{resolve} never"], target)
        yield item(case, "owed", at, why, [describe(case, target), *stated])


def _unpaid(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    """What is to be paid and is not: nothing was sent that the gateway could answer."""
    latest = (
        select(
            Payout.case_id,
            func.max(func.greatest(Payout.reserved_at, Payout.settled_at)).label("at"),
            func.max(Payout.code).filter(Payout.state == PayoutState.RESERVED).label("code"),
            func.bool_or(Payout.state.in_(OUT)).label("out"),
        )
        .group_by(Payout.case_id)
        .subquery()
    )
    last = func.greatest(MOVED, latest.c.at)
    paying = (
        select(Case, latest.c.code, last)
        .outerjoin(latest, latest.c.case_id == Case.case_id)
        .where(Case.stage == Stage.PAYING, last < now - IDLE, latest.c.out.is_not(True))
    )
    for case, code, at in session.execute(paying):
        why = f"It is to be paid, and nothing was sent. Last heard: {code or '-'}."
        yield item(case, "idle", at, why, [restart(case, target), look_at_worker(target)])


OUT = (PayoutState.SENDING, PayoutState.UNKNOWN, PayoutState.PENDING)
"""The gateway has it, as far as we know."""


def _undone(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    """What a case has to have done, and nobody was asked for."""
    waiting = (
        select(Case, Effect.action, Effect.planned_at)
        .join(Effect, Effect.case_id == Case.case_id)
        .where(Effect.state == EffectState.PLANNED, Effect.planned_at < now - IDLE)
        .order_by(Effect.planned_at)
    )
    for case, action, at in session.execute(waiting):
        why = f"{action} is to be done, and nobody was asked for it."
        yield item(case, "idle", at, why, [restart(case, target), look_at_worker(target)])


def _undelivered(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    for table, named, _ in SUBJECTS:
        waiting = (
            select(table, func.min(Outbox.created_at), func.max(Outbox.attempts))
            .join(Outbox, Outbox.subject == named)
            .where(Outbox.delivered_at.is_(None), Outbox.created_at < now - GRACE)
            .group_by(named)
        )
        for subject, at, attempts in session.execute(waiting):
            why = f"Temporal was not told of it in {attempts} attempts: is the worker alive?"
            yield item(subject, "undelivered", at, why, [look_at_worker(target)])


def _overdue(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    late = list(session.scalars(select(Case).where(Case.closed_at.is_(None), Case.due_at < now)))
    standing = views(session, late)
    for case in late:
        assert case.due_at is not None
        why = f"The {case.waiting_for} should have acted by now."
        mend = reachable(commands(standing[case.case_id]), target)
        yield item(case, "overdue", case.due_at, why, mend or [describe(case, target)])


def _overdue_submissions(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    overdue = Submission.closed_at.is_(None), Submission.due_at < now
    late = list(session.scalars(select(Submission).where(*overdue)))
    standing = submission_events.views(session, late)
    for said in late:
        assert said.due_at is not None
        why = f"The {said.waiting_for} should have acted by now."
        mend = reachable(submission_commands(standing[said.submission_id]), target)
        mend = mend or answer(standing[said.submission_id], target)
        yield item(said, "overdue", said.due_at, why, mend or [describe(said, target)])


def _differences(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    """What a gateway has otherwise than our books, until somebody has resolved it."""
    return (difference(found, target) for found in differences.live(session))


def _held(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    """All payouts, after a restore."""
    found = holds.standing(session)
    return iter([hold(found, target)] if found else [])


REASONS = (
    _held,
    _differences,
    _parked,
    _in_doubt,
    _owed,
    arrived,
    _unpaid,
    _undone,
    _overdue,
    _overdue_submissions,
)
"""Why something that a workflow drives stands still, the gravest first."""
