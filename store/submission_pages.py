"""Which reviews or feedback come next, newest first? Pages stay exact while new ones come in."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, not_, tuple_
from sqlalchemy.orm import Session

from store.listing import Position
from store.tables import Submission


def page(
    session: Session, found: Select[Submission], after: Position | None, limit: int
) -> tuple[list[Submission], Position | None]:
    """Up to `limit` of what was found after a position, and the position to go on from."""
    if after is not None:
        found = found.where(tuple_(Submission.opened_at, Submission.submission_id) < after)
    newest = found.order_by(Submission.opened_at.desc(), Submission.submission_id.desc())
    items = list(session.scalars(newest.limit(limit + 1)))
    if len(items) <= limit:
        return items, None
    last = items[limit - 1]
    return items[:limit], Position(last.opened_at, last.submission_id)


def overdue(wanted: bool, now: datetime) -> ColumnElement[bool]:
    """Those that are overdue, or those that are not."""
    late = and_(Submission.due_at.is_not(None), Submission.due_at <= now)
    return late if wanted else not_(late)
