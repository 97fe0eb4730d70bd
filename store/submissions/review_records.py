"""What is there to show of a review? The whole of it, for one or a page, in as many queries."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from domain.submissions import SubmissionKind
from store.listing import Position
from store.submissions import origins, submission_pages
from store.tables import Review, ReviewVersion, Submission, SubmissionDecision


@dataclass(frozen=True)
class ReviewRecord:
    """A review with its newest version, the one that everybody sees, and its decisions in order."""

    submission: Submission
    review: Review
    newest: ReviewVersion
    published: ReviewVersion | None
    decisions: list[SubmissionDecision]
    feedback_id: UUID | None
    """The feedback that it was made from, if it was."""


@dataclass(frozen=True, kw_only=True)
class ReviewFilters(submission_pages.Filters):
    """What a review has to be to be listed; None does not matter."""

    sku: str | None = None
    order_id: str | None = None

    def conditions(self, now: datetime) -> Iterator[ColumnElement[bool]]:
        yield from super().conditions(now)
        for column, wanted in ((Review.sku, self.sku), (Review.order_id, self.order_id)):
            if wanted is not None:
                yield column == wanted


def record_of(session: Session, submission: Submission) -> ReviewRecord:
    return records_of(session, [submission])[0]


def records_of(session: Session, submissions: Sequence[Submission]) -> list[ReviewRecord]:
    """The same for many: always four queries."""
    ids = [each.submission_id for each in submissions]
    reviews = {
        each.submission_id: each
        for each in session.scalars(select(Review).where(Review.submission_id.in_(ids)))
    }
    wanted = {
        (each.submission_id, n)
        for each in reviews.values()
        for n in (each.versions, each.published)
        if n is not None
    }
    named = tuple_(ReviewVersion.submission_id, ReviewVersion.n).in_(wanted)
    versions = {
        (each.submission_id, each.n): each
        for each in session.scalars(select(ReviewVersion).where(named))
    }
    decisions = decisions_of(session, ids)
    made_from = origins.of_reviews(session, ids)
    return [
        _record(each, reviews[each.submission_id], versions, decisions, made_from)
        for each in submissions
    ]


def _record(
    submission: Submission,
    review: Review,
    versions: dict[tuple[UUID, int], ReviewVersion],
    decisions: dict[UUID, list[SubmissionDecision]],
    made_from: dict[UUID, UUID],
) -> ReviewRecord:
    named = review.submission_id
    return ReviewRecord(
        submission,
        review,
        versions[named, review.versions],
        versions[named, review.published] if review.published else None,
        decisions[named],
        made_from.get(named),
    )


def decisions_of(
    session: Session, ids: Sequence[UUID]
) -> defaultdict[UUID, list[SubmissionDecision]]:
    """Who decided on each of these submissions, in order."""
    decisions: defaultdict[UUID, list[SubmissionDecision]] = defaultdict(list)
    made = select(SubmissionDecision).where(SubmissionDecision.submission_id.in_(ids))
    for decision in session.scalars(made.order_by(SubmissionDecision.slot)):
        decisions[decision.submission_id].append(decision)
    return decisions


def list_reviews(
    session: Session, filters: ReviewFilters, after: Position | None, limit: int, now: datetime
) -> tuple[list[Submission], Position | None]:
    """Up to `limit` reviews after a position, newest first, and the position to go on from."""
    found = (
        select(Submission)
        .join(Review, Review.submission_id == Submission.submission_id)
        .where(Submission.kind == SubmissionKind.REVIEW, *filters.conditions(now))
    )
    return submission_pages.page(session, found, after, limit)
