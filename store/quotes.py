"""What a request would get: the rules of the domain applied to an order as it stands.

A preview and the opening of a case ask the same question here; only the opening writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.amounts import Due, Piece, Shipping, due, entitlement, pieces, split_at
from domain.cases import Kind
from domain.exchanges import Difference
from domain.messages import CaseRequest, LineRequest
from domain.policy import Dates, Goods, Policy
from domain.refusals import Refusal, Why
from domain.stripe_amounts import expressible, not_expressible
from domain.units import Span, count, free, lowest
from store import tenders
from store.tables import Case, Order, OrderLine, Payment
from store.units import claims_on, credits_on, to_line, to_span


@dataclass(frozen=True)
class QuotedLine:
    """A line of a request: the units it takes and what they pay."""

    row: OrderLine
    quantity: int
    pieces: list[Piece]
    amount: int
    tax: int


@dataclass(frozen=True)
class Quote:
    """`granted` is the shipping that the case keeps reserved, whatever part of it it pays."""

    lines: list[QuotedLine]
    due: Due
    granted: int


def quote(
    session: Session, order: Order, request: CaseRequest, policy: Policy, now: datetime
) -> Quote:
    """What this request gets, or the Refusal it meets. Reads only.

    For the answer to hold, the order has to be locked.
    """
    rows = _lines(session, order, request.lines)
    _check_replaced(request)
    policy.judge(
        request.kind,
        request.reason,
        [
            Goods(
                line=row.line,
                category=row.category,
                returnable=row.returnable,
                warranty_until=row.warranty_until,
                delivered_at=row.delivered_at,
            )
            for row in rows
        ],
        Dates(
            ordered_at=order.ordered_at,
            shipped_at=order.shipped_at,
            delivered_at=order.delivered_at,
        ),
        now,
    )
    _room_for_another(session, order, policy)
    taken, last_units = _take(session, order, rows, request.lines)
    shipping = shipping_of(order)
    granted = _shipping_granted(request, policy, shipping, last_units)
    owned = [piece for part in taken for piece in part]
    most = entitlement(owned, granted)
    if most == 0 and request.kind is Kind.REFUND:
        raise Refusal(Why.NOTHING_TO_REFUND)
    if request.amount is not None and request.amount > most:
        raise Refusal(Why.AMOUNT_TOO_HIGH, f"at most {most} can be refunded", most=most)
    payments = tenders.of_order(session, order.storefront, order.order_id)
    if most and not any(tenders.left(payment) for payment in payments):
        raise Refusal(Why.PAYOUT_NOT_POSSIBLE)
    amount = request.amount if request.amount != most else None
    what = due(owned, shipping, granted=granted, amount=amount)
    _check_gateway_moves(order, request, payments, what.total)
    return Quote(_quoted(rows, request, taken, what), what, granted)


def shipping_of(order: Order) -> Shipping:
    return Shipping(
        paid=order.shipping_paid,
        tax=order.shipping_tax,
        given=order.shipping_refunded,
        given_tax=order.shipping_refunded_tax,
        held=order.shipping_reserved,
    )


def _lines(session: Session, order: Order, wanted: list[LineRequest]) -> list[OrderLine]:
    numbers = [line.line for line in wanted]
    repeated = sorted({n for n in numbers if numbers.count(n) > 1})
    if repeated:
        raise Refusal(Why.LINE_REPEATED, f"line {repeated[0]} is named twice", lines=repeated)
    found = select(OrderLine).where(
        OrderLine.storefront == order.storefront,
        OrderLine.order_id == order.order_id,
        OrderLine.line.in_(numbers),
    )
    rows = {row.line: row for row in session.scalars(found)}
    unknown = sorted(set(numbers) - set(rows))
    if unknown:
        raise Refusal(Why.UNKNOWN_LINE, f"the order has no line {unknown[0]}", lines=unknown)
    return [rows[number] for number in numbers]


def _check_replaced(request: CaseRequest) -> None:
    numbers = [wanted.line for wanted in request.replacement or ()]
    if repeated := sorted({n for n in numbers if numbers.count(n) > 1}):
        raise Refusal(Why.LINE_REPEATED, f"line {repeated[0]} is replaced twice", lines=repeated)
    if unknown := sorted(set(numbers) - {line.line for line in request.lines}):
        raise Refusal(Why.UNKNOWN_LINE, f"the case has no line {unknown[0]}", lines=unknown)


def _room_for_another(session: Session, order: Order, policy: Policy) -> None:
    of_order = select(func.count()).where(
        Case.storefront == order.storefront,
        Case.order_id == order.order_id,
        Case.closed_at.is_(None),
    )
    if session.scalars(of_order).one() >= policy.limits.open_cases_per_order:
        raise Refusal(
            Why.NOT_ELIGIBLE,
            f"open_cases_per_order: {policy.limits.open_cases_per_order} are open already",
            rule="open_cases_per_order",
        )


def _take(
    session: Session, order: Order, rows: list[OrderLine], wanted: list[LineRequest]
) -> tuple[list[list[Piece]], bool]:
    """The pieces each requested line takes, and whether they are the order's last free units."""
    every = session.execute(
        select(OrderLine.id, OrderLine.quantity).where(
            OrderLine.storefront == order.storefront, OrderLine.order_id == order.order_id
        )
    ).all()
    claims = claims_on(session, [row.id for row in every])
    available = {
        row.id: free(row.quantity, [to_span(c.units) for c in claims.get(row.id, [])])
        for row in every
    }
    short = [
        {"line": row.line, "requested": line.quantity, "free": count(available[row.id])}
        for row, line in zip(rows, wanted, strict=True)
        if count(available[row.id]) < line.quantity
    ]
    if short:
        named = ", ".join(f"line {s['line']}: {s['free']} free" for s in short)
        raise Refusal(Why.UNITS_NOT_AVAILABLE, named, lines=short)
    credits = credits_on(session, [row.id for row in rows])
    taken: list[list[Piece]] = []
    for row, line in zip(rows, wanted, strict=True):
        units: list[Span] = lowest(available[row.id], line.quantity)
        parted = split_at(to_line(row), credits.get(row.id, []), units)
        taken.append(pieces(to_line(row), units, parted))
    asked = sum(line.quantity for line in wanted)
    return taken, asked == sum(count(spans) for spans in available.values())


