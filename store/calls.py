"""One call to a gateway about a payout, and everything that goes into it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases import PayoutState
from domain.payouts import Move
from store.tables import Inbox, Payment, Payout, PayoutAttempt


@dataclass(frozen=True)
class Call:
    """The one outside call to make now."""

    move: Move
    way: str
    payout_id: UUID
    attempt: int
    gateway_key: str
    case_id: UUID
    order_id: str
    payment: str
    amount: int
    currency: str
    reference: str | None
    """The gateway's own name of it, where that is certain."""
    doubted: str | None
    """The name in an answer that was not about our money as we sent it."""
    token: str | None
    sent_at: datetime | None
    """When this attempt last went out."""
    refusal: str | None
    """The code with which the gateway refused this attempt, if it did."""
    heard: tuple[str, ...]
    """The reports of the payout that had come in before the call: an answer covers no later one."""
    at: datetime


@dataclass(frozen=True)
class Answer:
    """What the gateway said of a call: PAID, PENDING, FAILED for good, or UNKNOWN."""

    state: PayoutState
    reference: str | None = None
    code: str = ""
    retry_after: float | None = None
    refused: bool = False
    """UNKNOWN, and a decline if the gateway's book then has nothing of it."""


def call_about(session: Session, payout: Payout, move: Move, now: datetime) -> Call:
    """The call that makes this move on the payout's present attempt."""
    attempt = session.get_one(PayoutAttempt, (payout.payout_id, payout.attempt))
    payment = session.get_one(Payment, payout.payment_id)
    unread = select(Inbox.event_id).where(
        Inbox.payout_id == payout.payout_id, Inbox.processed_at.is_(None)
    )
    return Call(
        move=move,
        way=payout.way,
        payout_id=payout.payout_id,
        attempt=payout.attempt,
        gateway_key=attempt.gateway_key,
        case_id=payout.case_id,
        order_id=payout.order_id,
        payment=payment.payment,
        amount=payout.amount,
        currency=payout.currency,
        reference=payout.reference if payout.state != PayoutState.UNKNOWN else None,
        doubted=payout.reference if payout.state == PayoutState.UNKNOWN else None,
        token=payout.token,
        sent_at=attempt.sent_at,
        refusal=attempt.refusal,
        heard=tuple(session.scalars(unread)),
        at=now,
    )
