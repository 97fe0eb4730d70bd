"""Effects carried out by hand: the call that is due, and what the shelves answer to it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from activities.effects import Effects
from activities.inventory import Inventory
from domain.effects import EffectAction, EffectRef, next_in_lanes
from gateways.stock import Stock
from gateways.testimony import Testimony
from store.cases import view
from store.goods import effects
from store.goods.effect_requests import EffectRequest, StockRequest
from store.goods.effect_steps import StepResult, begin
from store.tables import Case


def begin_next(
    session: Session, case_id: UUID, now: datetime, *, standing: bool = True
) -> EffectRequest | StepResult:
    """The call of the case that waits for no other; the question about a bill that its buyer may
    pay comes last, and only if `standing`.
    """
    waiting = next_in_lanes(effects.planned(session, [case_id])[case_id].open)
    due = sorted(waiting, key=lambda effect: effect.standing)
    if not due or (due[0].standing and not standing):
        return StepResult(view(session, session.get_one(Case, case_id)))
    return begin(session, EffectRef(case_id, due[0].effect_id), now)


def stocked(stock: Stock, request: EffectRequest) -> Testimony:
    """What the shelves, which are real, answer."""
    assert isinstance(request, StockRequest)
    inventory = Inventory(Effects.__new__(Effects), stock, timedelta(days=90))
    match request.action:
        case EffectAction.HOLD_STOCK:
            return inventory.hold(request)
        case EffectAction.RELEASE_STOCK:
            return inventory.release(request)
        case EffectAction.SHIP_STOCK:
            return inventory.ship(request)
        case _:
            return inventory.put_back(request)
