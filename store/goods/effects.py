"""What outside parties do for a case that is not money: planned, asked for, and known to be done.

Whatever wants something done plans a row in its own transaction; the case's workflow carries the
open rows out, those of one lane one after another. Under its deterministic key each is done at
most once.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.bills import DebtState
from domain.cases import effect_id, effect_key
from domain.effects import OPEN, EffectAction, EffectState, PlannedEffect
from store.tables import Bill, Case, Effect

MOMENT = timedelta(microseconds=1)
"""The least by which one time in the database is later than another."""


def plan(
    session: Session, case: Case, action: EffectAction, now: datetime, bill: Bill | None = None
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


def of_case(session: Session, case_id: UUID, *actions: EffectAction) -> list[Effect]:
    """The effects of a case, oldest first: all, or those of some actions."""
    found = select(Effect).where(Effect.case_id == case_id).order_by(Effect.planned_at)
    if actions:
        found = found.where(Effect.action.in_(actions))
    return list(session.scalars(found))


@dataclass(frozen=True)
class Planned:
    """What a case has to have done: what is `open`, in the order in which it was planned, and how
    much there ever was.
    """

    open: tuple[PlannedEffect, ...] = ()
    ever: int = 0


def planned(session: Session, case_ids: Sequence[UUID]) -> defaultdict[UUID, Planned]:
    """What these cases have to have done, by case."""
    found = (
        select(Effect, Bill.state)
        .outerjoin(Bill, Bill.bill_id == Effect.bill_id)
        .where(Effect.case_id.in_(case_ids))
        .order_by(Effect.planned_at)
    )
    plans: defaultdict[UUID, Planned] = defaultdict(Planned)
    for effect, bill in session.execute(found):
        before = plans[effect.case_id]
        standing = effect.action == EffectAction.COLLECT_BILL and effect.reference is not None
        waits = effect.state in OPEN and not (standing and bill != DebtState.OPEN)
        named = PlannedEffect(
            effect.effect_id, EffectAction(effect.action), effect.n, standing=standing
        )
        waiting = (*before.open, named) if waits else before.open
        plans[effect.case_id] = Planned(waiting, before.ever + 1)
    return plans


def withdraw(effect: Effect, code: str) -> None:
    """It is no longer wanted, and nobody was asked for it yet."""
    if effect.state == EffectState.PLANNED:
        effect.state, effect.code = EffectState.CANCELLED, code
