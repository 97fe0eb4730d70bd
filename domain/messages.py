"""Every message a person or partner can send to a case, by HTTP or as a raw signal.

One model per message, refused as a whole if a field is unknown. New fields are always optional:
older workers will see newer messages.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from domain.cases import GOODS, Kind
from domain.money import MAX_AMOUNT
from domain.texts import BLANK_IS_NOTHING, COMPOSED, FREE_TEXT, STORABLE, VISIBLE

Amount = Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT)]
"""Minor units. No floats, not even 1530.0, and no strings."""

PositiveAmount = Annotated[int, Field(strict=True, gt=0, le=MAX_AMOUNT)]
OUTSIDE_ID = r"^[A-Za-z0-9._-]{1,64}$"
OutsideId = Annotated[str, StringConstraints(pattern=OUTSIDE_ID)]
Note = Annotated[str, StringConstraints(max_length=2000), COMPOSED, FREE_TEXT, BLANK_IS_NOTHING]
Title = Annotated[
    str, StringConstraints(min_length=1, max_length=200), COMPOSED, FREE_TEXT, VISIBLE
]
Serial = Annotated[
    str, StringConstraints(min_length=1, max_length=200), COMPOSED, STORABLE, VISIBLE
]
"""Exempt from the search for card numbers: long runs of digits are usual in serials."""
Quantity = Annotated[int, Field(strict=True, ge=1, le=10**9)]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]


def _once_each(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) != len(ids):
        raise ValueError("a photo is named twice")
    return ids


Photos = Annotated[list[UUID], Field(max_length=20), AfterValidator(_once_each)]
"""Ids of uploads, in the order in which they are shown."""


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reason(StrEnum):
    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    WRONG_ITEM = "wrong_item"
    NOT_AS_DESCRIBED = "not_as_described"
    MISSING_PARTS = "missing_parts"
    NOT_RECEIVED = "not_received"
    LATE = "late"
    CHANGED_MIND = "changed_mind"
    SIZE_OR_FIT = "size_or_fit"
    OTHER = "other"
    WARRANTY_FAULT = "warranty_fault"


class RejectReason(StrEnum):
    NOT_ELIGIBLE = "not_eligible"
    NO_EVIDENCE = "no_evidence"
    USED = "used"
    OUT_OF_WINDOW = "out_of_window"
    FRAUD_SUSPECTED = "fraud_suspected"
    DUPLICATE = "duplicate"
    OTHER = "other"


class ToOriginal(Message):
    """Back to the payments the order was paid with."""

    kind: Literal["original"] = "original"


VAULT_NAME = r"^[!-~]{1,200}$"


class ToBankCard(Message):
    """A transfer through the bank gateway, to a card known by its token; always two approvers."""

    kind: Literal["bank_card"]
    token: Annotated[
        str,
        FREE_TEXT,  # first: a card number in another form is more than a token with spaces
        StringConstraints(pattern=VAULT_NAME),
        WithJsonSchema({"type": "string", "pattern": VAULT_NAME}),
    ]
    last4: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]


class ToStoreCredit(Message):
    """Booked to the customer."""

    kind: Literal["store_credit"]


PayoutTo = Annotated[ToOriginal | ToBankCard | ToStoreCredit, Field(discriminator="kind")]


class LineRequest(Message):
    line: Annotated[int, Field(strict=True, ge=1, le=10**6)]
    quantity: Quantity


class Address(Message):
    name: Title
    phone: Annotated[
        str, StringConstraints(min_length=1, max_length=40), COMPOSED, STORABLE, VISIBLE
    ]
    lines: Annotated[list[Title], Field(min_length=1, max_length=5)]
    city: Title
    region: Title | None = None
    postal_code: Title | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Condition(StrEnum):
    """What a piece in stock was before: nobody's, or a buyer's who sent it back."""

    NEW = "new"
    USED = "used"


class Replacement(Message):
    """What the buyer wants for a line: as many units, for `price` in all (as `paid` of a line of an
    order is of its whole quantity). It may be the same article. `used` is for a buyer who was
    offered a used one and took it: nobody else gets one, and this buyer no new one.
    """

    line: Annotated[int, Field(strict=True, ge=1, le=10**6)]
    sku: OutsideId
    quantity: Quantity
    price: Amount
    condition: Condition = Condition.NEW


class Fallback(StrEnum):
    """What is done instead where a replacement is out of stock or a unit cannot be repaired, in
    the order of the list. Only exchanges wait, and only repairs are swapped.
    """

    WAIT = "wait"
    SWAP = "swap"
    REFUND = "refund"
    STORE_CREDIT = "store_credit"


class CaseRequest(Message):
    """What a storefront applies for. `amount` (refund only) is less than the entitlement."""

    kind: Kind
    order_id: OutsideId
    lines: Annotated[list[LineRequest], Field(min_length=1, max_length=1000)]
    reason: Reason
    note: Note = ""
    amount: PositiveAmount | None = None
    include_shipping: Annotated[bool, Field(strict=True)] = False
    payout_to: PayoutTo = ToOriginal()
    evidence: Photos = []
    address: Address | None = None
    replacement: Annotated[list[Replacement], Field(max_length=1000)] | None = None
    fallback: Annotated[list[Fallback], Field(max_length=3)] = []

    def model_post_init(self, _: Any) -> None:
        if self.kind in GOODS and self.address is None:
            raise ValueError(f"a {self.kind} needs the address where the goods are")
        if self.kind is not Kind.REFUND and self.amount is not None:
            raise ValueError("only a refund asks for an amount")
        if (self.kind is Kind.EXCHANGE) != (self.replacement is not None):
            raise ValueError("an exchange, and only an exchange, says what it is for")
        if len(set(self.fallback)) != len(self.fallback):
            raise ValueError("a fallback is named twice")
        self._check_replacement(self.replacement or [])

    def _check_replacement(self, wanted: list[Replacement]) -> None:
        """Which lines there are is not judged here: that has refusals of its own."""
        asked = {line.line: line.quantity for line in self.lines}
        if self.kind is Kind.EXCHANGE and asked.keys() - {each.line for each in wanted}:
            raise ValueError("every line of an exchange has a replacement")
        if any(asked.get(each.line, each.quantity) != each.quantity for each in wanted):
            raise ValueError("as many units are given as are asked for")
        if self.kind is Kind.REPAIR and Fallback.WAIT in self.fallback:
            raise ValueError("a repair waits for no stock: its fallbacks are other remedies")
        if self.kind is not Kind.REPAIR and Fallback.SWAP in self.fallback:
            raise ValueError("only what is repaired is swapped")


class Approve(Message):
    decision_id: OutsideId | None = None
    version: Version | None = None
    amount: PositiveAmount | None = None
    note: Note = ""


class Reject(Message):
    decision_id: OutsideId | None = None
    version: Version | None = None
    reason: RejectReason
    note: Note


class Cancel(Message):
    note: Note = ""


class Action(StrEnum):
    RETRY = "retry"
    SETTLE = "settle"
    REROUTE = "reroute"
    GIVE_UP = "give_up"
    ACCEPT = "accept"


class Resume(Message):
    """What an operator does about a parked case. `settle` names the payment made elsewhere."""

    resume_id: OutsideId | None = None
    action: Action
    reference: Title | None = None
    payout_to: PayoutTo | None = None
    note: Note

    def model_post_init(self, _: Any) -> None:
        if (self.action is Action.SETTLE) != (self.reference is not None):
            raise ValueError("settle, and only settle, takes a reference")
        if (self.action is Action.REROUTE) != (self.payout_to is not None):
            raise ValueError("reroute, and only reroute, takes payout_to")


Decision = Approve | Reject | Cancel | Resume

SIGNALS: dict[str, type[Approve] | type[Reject] | type[Cancel] | type[Resume]] = {
    "approve": Approve,
    "reject": Reject,
    "cancel": Cancel,
    "resume": Resume,
}
"""The signals a case understands; each takes one object, the message's fields and `actor`."""

CANCELLATION = "cancellation"
"""What a workflow hears as if it were a signal when Temporal is asked to cancel it."""


@dataclass(frozen=True)
class Signal:
    """A signal as it reached a workflow, its payload as it came.

    `id` names this delivery; it stays the same however often the signal is settled.
    """

    id: str
    name: str
    payload: Any
