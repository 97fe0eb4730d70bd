"""What did auditors say of a case last?"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.tables import Decision


def last(session: Session, case_id: UUID) -> Decision | None:
    """The decision that holds; None before the first one."""
    made = select(Decision).where(Decision.case_id == case_id)
    return session.scalars(made.order_by(Decision.slot.desc()).limit(1)).first()


def refused(session: Session, case_id: UUID) -> bool:
    """True if it was a rejection: all that is still here of the case's goods is to go back."""
    decision = last(session, case_id)
    return decision is not None and decision.verdict == "reject"
