"""What a repair that is not covered would cost: quoted to the buyer, in versions."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.cases import Stage
from domain.people import SYSTEM
from domain.policy import Policy
from store import events
from store.tables import Case, Diagnosis, RepairQuote


def latest(session: Session, case: Case) -> RepairQuote | None:
    """The last version of what the buyer was quoted, whatever came of it."""
    of_case = select(RepairQuote).where(RepairQuote.case_id == case.case_id)
    return session.scalars(of_case.order_by(RepairQuote.version.desc()).limit(1)).first()


def standing(session: Session, case: Case) -> RepairQuote | None:
    """The quote that the buyer may still answer, or has accepted."""
    quote = latest(session, case)
    return quote if quote and quote.answer in (None, "accepted") else None


def replace(session: Session, case: Case, now: datetime) -> None:
    """What was quoted does not hold any more: there is a new diagnosis."""
    quote = standing(session, case)
    if quote:
        quote.answer, quote.answered_at = "replaced", now
        session.flush()


def make(session: Session, case: Case, found: Diagnosis, policy: Policy, now: datetime) -> None:
    """Ask the buyer whether the repair is worth its price to them."""
    before = select(func.count()).where(RepairQuote.case_id == case.case_id)
    quote = RepairQuote(
        case_id=case.case_id,
        version=session.scalars(before).one() + 1,
        storefront=case.storefront,
        diagnosis_id=found.diagnosis_id,
        amount=found.parts + found.labour,
        tax=found.tax,
        at=now,
    )
    session.add(quote)
    events.record(
        session,
        case,
        "quoted",
        SYSTEM,
        now,
        to=Stage.AWAITING_BUYER,
        deadlines=policy.deadlines,
        detail=f"version {quote.version}: {quote.amount} {case.currency}",
    )
