"""What does an order look like from outside? As it was put, and what its cases took of it."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel

from api.charge_answers import PaymentChargeAnswer
from api.instants import Instant
from api.sparse import Sparse
from domain.repairs import Serials
from store.orders import OrderRecord, UnitCount
from store.tables import Order, OrderLine, Payment


class CustomerAnswer(BaseModel):
    id: str
    name: str | None
    email: str | None
    phone: str | None
    locale: str | None


class UnitsAnswer(BaseModel):
    bought: int
    claimed: int
    settled: int
    free: int


class OrderLineAnswer(BaseModel):
    line: int
    sku: str
    title: str
    quantity: int
    paid: int
    tax: int
    category: str | None
    supplier: str | None
    returnable: bool
    warranty_until: date | None
    delivered_at: Instant | None
    serials: list[str]
    """Of the units as they are now: one that was swapped or came back is not among them."""

    units: UnitsAnswer


class ShippingAnswer(BaseModel):
    paid: int
    tax: int


class PaymentAnswer(BaseModel):
    payment: str
    provider: Literal["stripe", "offline"]
    method: str | None
    captured: int
    reserved: int
    refunded: int


class OrderAnswer(Sparse):
    storefront: str
    order_id: str
    currency: str
    customer: CustomerAnswer
    ordered_at: Instant
    shipped_at: Instant | None
    delivered_at: Instant | None
    lines: list[OrderLineAnswer]
    shipping: ShippingAnswer
    payments: list[PaymentAnswer]
    charges: list[PaymentChargeAnswer] = []
    """Only for staff, once the charges of the payments were read."""

    if_any = ("charges",)


def order_answer(record: OrderRecord, charges: Sequence[PaymentChargeAnswer] = ()) -> OrderAnswer:
    order = record.order
    return OrderAnswer(
        storefront=order.storefront,
        order_id=order.order_id,
        currency=order.currency,
        customer=_customer(order),
        ordered_at=order.ordered_at,
        shipped_at=order.shipped_at,
        delivered_at=order.delivered_at,
        lines=[_line(line, units, record.serials[line.id]) for line, units in record.lines],
        shipping=ShippingAnswer(paid=order.shipping_paid, tax=order.shipping_tax),
        payments=[_payment(payment) for payment in record.payments],
        charges=list(charges),
    )


def _customer(order: Order) -> CustomerAnswer:
    return CustomerAnswer(
        id=order.customer_id,
        name=order.customer_name,
        email=order.customer_email,
        phone=order.customer_phone,
        locale=order.customer_locale,
    )


def _line(line: OrderLine, units: UnitCount, serials: Serials) -> OrderLineAnswer:
    return OrderLineAnswer(
        line=line.line,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        paid=line.paid,
        tax=line.tax,
        category=line.category,
        supplier=line.supplier,
        returnable=line.returnable,
        warranty_until=line.warranty_until,
        delivered_at=line.delivered_at,
        serials=list(serials.now),
        units=UnitsAnswer(
            bought=units.bought, claimed=units.claimed, settled=units.settled, free=units.free
        ),
    )


def _payment(payment: Payment) -> PaymentAnswer:
    return PaymentAnswer(
        payment=payment.payment,
        provider="stripe" if payment.provider == "stripe" else "offline",
        method=payment.method,
        captured=payment.captured,
        reserved=payment.reserved,
        refunded=payment.refunded,
    )
