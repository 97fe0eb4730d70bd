"""What an operator does about a parked case: try again, settle by hand, reroute, give up."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from domain.cases import IN_FLIGHT, Attention, Outcome, PayoutState, Stage, WaitingFor
from domain.effects import EffectAction
from domain.messages import Action, Resume, ToBankCard
from domain.parcels import Direction
from domain.payouts import UNREAD
from domain.people import MAY_RESUME, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from domain.stripe_amounts import not_expressible
from store import acceptance, closing, doubts, events, rerouting, tables
from store.cases import close, payable
from store.decisions import required
from store.goods import bills, charges, effects, exchanges, parcels, repairs
from store.ledger import NotCovered
from store.ordered import Ordered
from store.payout_states import fail, pay
from store.repeats import repeats
from store.reservations import attempt_again, failed_last, payouts_of, reserve_missing
from store.second_person import asked_before
from store.session import new_id
from store.tables import Case
from store.tenders import Destination, NotExpressible

SAID = ("action", "reference", "payout_to", "payout_token")
PARCELS = (Attention.PARCEL_SILENT, Attention.PARCEL_ASTRAY, Attention.DISPATCH_REFUSED)

AGAIN: dict[str | None, Callable[[Session, Case, Policy, datetime], None]] = {
    Attention.REPAIR_UNPAID: repairs.ask_again,
    Attention.BILL_REFUSED: bills.ask_again,
    Attention.NOT_RETURNED: charges.charge,
    Attention.OUT_OF_STOCK: exchanges.hold_again,
}
"""What a retry does where there is nothing to pay out."""


def resume(
    session: Session,
    case_id: UUID,
    message: Resume,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> Case:
    """Carry out an operator's order on a parked case; the same order again changes nothing.

    Raises Refusal: not-parked, not-awaited, payout-in-doubt (all but `retry`, while the gateway
    owes an answer, and a `settle` by two people once it has owed it for long), four-eyes (a
    reroute, an accept or such a settle confirmed by who asked for it), payout-not-possible,
    amount-not-expressible (a reroute by a gateway), resume-id-reused.
    """
    if actor.role not in MAY_RESUME:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    order = _order(case, message, actor, now)
    if repeats(session, order, tables.Resume.resume_id, SAID, Why.RESUME_ID_REUSED):
        return case
    if case.stage != Stage.NEEDS_ATTENTION:
        raise Refusal(Why.NOT_PARKED, f"the case is {case.stage}")
    payouts = payouts_of(session, case)
    doubtful = any(payout.state in IN_FLIGHT for payout in payouts)
    if doubtful and message.action is Action.SETTLE:
        doubts.check_settleable(payouts, policy, now)
    elif doubtful and message.action is not Action.RETRY:
        raise Refusal(Why.PAYOUT_IN_DOUBT)
    nothing_to_pay = case.attention in PARCELS or case.attention in AGAIN
    if nothing_to_pay and message.action not in (Action.RETRY, Action.GIVE_UP):
        raise Refusal(Why.NOT_AWAITED, "there is nothing to pay yet")
    acceptance.check(case, payouts, message.action)
    ordered = Ordered(session, case, order, actor, policy, now)
    confirms = _confirms(ordered, doubtful)
    session.add(order)
    session.flush()
    try:
        _carry_out(ordered, doubtful, confirms)
    except NotCovered:
        raise Refusal(Why.PAYOUT_NOT_POSSIBLE, "the payments hold too little by now") from None
    except NotExpressible:
        raise not_expressible(payable(case) - case.paid, case.currency) from None
    events.tell(session, case, "resume", order.resume_id)
    return case


def _confirms(ordered: Ordered, doubtful: bool) -> bool:
    """True if another person has given this order before, where one alone may not."""
    match ordered.order.action:
        case Action.REROUTE:
            return rerouting.confirms(ordered)
        case Action.ACCEPT:
            return asked_before(ordered)
        case Action.SETTLE if doubtful:
            return asked_before(ordered, tables.Resume.reference)
        case _:
            return False


def _order(case: Case, message: Resume, actor: Actor, now: datetime) -> tables.Resume:
    to = message.payout_to
    return tables.Resume(
        resume_id=message.resume_id or str(new_id()),
        storefront=case.storefront,
        case_id=case.case_id,
        action=message.action,
        actor=actor.name,
        reference=message.reference,
        payout_to=to.kind if to else None,
        payout_token=to.token if isinstance(to, ToBankCard) else None,
        payout_last4=to.last4 if isinstance(to, ToBankCard) else None,
        note=message.note,
        at=now,
        channel=actor.channel,
    )


def _carry_out(ordered: Ordered, doubtful: bool, confirms: bool) -> None:
    case, action = ordered.case, Action(ordered.order.action)
    match action:
        case Action.RETRY if case.attention in PARCELS:
            _wait_on(ordered)
        case Action.RETRY if case.attention in AGAIN:
            again = AGAIN[case.attention]
            ordered.record("resumed", action)
            again(ordered.session, case, ordered.policy, ordered.now)
        case Action.RETRY:  # while the gateway owes an answer this only asks it at once
            asked_on = doubtful or case.attention in UNREAD
            ordered.record("resumed", action, to=None if asked_on else Stage.PAYING)
        case Action.SETTLE if doubtful and not confirms:
            ordered.record("settle_asked", str(ordered.order.reference))
        case Action.SETTLE:
            _settle(ordered)
        case Action.REROUTE if confirms:
            rerouting.reroute(ordered)
        case Action.REROUTE:
            ordered.record("reroute_asked", str(ordered.order.payout_to))
        case Action.ACCEPT if confirms:
            acceptance.accept(ordered)
        case Action.ACCEPT:
            ordered.record("accept_asked", "")
        case Action.GIVE_UP:
            _give_up(ordered)


def _wait_on(ordered: Ordered) -> None:
    """Give the carrier more time, or have sent once more what it did not take or does not bring to
    the buyer. What was refunded first is for its buyer to send, who is charged if it does not come.
    """
    case = ordered.case
    sent = parcels.of_case(ordered.session, case.case_id)
    refused = case.attention == Attention.DISPATCH_REFUSED
    if refused or (sent and sent[-1].direction == Direction.OUTBOUND):
        if case.attention != Attention.PARCEL_SILENT:
            effects.plan(ordered.session, case, EffectAction.SEND_PARCEL, ordered.now)
        ordered.record("resumed", Action.RETRY, to=Stage.SHIPPING)
        return
    by = WaitingFor.BUYER if case.refund_first else WaitingFor.CARRIER
    ordered.record("resumed", Action.RETRY, to=Stage.AWAITING_PARCEL, waiting_for=by)


def _settle(ordered: Ordered) -> None:
    """Book what is missing as paid elsewhere, under the operator's reference."""
    session, case, policy, now = ordered.session, ordered.case, ordered.policy, ordered.now
    payouts = payouts_of(session, case)
    for payout in failed_last(payouts):
        attempt_again(session, payout, now)
    by_hand = Destination("offline")
    reserve_missing(session, case, payouts, required(case), now, by_hand)
    for payout in payouts_of(session, case):
        if payout.state == PayoutState.UNKNOWN:
            doubts.settle(session, payout, now)
            pay(session, case, payout, ordered.order.reference, now)
        elif payout.state == PayoutState.RESERVED:
            payout.way = "offline"
            pay(session, case, payout, ordered.order.reference, now)
    told, message_id = ordered.told(ordered.order.reference or ""), ordered.order.resume_id
    if closing.go_on(
        session, case, "settled", ordered.actor, policy, now, detail=told, message_id=message_id
    ):
        return
    close(
        session,
        case,
        Stage.COMPLETED,
        Outcome.SETTLED_MANUALLY,
        "settled",
        ordered.actor,
        now,
        message_id,
        detail=told,
    )


def _give_up(ordered: Ordered) -> None:
    session, case, now = ordered.session, ordered.case, ordered.now
    for payout in payouts_of(session, case):
        if payout.state == PayoutState.RESERVED:
            fail(session, case, payout, "given_up", now)
    if charges.to_come(session, case):
        parcels.call_off(session, case, now)
    close(
        session,
        case,
        Stage.CANCELLED,
        Outcome.GIVEN_UP,
        "given_up",
        ordered.actor,
        now,
        ordered.order.resume_id,
        detail=ordered.order.note,
    )
