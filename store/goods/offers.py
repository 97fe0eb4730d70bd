"""What the buyer gets for units that were not accepted: offered by an auditor, answered in time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from domain import goods_messages
from domain.cases import Stage, WaitingFor
from domain.people import MAY_ANSWER, MAY_DECIDE, SYSTEM, Actor, Automatic
from domain.policy import Policy
from domain.policy_parts import OnLapse
from domain.refusals import Refusal, Why
from store import approvals, events, units
from store.cases import payable
from store.goods import dispositions, settling
from store.repeats import repeats
from store.session import new_id
from store.tables import Case, Offer


def make(
    session: Session,
    case_id: UUID,
    message: goods_messages.Offer,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> Case:
    """Offer the buyer an amount for the units that were not accepted; 0 sends them back at once.

    The same offer again changes nothing. Raises Refusal: not-awaited, already-offered,
    amount-too-high, amount-not-expressible, over-limit, offer-id-reused.
    """
    if actor.role not in MAY_DECIDE:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    offer = _offer(case, message, actor, now)
    if repeats(session, offer, Offer.offer_id, ("amount",), Why.OFFER_ID_REUSED):
        return case
    if session.get(Offer, case_id):
        raise Refusal(Why.ALREADY_OFFERED)
    if case.stage != Stage.AWAITING_INSPECTION or case.waiting_for != WaitingFor.AUDITOR:
        raise Refusal(Why.NOT_AWAITED, f"the case is {case.stage}")
    approved = case.entitled if case.approved is None else case.approved
    most = min(_worth(session, case), approved - payable(case))
    if message.amount > most:
        raise Refusal(Why.AMOUNT_TOO_HIGH, f"at most {most} can be offered", most=most)
    if not actor.may_approve(payable(case) + message.amount, case.currency):
        raise Refusal(Why.OVER_LIMIT, f"{message.amount} {case.currency} is above your limit")
    if message.amount:
        settling.check_gateway_moves(session, case, payable(case) + message.amount)
    session.add(offer)
    session.flush()
    if offer.amount == 0:
        settling.go_on(
            session,
            case,
            "not_accepted",
            actor,
            policy,
            now,
            detail=message.note,
            message_id=offer.offer_id,
        )
    else:
        events.record(
            session,
            case,
            "offered",
            actor,
            now,
            to=Stage.AWAITING_BUYER,
            deadlines=policy.deadlines,
            detail=f"{offer.amount} {case.currency}",
            message_id=offer.offer_id,
        )
        approvals.offer(session, case, actor, payable(case), offer.amount, policy, now)
    events.tell(session, case, events.NEWS)
    return case


def _offer(case: Case, message: goods_messages.Offer, actor: Actor, now: datetime) -> Offer:
    return Offer(
        case_id=case.case_id,
        offer_id=message.offer_id or str(new_id()),
        storefront=case.storefront,
        amount=message.amount,
        actor=actor.name,
        note=message.note,
        at=now,
    )


def answer(
    session: Session, case_id: UUID, accepted: bool, actor: Actor, policy: Policy, now: datetime
) -> Case:
    """The buyer takes the offer, or wants the units back. The same answer again changes nothing.

    Raises Refusal: not-awaited, already-answered.
    """
    if actor.role not in MAY_ANSWER:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    if case.storefront != actor.storefront:
        raise Refusal(Why.CASE_NOT_FOUND)
    offer = session.get(Offer, case_id)
    word = "accepted" if accepted else "declined"
    if offer and offer.answer == word:
        return case
    if offer and offer.answer:
        raise Refusal(Why.ALREADY_ANSWERED, f"it was {offer.answer}")
    if not (offer and offer.amount) or case.stage != Stage.AWAITING_BUYER:
        raise Refusal(Why.NOT_AWAITED, f"the case is {case.stage}")
    _answered(session, case, offer, word, actor, policy, now)
    events.tell(session, case, events.NEWS)
    return case


def lapse(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """Nobody has answered in time: by policy the units go back, or the offer is paid."""
    offer = session.get_one(Offer, case.case_id)
    pays = policy.parcels.offer_lapses is OnLapse.PAY
    _answered(session, case, offer, "accepted" if pays else "lapsed", SYSTEM, policy, now)


def _answered(
    session: Session,
    case: Case,
    offer: Offer,
    word: str,
    actor: Actor | Automatic,
    policy: Policy,
    now: datetime,
) -> None:
    offer.answer, offer.answered_at = word, now
    session.flush()
    if word == "accepted":
        units.keep(session, case.case_id, dispositions.came_in(session, case))
        dispositions.appraise(session, case, "offer accepted", case.total + offer.amount)
    settling.go_on(session, case, f"offer_{word}", actor, policy, now)


def _worth(session: Session, case: Case) -> int:
    """What the units that came in and were not accepted are worth."""
    left = dispositions.came_in(session, case)
    worth = 0
    for claim, piece in units.owned_by(session, case.case_id):
        size = min(piece.units.size, left.get(claim.order_line_id, 0))
        left[claim.order_line_id] = left.get(claim.order_line_id, 0) - size
        if not claim.kept and size:
            worth += piece.worth
    return worth
