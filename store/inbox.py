"""Webhooks: what a gateway reports of itself. Stored once, and news only where the books differ."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.cases import PayoutState
from store import doubts, events
from store.tables import Case, Inbox, Payment, Payout

UNDECIDED = (PayoutState.PENDING, PayoutState.UNKNOWN)
TAKEN_BACK = ("failed", "canceled")
"""The gateway's words for money that did not arrive, or did not stay."""


@dataclass(frozen=True)
class Report:
    """A webhook of `provider`. `status` is the gateway's word for the refund, empty if it names a
    whole charge; `payout_id` is ours, from the refund's metadata. `payments` are the names that the
    charge may go by in an order: its own, or its intent's.
    """

    provider: str
    event_id: str
    type: str
    status: str
    payout_id: UUID | None = None
    payments: tuple[str, ...] = ()


def receive(session: Session, report: Report, now: datetime) -> None:
    """Take a report in. It carries no authority: where it is news, the case's workflow is woken
    and the gateway is asked.
    """
    payout = session.get(Payout, report.payout_id) if report.payout_id else None
    case = events.lock(session, payout.case_id) if payout else None
    stored = session.execute(
        insert(Inbox)
        .values(
            provider=report.provider,
            event_id=report.event_id,
            type=report.type,
            payout_id=payout.payout_id if payout else None,
            status=report.status,
        )
        .on_conflict_do_nothing()
        .returning(Inbox.event_id)
    ).one_or_none()
    if stored is None:
        return
    row = session.get_one(Inbox, (report.provider, report.event_id))
    if payout and case:
        session.refresh(payout)
        if payout.state in UNDECIDED or _contradicts(payout, report):
            events.tell(session, case, "payout_news")
        elif payout.way == "offline" and report.status not in TAKEN_BACK:
            row.processed_at = now
            doubts.ask_soon(session, payout, now)
        elif payout.state not in (PayoutState.RESERVED, PayoutState.SENDING):
            row.processed_at = now  # the books say the same; what is being sent will be asked of
    else:
        row.processed_at = now
        _wake_undecided(session, report)


def _contradicts(payout: Payout, report: Report) -> bool:
    """True if a gateway takes back what the books have as paid. What a person has settled since
    was paid elsewhere, and no gateway can tell of it.
    """
    by_gateway = payout.state == PayoutState.PAID and payout.way != "offline"
    return by_gateway and report.status in TAKEN_BACK


def _wake_undecided(session: Session, report: Report) -> None:
    """A report on a whole charge: every payout from it that is still undecided is asked about."""
    if not report.payments:
        return
    found = (
        select(Payout.case_id)
        .join(Payment, Payment.id == Payout.payment_id)
        .where(Payment.payment.in_(report.payments), Payout.state.in_(UNDECIDED))
        .distinct()
    )
    for case_id in session.scalars(found).all():
        events.tell(session, session.get_one(Case, case_id), "payout_news")