def _shipping_granted(
    request: CaseRequest, policy: Policy, shipping: Shipping, last_units: bool
) -> int:
    if not request.include_shipping:
        return 0
    if shipping.left == 0 or not (policy.seller_at_fault(request.reason) or last_units):
        raise Refusal(Why.SHIPPING_NOT_REFUNDABLE)
    return shipping.left


def _check_gateway_moves(
    order: Order, request: CaseRequest, payments: Sequence[Payment], total: int
) -> None:
    """A repair is worth nothing yet; an exchange costs the difference."""
    if request.kind is Kind.REPAIR:
        return
    due = Difference(sum(wanted.price for wanted in request.replacement or ()), total)
    if not expressible(due.buyer_owes, order.currency):
        raise not_expressible(due.buyer_owes, order.currency)
    to = tenders.Destination(request.payout_to.kind)
    tenders.check(due.shop_owes, payments, order.currency, to)


def _quoted(
    rows: list[OrderLine], request: CaseRequest, taken: list[list[Piece]], total: Due
) -> list[QuotedLine]:
    lines: list[QuotedLine] = []
    start = 0
    for row, line, part in zip(rows, request.lines, taken, strict=True):
        end = start + len(part)
        lines.append(
            QuotedLine(
                row,
                line.quantity,
                part,
                amount=sum(total.shares[start:end]),
                tax=sum(total.taxes[start:end]),
            )
        )
        start = end
    return lines
