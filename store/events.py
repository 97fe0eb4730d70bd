"""The one way a case changes: lock it, then append an event that says what happened.

Locks are always taken order, then case, so no two transactions wait for each other.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, tuple_
from sqlalchemy.orm import Session

from domain.cases import (
    TERMINAL,
    WAITING_FOR,
    Attention,
    Outcome,
    PayoutState,
    Stage,
    WaitingFor,
    may_follow,
)
from domain.deadlines import Deadlines
from domain.people import Actor, Automatic
from domain.refusals import Refusal, Why
from store.submissions import submission_events
from store.tables import Case, CaseEvent, Order, Outbox

IN_DOUBT = (PayoutState.SENDING, PayoutState.UNKNOWN)


def lock_order(session: Session, storefront: str, order_id: str) -> Order | None:
    """The order, locked until the transaction ends."""
    return session.get(Order, (storefront, order_id), with_for_update=True)


def lock(session: Session, case_id: UUID) -> Case:
    """The case, its order and itself locked. Raises Refusal(case-not-found)."""
    of_case = select(Case.storefront, Case.order_id).where(Case.case_id == case_id)
    session.execute(
        select(Order.order_id)
        .where(tuple_(Order.storefront, Order.order_id).in_(of_case))
        .with_for_update()
    )
    case = session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise Refusal(Why.CASE_NOT_FOUND)
    return case


def known(session: Session, case_id: UUID, message_id: str) -> bool:
    """True if this message has had its event already."""
    return bool(
        session.scalar(
            select(exists().where(CaseEvent.case_id == case_id, CaseEvent.message_id == message_id))
        )
    )


def times(session: Session, case_id: UUID, what: str) -> int:
    """How often this has happened to it."""
    such = select(func.count()).where(CaseEvent.case_id == case_id, CaseEvent.what == what)
    return session.scalars(such).one()


def handled(session: Session, case_id: UUID, ids: Sequence[str]) -> int:
    """How many of the first of these messages were settled before, since they or one after them has
    its event: they are settled in their order, and a count is the event of the last one counted.
    """
    had = select(CaseEvent.message_id).where(
        CaseEvent.case_id == case_id, CaseEvent.message_id.in_(ids)
    )
    return max((ids.index(str(one)) + 1 for one in session.scalars(had)), default=0)


def record(
    session: Session,
    case: Case,
    what: str,
    actor: Actor | Automatic,
    now: datetime,
    *,
    to: Stage | None = None,
    waiting_for: WaitingFor | None = None,
    deadlines: Deadlines | None = None,
    due_at: datetime | None = None,
    attention: Attention | None = None,
    outcome: Outcome | None = None,
    detail: str = "",
    message_id: str | None = None,
) -> None:
    """Append an event to a locked case, move it to stage `to` if one is given, and say for whom it
    waits from now on (`waiting_for`, or who usually acts in that stage) and until when (`due_at`,
    or as `deadlines` have it).

    `detail` holds ids, codes and amounts, or the note of the person who did it.
    """
    before = Stage(case.stage) if case.version else None
    after = to or Stage(case.stage)
    if not may_follow(before, after):
        raise RuntimeError(f"a case in {before} cannot go to {after}")
    if to is not None:
        acts = waiting_for or WAITING_FOR.get(to)
        _enter(case, to, acts, now, deadlines, due_at, attention, outcome)
    case.version += 1
    session.add(
        CaseEvent(
            case_id=case.case_id,
            seq=case.version,
            storefront=case.storefront,
            at=now,
            actor=actor.name,
            actor_kind=actor.kind,
            from_stage=before,
            to_stage=after,
            what=what,
            detail=detail,
            message_id=message_id,
            channel=actor.channel,
        )
    )
    session.flush()
    if to in TERMINAL:
        submission_events.case_closed(session, case.case_id)


def _enter(
    case: Case,
    stage: Stage,
    waiting_for: WaitingFor | None,
    now: datetime,
    deadlines: Deadlines | None,
    due_at: datetime | None,
    attention: Attention | None,
    outcome: Outcome | None,
) -> None:
    case.stage, case.waiting_for = stage, waiting_for
    case.attention, case.outcome = attention, outcome
    case.closed_at = now if stage in TERMINAL else None
    case.due_at = case.remind_at = None
    if stage in TERMINAL:
        return
    if deadlines is None:
        raise RuntimeError(f"no case waits in {stage} without a deadline")
    case.due_at = due_at or deadlines.due(stage, waiting_for, now)
    case.remind_at = deadlines.remind(stage, waiting_for, now, case.due_at)


BILL_NEWS = "bill_news"
"""The topic that has a case's workflow ask about the bill that is being collected."""

NEWS = "case_news"
"""The topic that only wakes a case's workflow: what has happened is in the case's row."""


def tell(session: Session, case: Case, topic: str, message_id: str | None = None) -> None:
    """Have the relay start or signal the case's workflow once this transaction is committed."""
    session.add(
        Outbox(storefront=case.storefront, case_id=case.case_id, topic=topic, message_id=message_id)
    )
