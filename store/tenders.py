"""What a case is paid from: the order's payments, and which amounts can leave from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.amounts import Tender, allocate
from domain.stripe_amounts import expressible, not_expressible, step
from store.ledger import NotCovered
from store.tables import Payment


class NotExpressible(Exception):
    """The payments hold enough, and the gateway cannot move it in the parts it would have."""


@dataclass(frozen=True)
class Destination:
    """Where money goes: `original`, `bank_card` with its token, or `store_credit`."""

    kind: str
    token: str | None = None
    last4: str | None = None

    def way_from(self, payment: Payment) -> str:
        """An offline payment can only be given back by a person, unless it goes elsewhere."""
        offline = self.kind == "original" and payment.provider == "offline"
        return "offline" if offline else self.kind

    def step_from(self, payment: Payment, currency: str) -> int | None:
        """A gateway moves multiples of this from the payment; what is only booked is any amount."""
        by_gateway = self.way_from(payment) in ("original", "bank_card")
        return step(currency) if by_gateway else 1


def of_order(session: Session, storefront: str, order_id: str) -> list[Payment]:
    """The order's payments, in their order, each with its charge as it now stands."""
    found = select(Payment).where(Payment.storefront == storefront, Payment.order_id == order_id)
    fresh = {"populate_existing": True}
    return list(session.scalars(found.order_by(Payment.position), execution_options=fresh))


def left(payment: Payment) -> int:
    """What of it is neither refunded nor reserved."""
    return payment.captured - payment.reserved - payment.refunded


def parts(
    amount: int, payments: Sequence[Payment], currency: str, to: Destination
) -> list[tuple[Payment, int]]:
    """`amount` over the payments in their order. Raises NotCovered, NotExpressible."""
    tenders = [
        Tender(payment.payment, most, to.step_from(payment, currency))
        for payment, most in _at_most(payments)
    ]
    found = allocate(amount, tenders)
    if found is None and sum(tender.left for tender in tenders) >= amount:
        raise NotExpressible(str(amount))
    if found is None:
        raise NotCovered(str(amount))
    by_name = {payment.payment: payment for payment in payments}
    return [(by_name[name], part) for name, part in found]


def _at_most(payments: Sequence[Payment]) -> Iterator[tuple[Payment, int]]:
    """What each can give when those before it have given all they can: two payments of an order
    may be one charge, which other orders may share.
    """
    rooms: dict[str, int] = {}
    for payment in payments:
        most, charge = left(payment), payment.shared
        if charge is not None:
            taken = charge.reserved + charge.refunded + charge.foreign_refunded + charge.transferred
            room = rooms.get(charge.charge, charge.captured - taken)
            most = min(most, room)
            rooms[charge.charge] = room - most
        yield payment, most


def check(amount: int, payments: Sequence[Payment], currency: str, to: Destination) -> None:
    """Refuse an amount that no gateway could move from these payments as they stand. That they do
    not cover it is found when it is reserved. Raises Refusal: amount-not-expressible.
    """
    try:
        parts(amount, payments, currency, to)
    except NotExpressible:
        raise not_expressible(amount, currency) from None
    except NotCovered:
        stepped = all(to.step_from(payment, currency) != 1 for payment in payments)
        if stepped and not expressible(amount, currency):
            raise not_expressible(amount, currency) from None
