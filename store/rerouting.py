"""Money that goes another way than it was to go: asked for by one person, confirmed by another."""

from domain.cases import PayoutState, Stage
from store.decisions import required
from store.ordered import Ordered
from store.payout_states import fail
from store.reservations import (
    add_payout,
    failed_last,
    lapsed,
    payouts_of,
    reserve_missing,
)
from store.second_person import asked_before
from store.tables import Payment, Resume
from store.tenders import Destination


def confirms(ordered: Ordered) -> bool:
    """True if somebody else has asked for the same reroute. Raises Refusal(four-eyes) if it was
    this very person.
    """
    return asked_before(ordered, Resume.payout_to, Resume.payout_token)


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
    approvals = required(case)
    for n, payout in enumerate(failed_last(payouts), start=len(payouts) + 1):
        payment = session.get_one(Payment, payout.payment_id)
        add_payout(session, case, n, payment, payout.amount, to, approvals, now)
    # What the gateway took back has no failed payout to stand in for.
    reserve_missing(session, case, payouts_of(session, case), approvals, now, to)
    ordered.record("rerouted", to.kind, to=Stage.PAYING)
