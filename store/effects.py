"""What outside parties do for a case that is not money: planned, asked for, and known to be done.

Whatever wants something done plans a row in its own transaction; the case's workflow sees to the
open rows one by one. Under its deterministic key each is done at most once.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.cases import effect_id, effect_key
from domain.effects import OPEN, Action, EffectState
from store.tables import Bill, Case, Effect


def plan(
    session: Session, case: Case, action: Action, now: datetime, bill: Bill | None = None
) -> Effect:
    """Have it done (once more), to `bill` where it is about one: a new effect under a new key."""
    of_action = select(func.count()).where(Effect.case_id == case.case_id, Effect.action == action)
    n = session.scalars(of_action).one() + 1
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
        planned_at=now,
    )
    session.add(effect)
    session.flush()
    return effect


def of_case(session: Session, case_id: UUID, *actions: Action) -> list[Effect]:
    """The effects of a case, oldest first: all, or those of some actions."""
    found = select(Effect).where(Effect.case_id == case_id).order_by(Effect.planned_at, Effect.n)
    if actions:
        found = found.where(Effect.action.in_(actions))
    return list(session.scalars(found))


def open_actions(session: Session, case_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """What is not done yet, by case, in the order in which it was planned."""
    found = (
        select(Effect.case_id, Effect.action)
        .where(Effect.case_id.in_(case_ids), Effect.state.in_(OPEN))
        .order_by(Effect.planned_at, Effect.n)
    )
    waiting: dict[UUID, tuple[str, ...]] = {}
    for case_id, action in session.execute(found):
        waiting[case_id] = (*waiting.get(case_id, ()), action)
    return waiting


def withdraw(effect: Effect, code: str) -> None:
    """It is no longer wanted, and nobody was asked for it yet."""
    if effect.state == EffectState.PLANNED:
        effect.state, effect.code = EffectState.CANCELLED, code
