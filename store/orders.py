"""Orders: what was sold and paid, frozen for good by the first case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.orders import CapturedPayment, OrderedLine, OrderPut
from domain.refusals import Refusal, Why
from domain.repairs import Serials
from store import events
from store.goods import serials
from store.tables import Claim, Order, OrderLine, Payment, Review


@dataclass(frozen=True)
class UnitCount:
    """Of the units bought: how many a live case holds, how many are settled for good."""

    bought: int
    claimed: int
    settled: int

    @property
    def free(self) -> int:
        return self.bought - self.claimed - self.settled


@dataclass(frozen=True)
class OrderRecord:
    order: Order
    lines: list[tuple[OrderLine, UnitCount]]
    serials: dict[int, Serials]
    """By order line id."""
    payments: list[Payment]


def put_order(
    session: Session, storefront: str, order_id: str, body: OrderPut, now: datetime
) -> bool:
    """Create the order (True) or bring it up to date (False).

    Raises Refusal: order-does-not-balance; order-frozen if a case exists and amounts would change,
    or if a line that was reviewed would become another one.
    """
    body.balance()
    created = session.execute(
        insert(Order)
        .values(storefront=storefront, order_id=order_id, **head_row(body))
        .on_conflict_do_nothing()
        .returning(Order.order_id)
    ).one_or_none()
    order = events.lock_order(session, storefront, order_id)
    assert order is not None  # inserted above, by us or before
    if created is None:
        if order.frozen_at:
            _change_frozen(session, order, body)
        else:
            _reviewed_lines_stay(session, order, body)
            numbers = [line.line for line in body.lines]
            session.execute(_delete(OrderLine, order).where(OrderLine.line.not_in(numbers)))
            session.execute(_delete(Payment, order))
        for name, value in head_row(body).items():
            setattr(order, name, value)
        order.updated_at = now
    if not order.frozen_at:
        _write_lines(session, storefront, order_id, body)
        session.add_all(
            _payment(storefront, order_id, position, payment)
            for position, payment in enumerate(body.payments)
        )
    return created is not None


def read_order(session: Session, storefront: str, order_id: str) -> OrderRecord:
    """An order with what its cases took of it. Raises Refusal(order-not-found)."""
    order = session.get(Order, (storefront, order_id))
    if order is None:
        raise Refusal(Why.ORDER_NOT_FOUND)
    lines = _lines_of(session, order)
    counts = _counts(session, [line.id for line in lines])
    return OrderRecord(
        order,
        [(line, UnitCount(line.quantity, *counts.get(line.id, (0, 0)))) for line in lines],
        serials.of_lines(session, lines),
        _payments_of(session, order),
    )


def _lines_of(session: Session, order: Order) -> list[OrderLine]:
    of_order = select(OrderLine).where(
        OrderLine.storefront == order.storefront, OrderLine.order_id == order.order_id
    )
    return list(session.scalars(of_order.order_by(OrderLine.line)))


def _payments_of(session: Session, order: Order) -> list[Payment]:
    of_order = select(Payment).where(
        Payment.storefront == order.storefront, Payment.order_id == order.order_id
    )
    return list(session.scalars(of_order.order_by(Payment.position)))


def _counts(session: Session, lines: list[int]) -> dict[int, tuple[int, int]]:
    """(claimed, settled) units by order line."""
    size = func.upper(Claim.units) - func.lower(Claim.units)
    counted = (
        select(
            Claim.order_line_id,
            func.coalesce(func.sum(size).filter(Claim.settled_at.is_(None)), 0),
            func.coalesce(func.sum(size).filter(Claim.settled_at.is_not(None)), 0),
        )
        .where(Claim.order_line_id.in_(lines), Claim.released_at.is_(None))
        .group_by(Claim.order_line_id)
    )
    return {line: (claimed, settled) for line, claimed, settled in session.execute(counted)}


def _delete(table: type[OrderLine] | type[Payment], order: Order) -> Delete:
    return delete(table).where(
        table.storefront == order.storefront, table.order_id == order.order_id
    )


def _reviewed_lines_stay(session: Session, order: Order, body: OrderPut) -> None:
    reviewed = select(Review.line, Review.sku).where(
        Review.storefront == order.storefront, Review.order_id == order.order_id
    )
    kept = {(line.line, line.sku) for line in body.lines}
    if any((line, sku) not in kept for line, sku in session.execute(reviewed)):
        raise Refusal(Why.ORDER_FROZEN, "a line that was reviewed is not there any more")


def _write_lines(session: Session, storefront: str, order_id: str, body: OrderPut) -> None:
    """A line that is there already is written over, not replaced: a review may name it."""
    lines = insert(OrderLine).values([line_row(storefront, order_id, x) for x in body.lines])
    fields = {name: lines.excluded[name] for name in OrderedLine.model_fields}
    of_line = ("storefront", "order_id", "line")
    session.execute(lines.on_conflict_do_update(index_elements=of_line, set_=fields))


def _change_frozen(session: Session, order: Order, body: OrderPut) -> None:
    """A frozen order takes new times of delivery and a changed customer, nothing else."""
    rows = _lines_of(session, order)
    if not sold_alike(session, order, rows, _payments_of(session, order), body):
        raise Refusal(Why.ORDER_FROZEN)
    delivered = {line.line: line.delivered_at for line in body.lines}
    for row in rows:
        row.delivered_at = delivered[row.line]


def sold_alike(
    session: Session,
    order: Order,
    lines: Sequence[OrderLine],
    payments: Sequence[Payment],
    body: OrderPut,
) -> bool:
    """True if the body says the same of all that a case freezes. `lines` are in their order."""
    return (
        order.currency == body.currency
        and order.ordered_at == body.ordered_at
        and order.shipping_paid == body.shipping.paid
        and order.shipping_tax == body.shipping.tax
        and _lines_stand(session, lines, sorted(body.lines, key=lambda line: line.line))
        and [_as_payment(row) for row in payments] == body.payments
    )


def _lines_stand(session: Session, rows: Sequence[OrderLine], lines: Sequence[OrderedLine]) -> bool:
    """True if the lines are those that were sold, with the serials that their units had then or
    have now.
    """
    sold = [_as_sold(_as_line(row)) for row in rows]
    told = [_as_sold(line) for line in lines]
    if sold == told:
        return True
    now = serials.of_lines(session, rows)
    return len(rows) == len(lines) and all(
        line in (was, was.model_copy(update={"serials": [*now[row.id].now]}))
        for row, was, line in zip(rows, sold, told, strict=True)
    )


def head_row(body: OrderPut) -> dict[str, object]:
    customer = body.customer
    return {
        "currency": body.currency,
        "customer_id": customer.id,
        "customer_name": customer.name,
        "customer_email": customer.email,
        "customer_phone": customer.phone,
        "customer_locale": customer.locale,
        "ordered_at": body.ordered_at,
        "shipped_at": body.shipped_at,
        "delivered_at": body.delivered_at,
        "shipping_paid": body.shipping.paid,
        "shipping_tax": body.shipping.tax,
    }


def line_row(storefront: str, order_id: str, line: OrderedLine) -> dict[str, Any]:
    return {"storefront": storefront, "order_id": order_id, **line.model_dump()}


def _as_line(row: OrderLine) -> OrderedLine:
    return OrderedLine.model_construct(
        **{name: getattr(row, name) for name in OrderedLine.model_fields}
    )


def _as_sold(line: OrderedLine) -> OrderedLine:
    """The line without what may still change once the order is frozen."""
    return line.model_copy(update={"delivered_at": None})


def _payment(storefront: str, order_id: str, position: int, payment: CapturedPayment) -> Payment:
    return Payment(**payment_row(storefront, order_id, position, payment))


def payment_row(
    storefront: str, order_id: str, position: int, payment: CapturedPayment
) -> dict[str, Any]:
    return {
        "storefront": storefront,
        "order_id": order_id,
        "position": position,
        **payment.model_dump(),
    }


def _as_payment(row: Payment) -> CapturedPayment:
    return CapturedPayment.model_construct(
        **{name: getattr(row, name) for name in CapturedPayment.model_fields}
    )
