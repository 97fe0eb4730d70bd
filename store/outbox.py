"""What Temporal has yet to be told: leased to one relay at a time, in order within a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, insert, literal, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from domain.cases import CaseView
from store.cases import views
from store.tables import Case, Outbox

LEASE_SECONDS = 20
"""Longer than a delivery takes; after it another relay may try, which is harmless."""

RETRY_CAP_SECONDS = 15


@dataclass(frozen=True)
class Delivery:
    """One thing to tell, with the case as it stands now."""

    id: int
    upto: int
    """A start carries the case as it stands, so messages up to this id need not follow it."""
    topic: str
    message_id: str | None
    case: CaseView


def lease(session: Session, limit: int) -> list[Delivery]:
    """Take up to `limit` deliveries that are due; at most one of a case, the oldest first."""
    earlier = aliased(Outbox)
    due = (
        select(Outbox.id)
        .where(
            Outbox.delivered_at.is_(None),
            Outbox.available_at <= func.now(),
            ~select(earlier.id)
            .where(
                earlier.case_id == Outbox.case_id,
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
        .returning(Outbox.id, Outbox.topic, Outbox.message_id, Outbox.case_id)
    ).all()
    case_ids = [row.case_id for row in leased]
    newest = select(Outbox.case_id, func.max(Outbox.id)).where(Outbox.case_id.in_(case_ids))
    upto = {row[0]: row[1] for row in session.execute(newest.group_by(Outbox.case_id))}
    # Read after `upto`: whatever that counts, the view already knows.
    standing = views(session, list(session.scalars(select(Case).where(Case.case_id.in_(case_ids)))))
    return [
        Delivery(
            row.id,
            upto[row.case_id] if row.topic == "start" else row.id,
            row.topic,
            row.message_id,
            standing[row.case_id],
        )
        for row in sorted(leased, key=lambda row: row.id)
    ]


def start_again(session: Session, case_id: UUID | None) -> list[UUID]:
    """Have the relay start an open case's workflow, or those of all open cases. The ids.

    For cases whose workflow is gone; one that still runs is left as it is.
    """
    open_cases = select(Case.storefront, Case.case_id, literal("start")).where(
        Case.closed_at.is_(None), Case.case_id == case_id if case_id else true()
    )
    told = insert(Outbox).from_select(["storefront", "case_id", "topic"], open_cases)
    return list(session.scalars(told.returning(Outbox.case_id)))


def delivered(session: Session, deliveries: Sequence[Delivery]) -> None:
    """Temporal has these: never tell them again."""
    session.execute(
        update(Outbox)
        .where(
            or_(
                false(),
                *(
                    and_(Outbox.case_id == d.case.case_id, Outbox.id.between(d.id, d.upto))
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
