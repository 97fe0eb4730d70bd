"""What the bank has sent for an order: what our books do not know of it withholds a payout.

Whether there is any is told by what is kept of the bank's list, in a statement that is made anyway;
before a transfer the bank is asked.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, or_, select
from sqlalchemy.orm import Session

from domain.charges import TOOK_NOTHING, Withdrawal
from domain.reconciliation import Standing
from store.gateway_book import Entry, take_in
from store.tables import Case, GatewayEntry

UNKNOWN = (Standing.FOREIGN, Standing.RECOVERED)


def of_order(case: Case) -> ColumnElement[bool]:
    """A row of the bank's list that took money for the case's order. An order's name is a
    storefront's own, and the bank does not know whose: one that says nothing counts for each.
    """
    return and_(
        GatewayEntry.way == "bank_card",
        GatewayEntry.order_id == case.order_id,
        or_(GatewayEntry.storefront.is_(None), GatewayEntry.storefront == case.storefront),
        GatewayEntry.status.not_in(TOOK_NOTHING),
    )


def unknown(case: Case) -> ScalarSelect[bool]:
    """True if the bank has sent for the order what our books do not know."""
    return select(
        exists().where(of_order(case), GatewayEntry.standing.in_(UNKNOWN))
    ).scalar_subquery()


def keep(session: Session, sent: tuple[Withdrawal, ...], now: datetime) -> None:
    """Take down what the bank lists."""
    take_in(session, [_entry(each) for each in sent], now)


def _entry(sent: Withdrawal) -> Entry:
    return Entry(
        refund_id=sent.id,
        way="bank_card",
        charge=None,
        amount=sent.amount,
        currency=sent.currency,
        status=sent.status,
        created_at=sent.created_at,
        key=sent.key,
        order_id=sent.order_id,
        case_id=_uuid(sent.case_id),
        payout_id=_uuid(sent.payout_id),
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
