"""What an operator does about a parked case: try again, settle by hand, reroute, give up."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from domain.cases import Attention, Outcome, PayoutState, Stage, WaitingFor
from domain.effects import Action as Errand
from domain.messages import Action, Resume, ToBankCard
from domain.parcels import Direction
from domain.people import MAY_RESUME, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from store import bills, charges, closing, effects, events, exchanges, parcels, repairs, tables
from store.cases import close
from store.decisions import required
from store.ledger import NotCovered
from store.payout_states import IN_FLIGHT, fail, pay
from store.repeats import repeats
from store.reservations import (
    Destination,
    add_payout,
    attempt_again,
    failed_last,
    lapsed,
    payouts_of,
    reserve_missing,
)
from store.session import new_id
from store.tables import Case, CaseEvent, Payment, Payout, Token

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

    Raises Refusal: not-parked, payout-in-doubt (all but `retry`, while the gateway owes an
    answer), four-eyes (a reroute confirmed by who asked for it), payout-not-possible.
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
    if doubtful and message.action is not Action.RETRY:
        raise Refusal(Why.PAYOUT_IN_DOUBT)
    nothing_to_pay = case.attention in PARCELS or case.attention in AGAIN
    if nothing_to_pay and message.action not in (Action.RETRY, Action.GIVE_UP):
        raise Refusal(Why.NOT_AWAITED, "there is nothing to pay yet")
    first = _asked_before(session, case, order) if message.action is Action.REROUTE else None
    session.add(order)
    session.flush()
    try:
        match message.action:
            case Action.RETRY if case.attention in PARCELS:
                _wait_on(session, case, actor, order, policy, now)
            case Action.RETRY if case.attention in AGAIN:
                told = _told(order, order.action)
                events.record(
                    session, case, "resumed", actor, now, detail=told, message_id=order.resume_id
                )
                AGAIN[case.attention](session, case, policy, now)
            case Action.RETRY:
                _retry(session, case, doubtful, actor, order, policy, now)
            case Action.SETTLE:
                _settle(session, case, payouts, actor, order, policy, now)
            case Action.REROUTE if first is None:
                events.record(
                    session,
                    case,
                    "reroute_asked",
                    actor,
                    now,
                    detail=_told(order, str(order.payout_to)),
                    message_id=order.resume_id,
                )
            case Action.REROUTE:
                _reroute(session, case, payouts, actor, order, policy, now)
            case Action.GIVE_UP:
                _give_up(session, case, payouts, actor, order, now)
    except NotCovered:
        raise Refusal(Why.PAYOUT_NOT_POSSIBLE, "the payments hold too little by now") from None
    events.tell(session, case, "resume", order.resume_id)
    return case


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
    )


def _told(order: tables.Resume, what: str) -> str:
    """What an event says of an order: what was done, and why its operator did it."""
    return ": ".join(filter(None, (what, order.note)))


def _asked_before(session: Session, case: Case, order: tables.Resume) -> tables.Resume | None:
    """The same reroute as somebody else, whose token still holds, asked for it since the case was
    parked. Raises Refusal(four-eyes) if it was this very person.
    """
    # By the order of events, not by their times: those come from the clocks of two machines.
    parked = select(func.max(CaseEvent.seq)).where(
        CaseEvent.case_id == case.case_id, CaseEvent.what.in_(("parked", "payout_reversed"))
    )
    asked = (
        select(tables.Resume)
        .join(Token, Token.name == tables.Resume.actor)
        .join(
            CaseEvent,
            and_(
                CaseEvent.case_id == tables.Resume.case_id,
                CaseEvent.message_id == tables.Resume.resume_id,
            ),
        )
        .where(
            tables.Resume.case_id == case.case_id,
            tables.Resume.action == Action.REROUTE,
            tables.Resume.payout_to == order.payout_to,
            tables.Resume.payout_token.is_not_distinct_from(order.payout_token),
            CaseEvent.seq > parked.scalar_subquery(),
            Token.revoked_at.is_(None),
        )
    )
    before = list(session.scalars(asked))
    others = [row for row in before if row.actor != order.actor]
    if before and not others:
        raise Refusal(Why.FOUR_EYES)
    return others[0] if others else None


def _retry(
    session: Session,
    case: Case,
    doubtful: bool,
    actor: Actor,
    order: tables.Resume,
    policy: Policy,
    now: datetime,
) -> None:
    """Pay again what failed. While the gateway owes an answer this only asks it at once."""
    events.record(
        session,
        case,
        "resumed",
        actor,
        now,
        to=None if doubtful else Stage.PAYING,
        deadlines=policy.deadlines,
        detail=_told(order, order.action),
        message_id=order.resume_id,
    )


def _wait_on(
    session: Session,
    case: Case,
    actor: Actor,
    order: tables.Resume,
    policy: Policy,
    now: datetime,
) -> None:
    """Give the carrier more time, or have sent once more what it did not take or does not bring to
    the buyer. What was refunded first is for its buyer to send, who is charged if it does not come.
    """
    sent = parcels.of_case(session, case.case_id)
    refused = case.attention == Attention.DISPATCH_REFUSED
    outbound = refused or (sent and sent[-1].direction == Direction.OUTBOUND)
    if outbound and case.attention != Attention.PARCEL_SILENT:
        effects.plan(session, case, Errand.SEND, now)
    events.record(
        session,
        case,
        "resumed",
        actor,
        now,
        to=Stage.SHIPPING if outbound else Stage.AWAITING_PARCEL,
        waiting_for=WaitingFor.BUYER if case.refund_first and not outbound else WaitingFor.CARRIER,
        deadlines=policy.deadlines,
        detail=_told(order, order.action),
        message_id=order.resume_id,
    )


def _settle(
    session: Session,
    case: Case,
    payouts: Sequence[Payout],
    actor: Actor,
    order: tables.Resume,
    policy: Policy,
    now: datetime,
) -> None:
    """Book what is missing as paid elsewhere, under the operator's reference."""
    for payout in failed_last(payouts):
        attempt_again(session, payout, now)
    reserve_missing(session, case, payouts_of(session, case), required(case, policy), now)
    for payout in payouts_of(session, case):
        if payout.state == PayoutState.RESERVED:
            payout.way = "offline"
            pay(session, case, payout, order.reference, now)
    told = _told(order, order.reference or "")
    message_id = order.resume_id
    if closing.go_on(
        session, case, "settled", actor, policy, now, detail=told, message_id=message_id
    ):
        return
    close(
        session,
        case,
        Stage.COMPLETED,
        Outcome.SETTLED_MANUALLY,
        "settled",
        actor,
        now,
        message_id,
        detail=told,
    )


