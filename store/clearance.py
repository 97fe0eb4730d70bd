"""May this payout be sent? What its charge shows is looked at before every first send."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases import PayoutState, Stage, gateway_key
from domain.charges import (
    SHORT,
    ChargeFacts,
    Mismatch,
    NoSuchCharge,
    Reading,
    Transfers,
    Unreadable,
)
from domain.payouts import UNREAD, Standing, park_in_doubt, why_unread
from domain.people import GATEWAY
from domain.policy import Policy
from store import charges, events, holds, transfers
from store.cases import view
from store.parking import park
from store.payout_states import unread, withhold
from store.tables import Case, Payment, Payout, PayoutAttempt


@dataclass(frozen=True)
class ReadCharge:
    """The charge of this payment is to be read before the next step, outside any transaction."""

    payment: str

    @property
    def name(self) -> str:
        """Under which its reading is handed in."""
        return self.payment


@dataclass(frozen=True)
class ReadTransfers:
    """Likewise what the bank has sent for this order."""

    order_id: str

    @property
    def name(self) -> str:
        """No payment is named so."""
        return f"order/{self.order_id}"


HELD_SECONDS = 20.0
"""How long a payout waits that is held, before it is looked at again."""

HELD = "payouts_held"
"""The code of a payout that waits for `store.holds`."""


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
) -> Clearance | ReadCharge | ReadTransfers | Standing:
    """Whether a reserved payout may be sent, by the reading of its payment's charge, and for a
    transfer of what the bank has sent before; or that there has to be one, or where the case stands
    while there is none to have, or payouts are held.
    """
    looked = select(Payment, holds.held(), transfers.unknown(case)).where(
        Payment.id == payout.payment_id
    )
    fresh = looked.execution_options(populate_existing=True)
    payment, held, transferred = session.execute(fresh).one()
    if held:
        payout.code = HELD
        return Standing(view(session, case), HELD_SECONDS, asking=True)
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
    if payout.state == PayoutState.RESERVED:
        waits = _transferred(session, case, payout, transferred, readings, policy, now)
        if waits is not None:
            return waits
    payout.code, payout.asked, payout.unknown_since = "", 0, None
    return Clearance.GIVEN


def _transferred(
    session: Session,
    case: Case,
    payout: Payout,
    transferred: bool,
    readings: Mapping[str, Reading],
    policy: Policy,
    now: datetime,
) -> Clearance | ReadTransfers | Standing | None:
    """Withhold the payout if the bank has sent for its order what our books do not know. Nobody has
    asked the bank lately but where it is to send now.
    """
    if payout.way == "bank_card":
        wanted = ReadTransfers(case.order_id)
        reading = readings.get(wanted.name)
        if reading is None:
            return wanted
        if isinstance(reading, Unreadable):
            return _wait(session, case, payout, reading, policy, now)
        _readable_again(session, case, policy, now)
        sent = reading.withdrawals if isinstance(reading, Transfers) else ()
        transfers.keep(session, sent, now)
        if _sent_before(session, payout, {each.key for each in sent}, now):
            return None
        transferred = session.execute(select(transfers.unknown(case))).scalar_one()
    if not transferred:
        return None
    withhold(session, case, payout, Mismatch.FOREIGN_REFUNDS, now)
    return Clearance.WITHHELD


def _sent_before(
    session: Session, payout: Payout, keys: Collection[str | None], now: datetime
) -> bool:
    """True if the gateway knows the payout's key: it was sent once before, by a database that was
    restored since, and what is there is the answer.
    """
    if gateway_key(payout.payout_id, payout.attempt) not in keys:
        return False
    attempt = session.get_one(PayoutAttempt, (payout.payout_id, payout.attempt))
    payout.state, attempt.state, attempt.sent_at = PayoutState.SENDING, "sent", now
    return True


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
    keys = {each.key for each in facts.withdrawals}
    if payout.way == "original" and _sent_before(session, payout, keys, now):
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
