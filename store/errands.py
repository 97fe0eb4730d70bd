"""One step of what a case has to have done: before the call to the outside party, and after it.

As with payouts: `begin` commits that a call goes out, only then does anybody make it, `conclude`
takes down what was said. What is done then changes the case here, in the same transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.bills import BillWord
from domain.cases import Attention, Kind, Stage
from domain.effects import OPEN, Action, EffectState, Progress, next_move, wait
from domain.payouts import ASK_AFTER_SECONDS, Move
from domain.people import CARRIER, REPAIR_SHOP, SYSTEM
from domain.policy import Policy
from store import (
    bills,
    debts,
    events,
    exchanges,
    goods,
    holds,
    parcels,
    remedies,
    repairs,
    tracking,
)
from store.cases import view
from store.tables import Case, Effect


@dataclass(frozen=True)
class Errand:
    """The call to make now, and everything that goes into it."""

    move: Move
    action: Action
    effect_id: UUID
    key: str
    case_id: UUID
    storefront: str
    order_id: str
    address: dict[str, Any]
    pieces: tuple[goods.Pieces, ...]
    of: str | None
    """What it is about: the carrier's reference of the booking that is cancelled, or the key of
    what is set aside and leaves now.
    """
    reference: str | None
    at: datetime
    held: tuple[str, ...] = ()
    """The keys of what was set aside before and is let go of."""
    work: repairs.Work | None = None
    """The unit that a repair shop is to work on."""
    bill: bills.Billed | None = None


@dataclass(frozen=True)
class Said:
    """What the party said: DONE, CANCELLED (refused for good), or UNKNOWN."""

    state: EffectState
    reference: str | None = None
    code: str = ""
    retry_after: float | None = None
    carrier: str = ""
    tracking_number: str | None = None
    bill: BillWord | None = None


def begin(session: Session, case_id: UUID, now: datetime) -> Errand | Progress:
    """The next call that the case has to have made, or where it stands if there is none."""
    case = events.lock(session, case_id)
    effect = session.scalars(
        select(Effect)
        .where(Effect.case_id == case_id, Effect.state.in_(OPEN))
        .order_by(Effect.planned_at, Effect.n)
        .limit(1)
    ).first()
    if effect is None:
        return Progress(view(session, case))
    move = next_move(
        EffectState(effect.state),
        last_word=effect.code,
        requested_at=effect.requested_at,
        now=now,
    )
    bill = bills.billed(session, effect, now)
    if move is Move.SEND:
        effect.requested_at = now
        if effect.state == EffectState.PLANNED:
            effect.state = EffectState.REQUESTED
    action = Action(effect.action)
    return Errand(
        move=move,
        action=action,
        effect_id=effect.effect_id,
        key=effect.key,
        case_id=case.case_id,
        storefront=case.storefront,
        order_id=case.order_id,
        address=case.address or {},
        pieces=goods.pieces_for(session, case, action),
        of=_about(session, case, action),
        reference=effect.reference,
        at=now,
        held=holds.kept_under(session, case, but=effect) if action in LETS_GO else (),
        work=repairs.work_on(session, case) if action is Action.WORK_ORDER else None,
        bill=bill,
    )


LETS_GO = (Action.HOLD, Action.RELEASE)


def _about(session: Session, case: Case, action: Action) -> str | None:
    match action:
        case Action.CANCEL_COLLECTION:
            return parcels.booking_of(session, case)
        case Action.SHIP:
            return holds.last(session, case)
        case _:
            return None


def conclude(
    session: Session, errand: Errand, said: Said, policy: Policy, now: datetime
) -> Progress:
    """Take down what was said, and what follows from it for the case."""
    case = events.lock(session, errand.case_id)
    effect = session.get_one(Effect, errand.effect_id, populate_existing=True)
    if effect.state not in OPEN:
        return Progress(view(session, case))
    match said.state:
        case EffectState.UNKNOWN:
            seconds = _doubt(effect, said, now)
            return Progress(view(session, case), seconds)
        case EffectState.DONE:
            effect.state, effect.done_at, effect.code = EffectState.DONE, now, ""
            effect.reference = said.reference
            DONE[errand.action](session, case, effect, said, policy, now)
        case _:
            effect.state, effect.code = EffectState.CANCELLED, said.code
            REFUSED[errand.action](session, case, effect, said, policy, now)
    session.flush()
    return Progress(view(session, case))


def _doubt(effect: Effect, said: Said, now: datetime) -> float:
    """Nobody has said what became of it. The seconds until its party is asked."""
    if effect.state != EffectState.UNKNOWN:
        effect.state, effect.unknown_since, effect.asked = EffectState.UNKNOWN, now, 0
    effect.code = said.code
    seconds = wait(effect.asked)
    effect.asked += 1
    return max(seconds, min(said.retry_after or 0, ASK_AFTER_SECONDS[-1]))


Follows = Callable[[Session, Case, Effect, Said, Policy, datetime], None]


def _collected(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> None:
    parcel = parcels.booked(session, case, effect, said.carrier, said.tracking_number, now)
    tracking.catch_up(session, case, parcel, policy, now)
    if case.stage != Stage.AWAITING_PARCEL:
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
