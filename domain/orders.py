"""An order as a storefront reports it, and whether its amounts add up."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    model_validator,
)

from domain.days import day_of
from domain.messages import Amount, Message, OutsideId, Quantity, Serial, Title
from domain.money import MAX_AMOUNT
from domain.refusals import Refusal, Why
from domain.texts import BLANK_IS_NOTHING, COMPOSED, FREE_TEXT, STORABLE

CENTURIES = (datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC))
"""No order is older or younger. Beyond them, adding a window's days leaves the calendar."""

UNSHIFTED, MOST_OFFSET = timedelta(0), timedelta(hours=16)
"""PostgreSQL has no offset that is larger, and no place on earth has."""


def _written_out(pattern: str) -> BeforeValidator:
    """Refuses numbers and the other ways to write a time that pydantic would read."""

    def check(value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            raise ValueError("must be written as RFC 3339 has it")
        if not isinstance(value, str | date | None):
            raise ValueError("must be a text as RFC 3339 has it")
        return value

    return BeforeValidator(check)


def _within_centuries(at: datetime) -> datetime:
    """The same moment in UTC, if it is one that we take."""
    if not CENTURIES[0] <= at < CENTURIES[1]:
        raise ValueError("must lie between the years 1900 and 3000")
    if abs(at.utcoffset() or UNSHIFTED) >= MOST_OFFSET:
        raise ValueError("no clock is 16 hours or more from UTC")
    return at.astimezone(UTC)


DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
Day = Annotated[date, _written_out(DAY)]
Instant = Annotated[
    AwareDatetime,
    _written_out(DAY + r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"),
    AfterValidator(_within_centuries),
]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Phone = Annotated[str, StringConstraints(max_length=200), COMPOSED, STORABLE, BLANK_IS_NOTHING]
"""Long runs of digits are usual in phones, so no card number is looked for."""
Text = Annotated[str, StringConstraints(max_length=200), COMPOSED, FREE_TEXT, BLANK_IS_NOTHING]


class Customer(Message):
    id: OutsideId
    name: Text | None = None
    email: Text | None = None
    phone: Phone | None = None
    locale: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,35}$"), FREE_TEXT] | None
    ) = None


class OrderedLine(Message):
    """`paid` is what the buyer paid for all of the line, tax included; `tax` is a part of it."""

    line: Annotated[int, Field(strict=True, ge=1, le=10**6)]
    sku: OutsideId
    title: Title
    quantity: Quantity
    paid: Amount
    tax: Amount = 0
    category: Annotated[OutsideId, FREE_TEXT] | None = None
    supplier: OutsideId | None = None
    """Who the shop has it from: figures of cases are also told by supplier."""
    returnable: Annotated[bool, Field(strict=True)] = True
    warranty_until: Day | None = None
    delivered_at: Instant | None = None
    """Of what came by itself: its windows begin with it, not with the order's `delivered_at`."""
    serials: Annotated[list[Serial], Field(max_length=1000)] = []

    @model_validator(mode="after")
    def _tax_within_paid(self) -> Self:
        if self.tax > self.paid:
            raise ValueError("tax is a part of paid and cannot exceed it")
        return self


class ShippingPaid(Message):
    paid: Amount = 0
    tax: Amount = 0

    @model_validator(mode="after")
    def _tax_within_paid(self) -> Self:
        if self.tax > self.paid:
            raise ValueError("tax is a part of paid and cannot exceed it")
        return self


class CapturedPayment(Message):
    """A payment the order was paid with; `captured` is this order's share of it."""

    payment: OutsideId
    provider: Literal["stripe", "offline"]
    method: Annotated[Text, StringConstraints(max_length=64)] | None = None
    captured: Amount

    @model_validator(mode="after")
    def _named_as_the_provider_does(self) -> Self:
        if self.provider == "stripe" and not self.payment.startswith(("ch_", "pi_")):
            raise ValueError("a stripe payment is named ch_... or pi_...")
        return self


class OrderPut(Message):
    """The body of `PUT /v1/orders/{order_id}`."""

    currency: CurrencyCode
    customer: Customer
    ordered_at: Instant
    shipped_at: Instant | None = None
    delivered_at: Instant | None = None
    lines: Annotated[list[OrderedLine], Field(min_length=1, max_length=2000)]
    shipping: ShippingPaid = ShippingPaid()
    payments: Annotated[list[CapturedPayment], Field(max_length=50)]

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if len({line.line for line in self.lines}) != len(self.lines):
            raise ValueError("line numbers are unique in an order")
        if len({payment.payment for payment in self.payments}) != len(self.payments):
            raise ValueError("payments are unique in an order")
        if sum(payment.captured for payment in self.payments) > MAX_AMOUNT:
            raise ValueError("an order is not above 10^15 minor units")
        return self

    def check_deliveries(self, timezone: ZoneInfo) -> None:
        """Raise Refusal(invalid) if something was delivered on a day before it was ordered, as the
        shop counts days.
        """
        ordered_on = day_of(self.ordered_at, timezone)
        deliveries = {"delivered_at": self.delivered_at} | {
            f"lines.{n}.delivered_at": line.delivered_at for n, line in enumerate(self.lines)
        }
        early = [
            {"field": field, "detail": "must not be before the day of ordered_at"}
            for field, at in deliveries.items()
            if at and day_of(at, timezone) < ordered_on
        ]
        if early:
            raise Refusal(Why.INVALID, errors=early)

    def balance(self) -> None:
        """Raise Refusal(order-does-not-balance) unless what was paid is what was captured."""
        paid = sum(line.paid for line in self.lines) + self.shipping.paid
        captured = sum(payment.captured for payment in self.payments)
        if paid != captured:
            raise Refusal(
                Why.ORDER_UNBALANCED, f"lines and shipping are {paid}, captured is {captured}"
            )
