"""What Temporal has yet to be told: leased to one relay at a time, in order within its subject,
which is a case or a submission.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from domain.cases import CaseView
from domain.submissions import SubmissionView
from store import events
from store.cases import views
from store.submissions import submission_events
from store.tables import Case, Outbox, Submission

LEASE_SECONDS = 20
"""Longer than a delivery takes; after it another relay may try, which is harmless."""

RETRY_CAP_SECONDS = 15


@dataclass(frozen=True)
class Delivery:
    """One thing to tell, with its subject as it stands now."""

    id: int
    upto: int
    """A start carries its subject as it stands, so messages up to this id need not follow it."""
    topic: str
    message_id: str | None
    about: UUID
    subject: CaseView | SubmissionView


def lease(session: Session, limit: int) -> list[Delivery]:
    """Take up to `limit` deliveries that are due; at most one of a subject, the oldest first."""
    earlier = aliased(Outbox)
    due = (
        select(Outbox.id)
        .where(
            Outbox.delivered_at.is_(None),
            Outbox.available_at <= func.now(),
            ~select(earlier.id)
            .where(
                earlier.subject == Outbox.subject,
                earlier.id < Outbox.id,
                earlier.delivered_at.is_(None),
            )
            .exists(),
        )
        .order_by(Outbox.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    leased = session.execute(
        update(Outbox)
        .where(Outbox.id.in_(due.scalar_subquery()))
        .values(attempts=Outbox.attempts + 1, available_at=_in_seconds(LEASE_SECONDS))
        .returning(Outbox.id, Outbox.topic, Outbox.message_id, Outbox.subject)
    ).all()
    about = [row.subject for row in leased]
    newest = select(Outbox.subject, func.max(Outbox.id)).where(Outbox.subject.in_(about))
    upto = {row[0]: row[1] for row in session.execute(newest.group_by(Outbox.subject))}
    # Read after `upto`: whatever that counts, the view already knows.
    standing = _standing(session, about)
    return [
        Delivery(
            row.id,
            upto[row.subject] if row.topic == "start" else row.id,
            row.topic,
            row.message_id,
            row.subject,
            standing[row.subject],
        )
        for row in sorted(leased, key=lambda row: row.id)
    ]


def _standing(session: Session, about: list[UUID]) -> dict[UUID, CaseView | SubmissionView]:
    cases = list(session.scalars(select(Case).where(Case.case_id.in_(about))))
    standing: dict[UUID, CaseView | SubmissionView] = dict(views(session, cases))
    if len(cases) < len(about):
        said = select(Submission).where(Submission.submission_id.in_(about))
        standing |= submission_events.views(session, list(session.scalars(said)))
    return standing


def wake(session: Session, about: Sequence[UUID], *, and_open: bool = False) -> dict[UUID, bool]:
    """Have the relay tell the workflows of these to read their rows, or start them where what is
    open has none; `and_open`: those of all that is open too. Whether each is open, by its id.
    """
    told: dict[UUID, bool] = {}
    for column, named, table, news in (
        ("case_id", Case.case_id, Case, events.NEWS),
        ("submission_id", Submission.submission_id, Submission, submission_events.NEWS),
    ):
        chosen = or_(named.in_(about), table.closed_at.is_(None) if and_open else false())
        rows = select(table.storefront, named, literal(news)).where(chosen)
        session.execute(insert(Outbox).from_select(["storefront", column, "topic"], rows))
        standing = select(named, table.closed_at.is_(None)).where(chosen)
        told |= {row[0]: row[1] for row in session.execute(standing)}
    return told


def delivered(session: Session, deliveries: Sequence[Delivery]) -> None:
    """Temporal has these: never tell them again."""
    session.execute(
        update(Outbox)
        .where(
            or_(
                false(),
                *(
                    and_(Outbox.subject == d.about, Outbox.id.between(d.id, d.upto))
                    for d in deliveries
                ),
            ),
            Outbox.delivered_at.is_(None),
        )
        .values(delivered_at=func.now())
    )


def postpone(session: Session, deliveries: Sequence[Delivery]) -> None:
    """These did not get through; try again, later the more often it was tried."""
    wait = func.least(func.power(2, func.least(Outbox.attempts, 10)), RETRY_CAP_SECONDS)
    session.execute(
        update(Outbox)
        .where(Outbox.id.in_([d.id for d in deliveries]))
        .values(available_at=_in_seconds(wait))
    )


def _in_seconds(seconds: ColumnElement[float] | float) -> ColumnElement[datetime]:
    return func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
