"""What is different between our books and a gateway's own list? The rule, one refund at a time.

A pair is one of our attempts to pay and the gateway's row under its key; either may be missing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.cases import PayoutState

WAYS = ("original", "bank_card")
"""How money goes through a gateway: back to the charge, or as a transfer to a card."""

FAILED = ("failed", "canceled")
"""A gateway's statuses of money that did not go out, or came back."""

ON_ITS_WAY = timedelta(minutes=10)
"""How long the gateway may have a refund before we must know what became of it."""

OVERLAP = timedelta(days=1)
"""How far a reading goes back behind the one before: clocks differ, and statuses change."""

RESTORE_OVERLAP = timedelta(hours=1)
"""How far before the moment of a restored database its gateways' lists are read again."""

FIRST_READING = timedelta(days=30)
"""How far the first reading goes back at least."""


class Difference(StrEnum):
    """What one side has otherwise than the other."""

    UNKNOWN_REFUND = "unknown_refund"
    MISSING_REFUND = "missing_refund"
    PAID_TWICE = "paid_twice"
    AMOUNT_DIFFERS = "amount_differs"
    STATUS_DIFFERS = "status_differs"
    LEDGER_DIFFERS = "ledger_differs"


MEANING = {
    Difference.UNKNOWN_REFUND: "The gateway paid out what our books do not know.",
    Difference.MISSING_REFUND: "We have it as paid, and the gateway does not have it.",
    Difference.PAID_TWICE: "The gateway paid it out although it was paid already.",
    Difference.AMOUNT_DIFFERS: "Amount, currency or charge are others at the gateway.",
    Difference.STATUS_DIFFERS: "Paid on one side, and not on the other.",
    Difference.LEDGER_DIFFERS: "The ledger has posted another amount than was paid out.",
}


class Standing(StrEnum):
    """What a refund at the gateway is to our books."""

    OURS = "ours"
    FOREIGN = "foreign"
    ACCEPTED = "accepted"  # made by others, and booked by two people
    RECOVERED = "recovered"  # ours, made after the moment that a restored database is of


class State(StrEnum):
    """Of a difference: whose it is, or how it ended."""

    OPEN = "open"
    OWNED = "owned"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Ours:
    """An attempt to pay. `current` unless a later one took its place, `by_hand` if people settled
    the payout elsewhere; `posted` is what the ledger has as refunded by it.
    """

    state: str
    current: bool
    by_hand: bool
    amount: int
    currency: str
    payment: str
    posted: int
    sent_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True)
class Theirs:
    """The gateway's row; `successes` counts its rows of that payout that went through."""

    status: str
    standing: str
    amount: int
    currency: str
    charge: str | None
    created_at: datetime
    successes: int


@dataclass(frozen=True)
class Reading:
    """The gateway's list was read at `read_at`, and holds all that it made since `covers_from`."""

    read_at: datetime
    covers_from: datetime


def difference(ours: Ours | None, theirs: Theirs | None, reading: Reading) -> Difference | None:
    """What is wrong with the pair, if anything; what may still be on its way is not."""
    if theirs is None:
        return _missing(ours, reading) if ours else None
    gone = theirs.status not in FAILED
    if ours is None:
        unknown = gone and theirs.standing == Standing.FOREIGN
        return Difference.UNKNOWN_REFUND if unknown else None
    if not gone:
        stands = ours.state == PayoutState.PAID and ours.current and not ours.by_hand
        return Difference.STATUS_DIFFERS if stands else None
    if theirs.successes > 1 or (ours.state == PayoutState.PAID and _elsewhere(ours)):
        return Difference.PAID_TWICE
    if not _same_money(ours, theirs):
        return Difference.AMOUNT_DIFFERS
    return _status(ours, theirs, reading)


def _missing(ours: Ours, reading: Reading) -> Difference | None:
    """Said only of what was sent and settled within what was read."""
    if ours.state != PayoutState.PAID or _elsewhere(ours) or ours.sent_at is None:
        return None
    settled = ours.settled_at is not None and ours.settled_at < reading.read_at
    covered = settled and ours.sent_at >= reading.covers_from
    return Difference.MISSING_REFUND if covered else None


def _elsewhere(ours: Ours) -> bool:
    """True if the payout was paid in another way than by this attempt at the gateway."""
    return ours.by_hand or not ours.current


def _same_money(ours: Ours, theirs: Theirs) -> bool:
    """A charge is compared with a charge only: its intent is another name for it."""
    named = theirs.charge and ours.payment[:3] == theirs.charge[:3]
    return (ours.amount, ours.currency) == (theirs.amount, theirs.currency) and (
        not named or ours.payment == theirs.charge
    )


def _status(ours: Ours, theirs: Theirs, reading: Reading) -> Difference | None:
    arrived = theirs.status == "succeeded"
    if ours.state == PayoutState.PAID and arrived:
        return Difference.LEDGER_DIFFERS if ours.posted != ours.amount else None
    under_way = ours.state in (PayoutState.SENDING, PayoutState.UNKNOWN, PayoutState.PENDING)
    fresh = theirs.created_at > reading.read_at - ON_ITS_WAY
    if ours.current and under_way and (fresh or not arrived):
        return None
    return Difference.STATUS_DIFFERS
