"""What is there to show of the charges that an order was paid by? For staff alone."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from store.tables import Charge, GatewayEntry, Payment


@dataclass(frozen=True)
class ChargeRecord:
    """A payment with the charge that it names, once that was read, and what others took of it."""

    payment: str
    charge: Charge | None
    entries: list[GatewayEntry]


def charges_of(session: Session, storefront: str, order_id: str) -> list[ChargeRecord]:
    """One for each payment through the gateway, in their order. Whatever did not fit is shown too:
    a charge in another currency, or another storefront's.
    """
    named = or_(
        Charge.charge == Payment.charge,
        Charge.charge == Payment.payment,
        Charge.intent == Payment.payment,
    )
    found = session.execute(
        select(Payment.payment, Charge)
        .outerjoin(Charge, named)
        .where(
            Payment.storefront == storefront,
            Payment.order_id == order_id,
            Payment.provider == "stripe",
        )
        .order_by(Payment.position)
    ).all()
    entries: defaultdict[str | None, list[GatewayEntry]] = defaultdict(list)
    taken = select(GatewayEntry).where(
        GatewayEntry.charge.in_([charge.charge for _, charge in found if charge]),
        GatewayEntry.standing != "ours",
    )
    for entry in session.scalars(taken.order_by(GatewayEntry.created_at, GatewayEntry.refund_id)):
        entries[entry.charge].append(entry)
    return [
        ChargeRecord(payment, charge, entries[charge.charge] if charge else [])
        for payment, charge in found
    ]
