"""What we ask of a payout gateway, and what its answer is worth to us."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.charges import Reading, Transfers, Unreadable


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One attempt to move money, named so that it can be repeated and found again.

    `key` is the gateway's idempotency key and the reference by which it is asked; the same
    attempt always carries the same one. `amount` is in minor units of `currency`.
    """

    key: str
    payout_id: str
    case_id: str
    order_id: str
    payment: str
    amount: int
    currency: str
    reference: str | None = None
    token: str | None = None


class Verdict(StrEnum):
    """Every answer falls into exactly one of these; whatever is not listed is AMBIGUOUS."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"  # definite: this attempt did not and will not move money
    NOT_FOUND = "not_found"  # asked by our key: the gateway does not know it (yet)
    NOT_EXECUTED = "not_executed"  # refused before execution (429, unreachable): same key later
    REFUSED = "refused"  # another 4xx: failed, if the party's book then has nothing of it
    NOT_AUTHORIZED = "not_authorized"  # 401, 403: our key is not taken; the same later
    AMBIGUOUS = "ambiguous"  # timeout, reset, 5xx, unreadable, or an echo that is not ours


@dataclass(frozen=True, kw_only=True)
class Testimony:
    """What the gateway said. `code` is a short code, never free text and never personal data."""

    verdict: Verdict
    reference: str | None = None
    code: str = ""
    retry_after: float | None = None


class PayoutGateway(Protocol):
    """A party that moves money out. Neither call raises: what goes wrong is a Testimony."""

    def send(self, instruction: Instruction) -> Testimony:
        """Ask for the money to move. At most one HTTP request, under `instruction.key`."""
        ...

    def ask(self, instruction: Instruction) -> Testimony:
        """Ask what became of it: by `reference` where known, else by our key."""
        ...


class TransferReader(Protocol):
    """Where an order's transfers can be looked at. It never raises."""

    def of_order(self, order_id: str) -> Transfers | Unreadable:
        """All that was sent for the order."""
        ...


class ChargeReader(Protocol):
    """Where charges can be looked at. It never raises: what goes wrong is a Reading too."""

    def read(self, payment: str) -> Reading:
        """The charge that `payment` names, with what others took of it."""
        ...
