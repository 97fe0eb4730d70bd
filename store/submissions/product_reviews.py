"""What does everybody see of a product's reviews? Published ones, and how helpful they are."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.people import MAY_DECIDE, Actor
from domain.refusals import Refusal, Why
from domain.review_messages import ByCustomer, Reply
from domain.submissions import SubmissionKind
from store.submissions import submission_events
from store.tables import Review, ReviewVersion, ReviewVote, Submission

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Sort(StrEnum):
    NEWEST = "newest"
    HELPFUL = "helpful"
    STARS = "stars"


class Rank(NamedTuple):
    """Where a review stands in its product's list: by what it is sorted, and which it is. A time
    counts microseconds since 1970.
    """

    value: int
    review_id: UUID


@dataclass(frozen=True)
class Published:
    """A review as everybody sees it."""

    review: Review
    version: ReviewVersion
    customer_id: str


def published(
    session: Session,
    storefront: str,
    sku: str,
    sort: Sort,
    stars: int | None,
    after: Rank | None,
    limit: int,
) -> tuple[list[Published], Rank | None]:
    """Up to `limit` reviews after a rank, highest first, and the rank to go on from."""
    column = _COLUMNS[sort]
    found = (
        select(Review, ReviewVersion, Submission.customer_id)
        .join(
            ReviewVersion,
            (ReviewVersion.submission_id == Review.submission_id)
            & (ReviewVersion.n == Review.published),
        )
        .join(Submission, Submission.submission_id == Review.submission_id)
        .where(Review.storefront == storefront, Review.sku == sku, Review.published.is_not(None))
    )
    if stars is not None:
        found = found.where(Review.published_stars == stars)
    if after is not None:
        value = _moment(after.value) if sort is Sort.NEWEST else after.value
        found = found.where(tuple_(column, Review.submission_id) < (value, after.review_id))
    ranked = found.order_by(column.desc(), Review.submission_id.desc()).limit(limit + 1)
    page = [Published(*row) for row in session.execute(ranked)]
    following = _rank(page[limit - 1].review, sort) if len(page) > limit else None
    return page[:limit], following


_COLUMNS: dict[Sort, InstrumentedAttribute[Any]] = {
    Sort.NEWEST: Review.published_at,
    Sort.HELPFUL: Review.helpful,
    Sort.STARS: Review.published_stars,
}


def _moment(microseconds: int) -> datetime:
    try:
        return EPOCH + microseconds * MICROSECOND
    except OverflowError:
        raise Refusal(Why.BAD_CURSOR) from None


def _rank(review: Review, sort: Sort) -> Rank:
    match sort:
        case Sort.NEWEST:
            assert review.published_at
            return Rank((review.published_at - EPOCH) // MICROSECOND, review.submission_id)
        case Sort.HELPFUL:
            return Rank(review.helpful, review.submission_id)
        case Sort.STARS:
            return Rank(review.published_stars or 0, review.submission_id)


def vote(
    session: Session, review_id: UUID, word: ByCustomer, storefront: str, now: datetime
) -> Review:
    """A customer finds it helpful; saying so twice counts once.

    Raises Refusal: review-not-found, not-published, own-review.
    """
    review = _seen(session, review_id, storefront)
    submission = session.get_one(Submission, review_id)
    if submission.customer_id == word.customer_id:
        raise Refusal(Why.OWN_REVIEW)
    voted = session.execute(
        insert(ReviewVote)
        .values(
            submission_id=review_id, customer_id=word.customer_id, storefront=storefront, at=now
        )
        .on_conflict_do_nothing()
        .returning(ReviewVote.customer_id)
    ).one_or_none()
    return _count(session, review, 1 if voted else 0)


def unvote(session: Session, review_id: UUID, customer_id: str, storefront: str) -> Review:
    """The customer takes it back. Of one who never said so: no change.

    Raises Refusal: review-not-found, not-published.
    """
    review = _seen(session, review_id, storefront)
    gone = session.execute(
        delete(ReviewVote)
        .where(ReviewVote.submission_id == review_id, ReviewVote.customer_id == customer_id)
        .returning(ReviewVote.customer_id)
    ).one_or_none()
    return _count(session, review, -1 if gone else 0)


def reply(session: Session, review_id: UUID, word: Reply, actor: Actor, now: datetime) -> Review:
    """The shop's one reply. Raises Refusal: forbidden, review-not-found, not-published,
    already-replied.
    """
    if actor.role not in MAY_DECIDE:
        raise Refusal(Why.FORBIDDEN)
    submission = submission_events.lock(session, SubmissionKind.REVIEW, review_id)
    review = session.get_one(Review, review_id, populate_existing=True)
    if review.published is None:
        raise Refusal(Why.NOT_PUBLISHED)
    if review.reply is not None:
        raise Refusal(Why.ALREADY_REPLIED)
    review.reply, review.replied_at, review.replied_by = word.content, now, actor.name
    submission_events.record(session, submission, "replied", actor, now)
    return review


def _seen(session: Session, review_id: UUID, storefront: str) -> Review:
    review = session.get(Review, review_id)
    if review is None or review.storefront != storefront:
        raise Refusal(Why.REVIEW_NOT_FOUND)
    if review.published is None:
        raise Refusal(Why.NOT_PUBLISHED)
    return review


def _count(session: Session, review: Review, more: int) -> Review:
    if more:
        session.execute(
            update(Review)
            .where(Review.submission_id == review.submission_id)
            .values(helpful=Review.helpful + more)
        )
        session.refresh(review)
    return review
