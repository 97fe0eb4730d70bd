"""What people say about goods: what came in, what is wrong with it, and what is to become of it."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.messages import (
    Amount,
    Message,
    Note,
    OutsideId,
    Photos,
    Quantity,
    Serial,
    Title,
    Version,
)
from domain.money import MAX_AMOUNT


class Grade(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Disposition(StrEnum):
    """What becomes of a unit that came in."""

    RESTOCK = "restock"
    RESALE = "resale"
    REPAIR = "repair"
    SCRAP = "scrap"
    DONATE = "donate"
    SEND_BACK = "send_back"


Count = Annotated[int, Field(strict=True, ge=0, le=10**9)]


class InspectedLine(Message):
    """What came of one line. `disposition` is of the accepted units, `reason` of the others."""

    line: Annotated[int, Field(strict=True, ge=1, le=10**6)]
    received: Count
    accepted: Count
    grade: Grade | None = None
    reason: Note | None = None
    disposition: Disposition | None = None
    photos: Photos = []
    serials: Annotated[list[Serial], Field(max_length=1000)] = []
    """Which units came, those that are accepted first."""

    def model_post_init(self, _: Any) -> None:
        if len(self.serials) > self.received or len(set(self.serials)) < len(self.serials):
            raise ValueError("serials name at most what was received, and none twice")
        if self.accepted > self.received:
            raise ValueError("accepted is at most what was received")
        if self.accepted < self.received and not self.reason:
            raise ValueError("what was not accepted needs a reason")
        if self.accepted and self.disposition in (None, Disposition.SEND_BACK):
            raise ValueError("accepted units need a disposition, and are not sent back")


class UnlistedItem(Message):
    """Something in the parcel that the case does not speak of."""

    title: Title
    quantity: Quantity
    sku: OutsideId | None = None


class Inspection(Message):
    """What the warehouse found. A line that is not named did not come; an empty box has none."""

    inspection_id: OutsideId | None = None
    lines: Annotated[list[InspectedLine], Field(max_length=1000)]
    unlisted: Annotated[list[UnlistedItem], Field(max_length=100)] = []
    note: Note = ""


class ArrivalAction(StrEnum):
    """What became of a parcel that no case waited for."""

    SEND_BACK = "send_back"
    KEEP = "keep"
    INSPECTED = "inspected"  # its case counted it after all
    GONE_BACK = "gone_back"  # its carrier took it back before anybody counted it


class ArrivalDecision(Message):
    """What is to become of it: it goes back to its buyer, or stays with the shop."""

    action: Literal[ArrivalAction.SEND_BACK, ArrivalAction.KEEP]
    note: Note = ""


class ParcelNumber(Message):
    carrier: OutsideId
    tracking_number: OutsideId


class Shipment(ParcelNumber):
    """The buyer has sent the goods by a carrier of their own choice. With `corrects`, this is how
    that parcel should have been named.
    """

    corrects: ParcelNumber | None = None


class Offer(Message):
    """What the buyer gets for the units that were not accepted, if they stay with the shop.

    Of 0 there is nothing to answer: they are sent back.
    """

    offer_id: OutsideId | None = None
    amount: Amount
    note: Note = ""


class Diagnosis(Message):
    """What a technician found. What is repairable and not `covered` is quoted to the buyer:
    `parts` and `labour` with their tax, which `tax` is a part of.

    `line` may be left out of a case with one line.
    """

    diagnosis_id: OutsideId | None = None
    line: Annotated[int, Field(strict=True, ge=1, le=10**6)] | None = None
    serial: Serial | None = None
    fault: Title
    covered: Annotated[bool, Field(strict=True)]
    repairable: Annotated[bool, Field(strict=True)]
    parts: Amount = 0
    labour: Amount = 0
    tax: Amount = 0
    note: Note = ""

    @property
    def price(self) -> int:
        return self.parts + self.labour

    def model_post_init(self, _: Any) -> None:
        if self.tax > self.price:
            raise ValueError("tax is a part of parts and labour and cannot exceed them")
        if self.price > MAX_AMOUNT:
            raise ValueError("no repair costs more than 10^15 minor units")
        if self.repairable and not self.covered and self.price == 0:
            raise ValueError("a repair that is not covered has a price")


class QuoteAnswer(Message):
    """The buyer's word on a quote; on this version of it, if one is named."""

    version: Version | None = None


class Remedy(StrEnum):
    """What a buyer gets for what cannot be repaired, or has failed too often."""

    REPAIR = "repair"  # once more, of what can be repaired
    SWAP = "swap"  # the same again, from stock
    REFUND = "refund"
    STORE_CREDIT = "store_credit"


class Choice(Message):
    remedy: Remedy


class Repaired(Message):
    """A unit is repaired and leaves. `swapped`: another unit goes to the buyer in its place."""

    serial: Serial | None = None
    swapped: Annotated[bool, Field(strict=True)] = False
    note: Note = ""


class Lost(Message):
    """A parcel is taken for lost."""

    note: Note = ""