def _reroute(
    session: Session,
    case: Case,
    payouts: Sequence[Payout],
    actor: Actor,
    order: tables.Resume,
    policy: Policy,
    now: datetime,
) -> None:
    """Pay what did not get through another way: new payouts from the same payments. Only under
    approvals that still hold: else the case goes back to the second audit, as at any reserving.
    """
    if lapsed(session, case, payouts, policy, now, order.resume_id):
        return
    for payout in payouts:
        if payout.state == PayoutState.RESERVED:
            fail(session, case, payout, "rerouted", now)
    to = Destination(order.payout_to or "original", order.payout_token, order.payout_last4)
    for n, payout in enumerate(failed_last(payouts), start=len(payouts) + 1):
        payment = session.get_one(Payment, payout.payment_id)
        add_payout(session, case, n, payment, payout.amount, to, required(case, policy), now)
    # What the gateway took back has no failed payout to stand in for.
    reserve_missing(session, case, payouts_of(session, case), required(case, policy), now, to)
    events.record(
        session,
        case,
        "rerouted",
        actor,
        now,
        to=Stage.PAYING,
        deadlines=policy.deadlines,
        detail=_told(order, to.kind),
        message_id=order.resume_id,
    )


def _give_up(
    session: Session,
    case: Case,
    payouts: Sequence[Payout],
    actor: Actor,
    order: tables.Resume,
    now: datetime,
) -> None:
    for payout in payouts:
        if payout.state == PayoutState.RESERVED:
            fail(session, case, payout, "given_up", now)
    bills.give_back(session, case, now)
    if charges.to_come(session, case):
        parcels.call_off(session, case, now)
    close(
        session,
        case,
        Stage.CANCELLED,
        Outcome.GIVEN_UP,
        "given_up",
        actor,
        now,
        order.resume_id,
        detail=order.note,
    )
