"""Many orders at once, as files of them come: a few statements for all that are new."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.orders import Customer, OrderPut
from store.orders import head_row, line_row, payment_row, put_order, sold_alike
from store.tables import Order, OrderLine, Payment, Review

T = TypeVar("T", Order, OrderLine, Payment, Review)


@dataclass(frozen=True)
class Sold:
    """An order as it is in the books, its lines and payments in their order."""

    order: Order
    lines: list[OrderLine] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)


def put_orders(
    session: Session, storefront: str, bodies: Mapping[str, OrderPut], now: datetime
) -> int:
    """`put_order` for each; how many were new. An order that is there keeps its times of delivery,
    and what is known of the same customer, where its body leaves them out. Raises Refusal.
    """
    for body in bodies.values():
        body.balance()
    heads = [
        {"storefront": storefront, "order_id": order_id, **head_row(body)}
        for order_id, body in bodies.items()
    ]
    added = insert(Order).on_conflict_do_nothing().returning(Order.order_id)
    created = set(session.scalars(added, heads))
    lines = [line_row(storefront, o, line) for o in created for line in bodies[o].lines]
    if lines:
        session.execute(insert(OrderLine), lines)
    payments = [
        payment_row(storefront, o, position, payment)
        for o in created
        for position, payment in enumerate(bodies[o].payments)
    ]
    if payments:
        session.execute(insert(Payment), payments)
    for order_id, sold in in_books(session, storefront, bodies.keys() - created).items():
        body = _completed(bodies[order_id], sold)
        if not _stands(session, sold, body):
            put_order(session, storefront, order_id, body, now)
    return len(created)


def in_books(session: Session, storefront: str, order_ids: Collection[str]) -> dict[str, Sold]:
    """Those of these orders that are there."""
    found = {
        order.order_id: Sold(order) for order in session.scalars(_of(Order, storefront, order_ids))
    }
    if found:
        lines = _of(OrderLine, storefront, found).order_by(OrderLine.order_id, OrderLine.line)
        for line in session.scalars(lines):
            found[line.order_id].lines.append(line)
        payments = _of(Payment, storefront, found).order_by(Payment.order_id, Payment.position)
        for payment in session.scalars(payments):
            found[payment.order_id].payments.append(payment)
    return found


def frozen_otherwise(
    session: Session, storefront: str, bodies: Mapping[str, OrderPut], books: Mapping[str, Sold]
) -> list[str]:
    """Those of these orders that `put_order` would refuse: a case or a review holds them as they
    are in the books.
    """
    reviews = _of(Review, storefront, books).order_by(Review.order_id)
    reviewed: dict[str, set[tuple[int, str]]] = {}
    for review in session.scalars(reviews) if books else ():
        reviewed.setdefault(review.order_id, set()).add((review.line, review.sku))
    return [
        order_id
        for order_id, sold in books.items()
        if (
            not sold_alike(session, sold.order, sold.lines, sold.payments, bodies[order_id])
            if sold.order.frozen_at
            else reviewed.get(order_id, set()) - _lines(bodies[order_id])
        )
    ]


def _of(table: type[T], storefront: str, order_ids: Collection[str]) -> Select[T]:
    return select(table).where(table.storefront == storefront, table.order_id.in_(order_ids))


def _lines(body: OrderPut) -> set[tuple[int, str]]:
    return {(line.line, line.sku) for line in body.lines}


def _completed(body: OrderPut, sold: Sold) -> OrderPut:
    """The body with what it leaves out and the books know."""
    order, customer = sold.order, body.customer
    if customer.id == order.customer_id:
        known = Customer.model_construct(
            id=order.customer_id,
            name=order.customer_name,
            email=order.customer_email,
            phone=order.customer_phone,
            locale=order.customer_locale,
        )
        customer = known.model_copy(update=customer.model_dump(exclude_none=True))
    delivered = {(row.line, row.sku): row.delivered_at for row in sold.lines}
    lines = [
        line.model_copy(
            update={"delivered_at": line.delivered_at or delivered.get((line.line, line.sku))}
        )
        for line in body.lines
    ]
    return body.model_copy(
        update={
            "customer": customer,
            "lines": lines,
            "shipped_at": body.shipped_at or order.shipped_at,
            "delivered_at": body.delivered_at or order.delivered_at,
        }
    )


def _stands(session: Session, sold: Sold, body: OrderPut) -> bool:
    """True if there is nothing to change."""
    head = all(getattr(sold.order, name) == value for name, value in head_row(body).items())
    delivered = {line.line: line.delivered_at for line in body.lines}
    return (
        head
        and sold_alike(session, sold.order, sold.lines, sold.payments, body)
        and all(row.delivered_at == delivered[row.line] for row in sold.lines)
    )
