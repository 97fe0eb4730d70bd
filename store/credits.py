"""What store credit does a customer have? What cases paid out that way and did not take back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases import PayoutState
from store.tables import Case, Payout


@dataclass(frozen=True)
class Credit:
    """One payout booked to a customer, in minor units."""

    case_id: UUID
    amount: int
    currency: str
    at: datetime


def credits_of(session: Session, storefront: str, customer_id: str) -> list[Credit]:
    """The customer's credits at this storefront, newest first."""
    booked = (
        select(Payout)
        .join(Case, Case.case_id == Payout.case_id)
        .where(
            Case.storefront == storefront,
            Case.customer_id == customer_id,
            Payout.way == "store_credit",
            Payout.state == PayoutState.PAID,
        )
        .order_by(Payout.settled_at.desc(), Payout.payout_id)
    )
    return [
        Credit(payout.case_id, payout.amount, payout.currency, payout.settled_at)
        for payout in session.scalars(booked)
        if payout.settled_at is not None
    ]


def balances(credits: Sequence[Credit]) -> list[tuple[str, int]]:
    """(currency, sum) by currency."""
    sums: Counter[str] = Counter()
    for credit in credits:
        sums[credit.currency] += credit.amount
    return sorted(sums.items())
