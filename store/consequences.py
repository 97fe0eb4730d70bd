"""What follows for a case from something that was done for it, or that its party refused."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from domain.cases import Attention, Kind, Stage
from domain.effects import Action, Said
from domain.people import CARRIER, REPAIR_SHOP, SYSTEM
from domain.policy import Policy
from store import charges, debts, events, exchanges, parcels, remedies, repairs, tracking
from store.tables import Case, Effect

Follows = Callable[[Session, Case, Effect, Said, Policy, datetime], None]


def _collected(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    parcel = parcels.booked(session, case, effect, said.carrier, said.tracking_number, now)
    tracking.catch_up(session, case, parcel, policy, now)
    if case.stage != Stage.AWAITING_PARCEL and not charges.to_come(session, case):
        parcels.call_off(session, case, now)  # it was cancelled while the carrier was asked


def _collection_refused(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    events.record(session, case, "pickup_refused", CARRIER, now, detail=said.code)


def _collection_cancelled(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    events.record(session, case, "pickup_cancelled", CARRIER, now)


def _not_cancelled(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    events.record(session, case, "pickup_not_cancelled", CARRIER, now, detail=said.code)


def _sent(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    parcel = parcels.booked(session, case, effect, said.carrier, said.tracking_number, now)
    tracking.catch_up(session, case, parcel, policy, now)


def _not_sent(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    events.record(
        session,
        case,
        "dispatch_refused",
        CARRIER,
        now,
        to=Stage.NEEDS_ATTENTION,
        attention=Attention.DISPATCH_REFUSED,
        deadlines=policy.deadlines,
        detail=said.code,
    )


def _put_back(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    events.record(session, case, "restocked", SYSTEM, now)


def _not_put_back(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    events.record(session, case, "restock_refused", SYSTEM, now, detail=said.code)


def _work_taken(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    events.record(session, case, "work_taken", REPAIR_SHOP, now)


def _work_refused(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    repairs.refused(session, case, said.code, policy, now)


def _stock_held(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    exchanges.stock_held(session, case, policy, now)


def _out_of_stock(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    if case.kind == Kind.REPAIR:
        remedies.out_of_stock(session, case, said.code, policy, now)
    else:
        exchanges.out_of_stock(session, case, said.code, policy, now)


def _left_shelf(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    exchanges.left_shelf(session, case, now)


def _not_held(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    exchanges.not_held(session, case, said.code, now)


def _let_go(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    events.record(session, case, "stock_released", SYSTEM, now, detail=said.code)


def _bill_known(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    assert said.bill is not None  # a gateway that knows a bill says how it stands
    debts.heard(session, case, effect, said.bill, policy, now)


def _bill_refused(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    debts.refused(session, case, effect, said.code, policy, now)


def _bill_repaid(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    debts.paid_back(session, case, effect, None, now)


def _bill_not_repaid(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    debts.paid_back(session, case, effect, said.code, now)


DONE: dict[Action, Follows] = {
    Action.COLLECT: _collected,
    Action.CANCEL_COLLECTION: _collection_cancelled,
    Action.SEND: _sent,
    Action.PUT_BACK: _put_back,
    Action.WORK_ORDER: _work_taken,
    Action.HOLD: _stock_held,
    Action.RELEASE: _let_go,
    Action.SHIP: _left_shelf,
    Action.BILL: _bill_known,
    Action.ASK_BILL: _bill_known,
    Action.CANCEL_BILL: _bill_known,
    Action.REPAY_BILL: _bill_repaid,
}
REFUSED: dict[Action, Follows] = {
    Action.COLLECT: _collection_refused,
    Action.CANCEL_COLLECTION: _not_cancelled,
    Action.SEND: _not_sent,
    Action.PUT_BACK: _not_put_back,
    Action.WORK_ORDER: _work_refused,
    Action.HOLD: _out_of_stock,
    Action.RELEASE: _let_go,
    Action.SHIP: _not_held,
    Action.BILL: _bill_refused,
    Action.ASK_BILL: _bill_refused,
    Action.CANCEL_BILL: _bill_refused,
    Action.REPAY_BILL: _bill_not_repaid,
}
