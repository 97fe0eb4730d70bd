"""What outside parties do for a case that is not money: planned, asked for, and known to be done.

Whatever wants something done plans a row in its own transaction; the case's workflow sees to the
open rows one by one. Under its deterministic key each is done at most once.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.cases import effect_id, effect_key
from domain.effects import OPEN, Action, EffectState
from store.tables import Bill, Case, Effect

MOMENT = timedelta(microseconds=1)
"""The least by which one time in the database is later than another."""


def plan(
    session: Session, case: Case, action: Action, now: datetime, bill: Bill | None = None
) -> Effect:
    """Have it done (once more), to `bill` where it is about one: a new effect under a new key.

    It is planned later than every other of its case, by a moment if need be: what is planned at
    one time, or by a machine whose clock is slow, is done in this order all the same.
    """
    of_action = func.count().filter(Effect.action == action)
    before = select(of_action, func.max(Effect.planned_at)).where(Effect.case_id == case.case_id)
    count, last = session.execute(before).one()
    n = count + 1
    named = effect_id(case.case_id, action, n)
    effect = Effect(
        effect_id=named,
        storefront=case.storefront,
        case_id=case.case_id,
        action=action,
        n=n,
        bill_id=bill.bill_id if bill else None,
        state=EffectState.PLANNED,
        key=effect_key(named),
        code="",
        asked=0,
        planned_at=max(now, last + MOMENT) if last else now,
    )
    session.add(effect)
    session.flush()
    return effect


def of_case(session: Session, case_id: UUID, *actions: Action) -> list[Effect]:
    """The effects of a case, oldest first: all, or those of some actions."""
    found = select(Effect).where(Effect.case_id == case_id).order_by(Effect.planned_at)
    if actions:
        found = found.where(Effect.action.in_(actions))
    return list(session.scalars(found))


def next_open(session: Session, case_id: UUID) -> Effect | None:
    """What is to be done for the case now: of what is not done, what was planned first."""
    waiting = select(Effect).where(Effect.case_id == case_id, Effect.state.in_(OPEN))
    return session.scalars(waiting.order_by(Effect.planned_at).limit(1)).first()


@dataclass(frozen=True)
class Planned:
    """What a case has to have done: what is `open`, in the order in which it was planned, and how
    much there ever was.
    """

    open: tuple[str, ...] = ()
    ever: int = 0


def planned(session: Session, case_ids: Sequence[UUID]) -> defaultdict[UUID, Planned]:
    """What these cases have to have done, by case."""
    found = (
        select(Effect.case_id, Effect.action, Effect.state)
        .where(Effect.case_id.in_(case_ids))
        .order_by(Effect.planned_at)
    )
    plans: defaultdict[UUID, Planned] = defaultdict(Planned)
    for case_id, action, state in session.execute(found):
        before = plans[case_id]
        waiting = (*before.open, action) if state in OPEN else before.open
        plans[case_id] = Planned(waiting, before.ever + 1)
    return plans


def withdraw(effect: Effect, code: str) -> None:
    """It is no longer wanted, and nobody was asked for it yet."""
    if effect.state == EffectState.PLANNED:
        effect.state, effect.code = EffectState.CANCELLED, code
