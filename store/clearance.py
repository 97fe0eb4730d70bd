"""May this payout be sent? What its charge shows is looked at before every first send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from sqlalchemy.orm import Session

from domain.cases import PayoutState, Stage
from domain.charges import SHORT, ChargeFacts, Mismatch, NoSuchCharge, Reading, Unreadable
from domain.payouts import UNREAD, Standing, park_in_doubt, why_unread
from domain.people import GATEWAY
from domain.policy import Policy
from store import charges, events
from store.cases import view
from store.parking import park
from store.payout_states import unread, withhold
from store.tables import Case, Payment, Payout, PayoutAttempt


@dataclass(frozen=True)
class ReadCharge:
    """The charge of this payment is to be read before the next step, outside any transaction."""

    payment: str


class Clearance(Enum):
    GIVEN = auto()
    WITHHELD = auto()
    """The payout has failed unsent, and its reservation was given back."""
    SHORT = auto()
    """Likewise; other payments may hold what its charge has too little left for."""


def clear(
    session: Session,
    case: Case,
    payout: Payout,
    readings: Mapping[str, Reading],
    policy: Policy,
    now: datetime,
) -> Clearance | ReadCharge | Standing:
    """Whether a reserved payout may be sent, by the reading of its payment's charge; or that there
    has to be one, or where the case stands while the gateway shows none.
    """
    payment = session.get_one(Payment, payout.payment_id, populate_existing=True)
    if payment.provider == "stripe":
        reading = readings.get(payment.payment)
        match reading:
            case None:
                return ReadCharge(payment.payment)
            case Unreadable():
                return _wait(session, case, payout, reading, policy, now)
            case _:
                _readable_again(session, case, policy, now)
        match reading:
            case NoSuchCharge():
                withhold(session, case, payout, Mismatch.NO_SUCH_CHARGE, now)
                return Clearance.WITHHELD
            case ChargeFacts():
                why = _withheld(session, case, payout, payment, reading, now)
                if why is not None:
                    return why
    payout.code, payout.asked, payout.unknown_since = "", 0, None
    return Clearance.GIVEN


def _readable_again(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    if case.attention in UNREAD:
        events.record(
            session, case, "unparked", GATEWAY, now, to=Stage.PAYING, deadlines=policy.deadlines
        )


def _withheld(
    session: Session,
    case: Case,
    payout: Payout,
    payment: Payment,
    facts: ChargeFacts,
    now: datetime,
) -> Clearance | None:
    """Withhold the payout if anything speaks against sending it; None if nothing does."""
    why = charges.take_in(session, case, payment, facts, now)
    attempt = session.get_one(PayoutAttempt, (payout.payout_id, payout.attempt))
    names = {each.key for each in facts.withdrawals}
    if payout.way == "original" and attempt.gateway_key in names:
        # Sent once before, by a database that was restored since: what is there is the answer.
        payout.state, attempt.state, attempt.sent_at = PayoutState.SENDING, "sent", now
        return None
    if not why:
        return None
    withhold(session, case, payout, why, now)
    if why != SHORT:
        return Clearance.WITHHELD
    session.refresh(payment)
    charges.take_in(session, case, payment, facts, now)  # without what it was to give
    return Clearance.SHORT


def _wait(
    session: Session,
    case: Case,
    payout: Payout,
    reading: Unreadable,
    policy: Policy,
    now: datetime,
) -> Standing:
    """Nothing was sent: the payout stays reserved and the charge is asked for on, by whoever asks
    after payouts in doubt, also once a person was told.
    """
    wait = unread(session, payout, reading.code, reading.retry_after, now)
    if case.stage == Stage.PAYING and park_in_doubt(payout.unknown_since, now):
        park(session, case, why_unread(reading.code), policy, now, reading.code)
        return Standing(view(session, case))
    return Standing(view(session, case), wait, asking=True)
