"""Does the gateway's statement say of a storefront's refunds what our payouts say, line by line?"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases import PayoutState
from domain.stripe_amounts import in_minor_units
from store.tables import Payment, Payout, PayoutAttempt

IN_FLIGHT = (PayoutState.SENDING, PayoutState.UNKNOWN)
"""Nobody knows yet whether the gateway has such a line."""

STATUS = {
    PayoutState.PAID: "succeeded",
    PayoutState.PENDING: "pending",
    PayoutState.REVERSED: "failed",
}
"""The gateway's word for a refund of ours; for other states it has no line, or a failed one."""


@dataclass(frozen=True)
class Entry:
    """One refund, as either side has it. `payment` without its prefix: a charge and its intent
    are one payment; `amount` in our minor units, with what part of one the gateway may have moved.
    """

    key: str
    payment: str
    amount: int | Fraction
    currency: str
    status: str

    def __str__(self) -> str:
        return f"{self.key} {self.amount} {self.currency} of {self.payment} {self.status}"


@dataclass(frozen=True)
class Comparison:
    """How many lines each side has, and what one side has otherwise than the other."""

    ours: int
    theirs: int
    differences: list[str]


def compare(session: Session, storefront: str, refunds: Sequence[dict[str, Any]]) -> Comparison:
    """Every refund of the storefront's payments in our books against the gateway's `refunds`."""
    attempts = session.execute(
        select(PayoutAttempt, Payout, Payment.payment)
        .join(Payout, Payout.payout_id == PayoutAttempt.payout_id)
        .join(Payment, Payment.id == Payout.payment_id)
        .where(Payout.storefront == storefront, Payout.way == "original")
    ).all()
    open_keys = {a.gateway_key for a, payout, _ in attempts if payout.state in IN_FLIGHT}
    ours = {
        attempt.gateway_key: _ours(attempt, payout, payment)
        for attempt, payout, payment in attempts
        if attempt.attempt == payout.attempt and payout.state in STATUS
    }
    payments = set(session.scalars(select(Payment.payment).where(Payment.storefront == storefront)))
    names = {payment[3:] for payment in payments}
    theirs = [_theirs(row) for row in refunds if row["charge"][3:] in names]
    told = [entry for entry in theirs if entry.key in ours or entry.status != "failed"]
    differences = [f"only in our books: {ours[k]}" for k in ours.keys() - {e.key for e in theirs}]
    seen: set[str] = set()
    for entry in told:
        if entry.key in seen:
            differences.append(f"twice at the gateway: {entry}")
        elif entry.key not in ours and entry.key not in open_keys:
            differences.append(f"only at the gateway: {entry}")
        elif entry.key in ours and ours[entry.key] != entry:
            differences.append(f"{ours[entry.key]} in our books, {entry} at the gateway")
        seen.add(entry.key)
    return Comparison(len(ours), len(told), differences)


def _ours(attempt: PayoutAttempt, payout: Payout, payment: str) -> Entry:
    status = STATUS[PayoutState(payout.state)]
    return Entry(attempt.gateway_key, payment[3:], payout.amount, payout.currency, status)


def _theirs(row: dict[str, Any]) -> Entry:
    currency = row["currency"].upper()
    amount = in_minor_units(row["amount"], currency)
    return Entry(str(row["key"]), row["charge"][3:], amount, currency, row["status"])
