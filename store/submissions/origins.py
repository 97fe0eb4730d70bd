"""Which feedback was a case or a review made from, if it was?"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.tables import Feedback


def of_cases(session: Session, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The feedback of those cases that were made from one."""
    return _made(session, Feedback.converted_to_case, ids)


def of_reviews(session: Session, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The same of reviews."""
    return _made(session, Feedback.converted_to_review, ids)


def _made(
    session: Session, what: InstrumentedAttribute[UUID | None], ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    made = select(what, Feedback.submission_id).where(what.in_(ids))
    return {became: feedback for became, feedback in session.execute(made) if became}
