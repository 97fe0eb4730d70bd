"""Money that goes another way than it was to go: asked for by one person, confirmed by another."""

from sqlalchemy import and_, func, select

from domain.cases import PayoutState, Stage
from domain.messages import Action
from domain.refusals import Refusal, Why
from store.decisions import required
from store.ordered import Ordered
from store.payout_states import fail
from store.reservations import (
    Destination,
    add_payout,
    failed_last,
    lapsed,
    payouts_of,
    reserve_missing,
)
from store.tables import CaseEvent, Payment, Resume, Token


def confirms(ordered: Ordered) -> bool:
    """True if somebody else, whose token still holds, has asked for the same reroute since the case
    was parked. Raises Refusal(four-eyes) if it was this very person.
    """
    case, order = ordered.case, ordered.order
    # By the order of events, not by their times: those come from the clocks of two machines.
    parked = select(func.max(CaseEvent.seq)).where(
        CaseEvent.case_id == case.case_id, CaseEvent.what.in_(("parked", "payout_reversed"))
    )
    asked = (
        select(Resume.actor)
        .join(Token, Token.name == Resume.actor)
        .join(
            CaseEvent,
            and_(CaseEvent.case_id == Resume.case_id, CaseEvent.message_id == Resume.resume_id),
        )
        .where(
            Resume.case_id == case.case_id,
            Resume.action == Action.REROUTE,
            Resume.payout_to == order.payout_to,
            Resume.payout_token.is_not_distinct_from(order.payout_token),
            CaseEvent.seq > parked.scalar_subquery(),
            Token.revoked_at.is_(None),
        )
    )
    askers = set(ordered.session.scalars(asked))
    if askers == {order.actor}:
        raise Refusal(Why.FOUR_EYES)
    return bool(askers)


def reroute(ordered: Ordered) -> None:
    """Pay what did not get through another way: new payouts from the same payments. Only under
    approvals that still hold: else the case goes back to the second audit, as at any reserving.
    """
    session, case, order, now = ordered.session, ordered.case, ordered.order, ordered.now
    payouts = payouts_of(session, case)
    if lapsed(session, case, payouts, ordered.policy, now, order.resume_id):
        return
    for payout in payouts:
        if payout.state == PayoutState.RESERVED:
            fail(session, case, payout, "rerouted", now)
    to = Destination(order.payout_to or "original", order.payout_token, order.payout_last4)
    approvals = required(case, ordered.policy)
    for n, payout in enumerate(failed_last(payouts), start=len(payouts) + 1):
        payment = session.get_one(Payment, payout.payment_id)
        add_payout(session, case, n, payment, payout.amount, to, approvals, now)
    # What the gateway took back has no failed payout to stand in for.
    reserve_missing(session, case, payouts_of(session, case), approvals, now, to)
    ordered.record("rerouted", to.kind, to=Stage.PAYING)
