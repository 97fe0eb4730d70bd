"""Is a charge at the gateway what our books take it for? Compared before any money leaves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

TOOK_NOTHING = frozenset({"failed", "canceled"})
"""Statuses of refunds whose money is the charge's again. Every other one holds it."""

DISPUTE_LOST = "lost"
DISPUTES_OVER = frozenset({DISPUTE_LOST, "won", "warning_closed", "prevented"})
"""Whatever else the gateway says of a dispute, it is open."""


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """Money that left a charge, or may: a refund, or a dispute. Amounts are our minor units.

    The names are from its metadata, where anybody may have written anything.
    """

    id: str
    way: str
    """`original` for a refund, `bank_card` for a transfer, `dispute`."""
    amount: int
    currency: str
    status: str
    created_at: datetime
    key: str | None = None
    storefront: str | None = None
    order_id: str | None = None
    case_id: str | None = None
    payout_id: str | None = None

    @property
    def open_dispute(self) -> bool:
        return self.way == "dispute" and self.status not in DISPUTES_OVER

    @property
    def took_money(self) -> bool:
        """True while the charge is without this money, by what the gateway says."""
        if self.way == "dispute":
            return self.status == DISPUTE_LOST
        return self.status not in TOOK_NOTHING


@dataclass(frozen=True, kw_only=True)
class ChargeFacts:
    """A charge as the gateway shows it. `storefront` is from its metadata."""

    charge: str
    intent: str | None
    currency: str
    captured: int
    storefront: str | None = None
    withdrawals: tuple[Withdrawal, ...] = ()

    @property
    def disputed(self) -> bool:
        return any(each.open_dispute for each in self.withdrawals)


@dataclass(frozen=True)
class Transfers:
    """What the bank has sent for an order, as it lists it."""

    withdrawals: tuple[Withdrawal, ...] = ()


@dataclass(frozen=True)
class NoSuchCharge:
    """The gateway says that it has no charge of this name."""


@dataclass(frozen=True)
class Unreadable:
    """The gateway did not show the charge. `code` is a short code, never free text."""

    code: str
    retry_after: float | None = None


Reading = ChargeFacts | Transfers | NoSuchCharge | Unreadable


class Mismatch(StrEnum):
    NO_SUCH_CHARGE = "no_such_charge"
    NOT_CAPTURED = "not_captured"
    WRONG_CURRENCY = "wrong_currency"
    WRONG_OWNER = "wrong_owner"
    OPEN_DISPUTE = "open_dispute"
    FOREIGN_REFUNDS = "foreign_refunds"
    """Refunds or lost disputes that our books do not know."""


ACCEPTABLE = frozenset({Mismatch.FOREIGN_REFUNDS})
"""What two people may book as it is. From the rest nobody is ever paid."""

SHORT = "charge_not_covered"
"""Our own code: other orders and accepted refunds leave the charge too little."""


def mismatches_in(code: str) -> list[Mismatch]:
    """What was wrong with the charge of a payout that failed with this code, if that was why."""
    known = set(Mismatch)
    return [Mismatch(word) for word in code.split() if word in known]


def withheld(code: str) -> bool:
    """True if a payout that failed with this code was never sent, because of its charge."""
    return code == SHORT or bool(mismatches_in(code))


@dataclass(frozen=True, kw_only=True)
class Books:
    """What we know of the charge: whose it is, if anybody's yet, and by the gateway's keys what our
    payouts hold or have paid of it. `accepted` are amounts of withdrawals that were booked, by
    their ids.
    """

    owner: str | None
    ours: Mapping[str, int]
    accepted: Mapping[str, int]


class Whose(StrEnum):
    OURS = "ours"
    ACCEPTED = "accepted"
    FOREIGN = "foreign"
    """Our books do not know it."""


def whose(facts: ChargeFacts, books: Books) -> dict[str, Whose]:
    """Who is known to have taken the money, by the ids of the withdrawals that took some. A key of
    ours stands for one refund of the very amount, whoever else may have written it elsewhere.
    """
    ours = dict(books.ours)
    found = {}
    for each in facts.withdrawals:
        if not each.took_money:
            continue
        if each.way != "dispute" and each.key and ours.get(each.key) == each.amount:
            found[each.id] = Whose.OURS
            del ours[each.key]
        elif books.accepted.get(each.id, -1) >= each.amount:
            found[each.id] = Whose.ACCEPTED
        else:
            found[each.id] = Whose.FOREIGN
    return found


def amount_of(facts: ChargeFacts, found: Mapping[str, Whose], whom: Whose) -> int:
    """How much they took, in minor units of the charge's currency."""
    return sum(each.amount for each in facts.withdrawals if found.get(each.id) is whom)


def mismatches(
    facts: ChargeFacts, books: Books, *, storefront: str, currency: str
) -> list[Mismatch]:
    """Why nothing may be sent from the charge for this storefront, the gravest first."""
    found = {
        Mismatch.NOT_CAPTURED: facts.captured == 0,
        Mismatch.WRONG_CURRENCY: facts.currency != currency,
        Mismatch.WRONG_OWNER: books.owner not in (None, storefront),
        Mismatch.OPEN_DISPUTE: facts.disputed,
        Mismatch.FOREIGN_REFUNDS: Whose.FOREIGN in whose(facts, books).values(),
    }
    return [mismatch for mismatch, there in found.items() if there]
