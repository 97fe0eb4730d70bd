"""What follows for a case from something that was done for it, or that its party refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from domain.cases import Attention, Kind, Stage
from domain.effects import EffectAction, EffectState, Said
from domain.people import CARRIER, REPAIR_SHOP, SYSTEM, Automatic
from domain.policy import Policy
from store import events
from store.goods import arrivals, charges, debts, exchanges, parcels, remedies, repairs, tracking
from store.tables import Case, Effect


@dataclass(frozen=True)
class Word:
    """What a party has said of an effect of a locked case. The effect's own row has it already."""

    session: Session
    case: Case
    effect: Effect
    said: Said
    policy: Policy
    now: datetime


def follow(word: Word) -> None:
    """Carry out what follows from a definite word: it is done, or it was refused."""
    follows = DONE if word.said.state is EffectState.DONE else REFUSED
    follows[EffectAction(word.effect.action)](word)


Follows = Callable[[Word], None]


def _noted(what: str, by: Automatic) -> Follows:
    """The case's history says so, and nothing else follows."""

    def note(word: Word) -> None:
        events.record(word.session, word.case, what, by, word.now, detail=word.said.code)

    return note


def _collected(word: Word) -> None:
    _booked(word)
    case = word.case
    if case.stage != Stage.AWAITING_PARCEL and not charges.to_come(word.session, case):
        parcels.call_off(word.session, case, word.now)  # cancelled while the carrier was asked


def _booked(word: Word) -> None:
    """The case has a parcel, of which its carrier may have spoken before."""
    session, case, said = word.session, word.case, word.said
    parcel = parcels.booked(
        session, case, word.effect, said.carrier, said.tracking_number, word.now
    )
    tracking.adopt(session, parcel)
    tracking.catch_up(session, case, parcel, word.policy, word.now)


def _not_sent(word: Word) -> None:
    if word.case.closed_at:
        arrivals.not_sent(word.session, word.case, word.effect, word.said.code, word.now)
        return
    events.record(
        word.session,
        word.case,
        "dispatch_refused",
        CARRIER,
        word.now,
        to=Stage.NEEDS_ATTENTION,
        attention=Attention.DISPATCH_REFUSED,
        deadlines=word.policy.deadlines,
        detail=word.said.code,
    )


def _work_refused(word: Word) -> None:
    repairs.refused(word.session, word.case, word.said.code, word.policy, word.now)


def _stock_held(word: Word) -> None:
    exchanges.stock_held(word.session, word.case, word.policy, word.now)


def _out_of_stock(word: Word) -> None:
    repair = word.case.kind == Kind.REPAIR
    falls_back = remedies.out_of_stock if repair else exchanges.out_of_stock
    falls_back(word.session, word.case, word.said.code, word.policy, word.now)


def _left_shelf(word: Word) -> None:
    exchanges.left_shelf(word.session, word.case, word.now)


def _not_held(word: Word) -> None:
    exchanges.not_held(word.session, word.case, word.said.code, word.now)


def _bill_known(word: Word) -> None:
    bill = word.said.bill
    assert bill is not None  # a gateway that knows a bill says how it stands
    debts.heard(word.session, word.case, word.effect, bill, word.policy, word.now)


def _bill_refused(word: Word) -> None:
    debts.refused(word.session, word.case, word.effect, word.said.code, word.policy, word.now)


def _bill_repaid(word: Word) -> None:
    debts.paid_back(word.session, word.case, word.effect, None, word.now)


def _bill_not_repaid(word: Word) -> None:
    debts.paid_back(word.session, word.case, word.effect, word.said.code, word.now)


DONE: dict[EffectAction, Follows] = {
    EffectAction.BOOK_PICKUP: _collected,
    EffectAction.CANCEL_PICKUP: _noted("pickup_cancelled", CARRIER),
    EffectAction.SEND_PARCEL: _booked,
    EffectAction.RESTOCK: _noted("restocked", SYSTEM),
    EffectAction.ORDER_REPAIR: _noted("work_taken", REPAIR_SHOP),
    EffectAction.HOLD_STOCK: _stock_held,
    EffectAction.RELEASE_STOCK: _noted("stock_released", SYSTEM),
    EffectAction.SHIP_STOCK: _left_shelf,
    EffectAction.COLLECT_BILL: _bill_known,
    EffectAction.CANCEL_BILL: _bill_known,
    EffectAction.REFUND_BILL: _bill_repaid,
}
REFUSED: dict[EffectAction, Follows] = {
    EffectAction.BOOK_PICKUP: _noted("pickup_refused", CARRIER),
    EffectAction.CANCEL_PICKUP: _noted("pickup_not_cancelled", CARRIER),
    EffectAction.SEND_PARCEL: _not_sent,
    EffectAction.RESTOCK: _noted("restock_refused", SYSTEM),
    EffectAction.ORDER_REPAIR: _work_refused,
    EffectAction.HOLD_STOCK: _out_of_stock,
    EffectAction.RELEASE_STOCK: _noted("stock_released", SYSTEM),
    EffectAction.SHIP_STOCK: _not_held,
    EffectAction.COLLECT_BILL: _bill_refused,
    EffectAction.CANCEL_BILL: _bill_refused,
    EffectAction.REFUND_BILL: _bill_not_repaid,
}
