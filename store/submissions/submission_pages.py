"""Which reviews or feedback come next, newest first? Pages stay exact while new ones come in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, not_, tuple_
from sqlalchemy.orm import Session

from domain.submissions import SubmissionStage, SubmissionWaits
from store.listing import Position
from store.tables import Submission


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What either of them has to be to be listed; None does not matter."""

    storefront: str | None = None
    stage: SubmissionStage | None = None
    waiting_for: SubmissionWaits | None = None
    customer_id: str | None = None
    overdue: bool | None = None

    def conditions(self, now: datetime) -> Iterator[ColumnElement[bool]]:
        for name in ("storefront", "stage", "waiting_for", "customer_id"):
            wanted = getattr(self, name)
            if wanted is not None:
                yield getattr(Submission, name) == wanted
        if self.overdue is not None:
            late = and_(Submission.due_at.is_not(None), Submission.due_at <= now)
            yield late if self.overdue else not_(late)


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
