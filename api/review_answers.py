"""What does a review look like from outside, to its author, to staff and to everybody?"""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from api.advice_answers import AdviceAnswer
from api.instants import Instant
from api.sparse import Sparse
from api.submission_answers import Verdict
from domain.people import Actor
from domain.submissions import (
    SubmissionKind,
    SubmissionStage,
    SubmissionWaits,
    submission_workflow_id,
)
from runtime.settings import Settings
from store.submissions.product_reviews import Published
from store.submissions.review_records import ReviewRecord
from store.tables import ReviewVersion


class Words(BaseModel):
    """A version of a review. `photos` are ids of uploads."""

    n: int
    stars: int
    content: str
    photos: list[UUID]
    anonymous: bool
    at: Instant

    @classmethod
    def of(cls, version: ReviewVersion) -> Self:
        return cls(
            n=version.n,
            stars=version.stars,
            content=version.content,
            photos=version.photos,
            anonymous=version.anonymous,
            at=version.at,
        )


class ShopReply(BaseModel):
    content: str
    at: Instant


class ReviewAnswer(Sparse):
    """`latest` is what its author wrote last, `published` what everybody sees, if anything."""

    review_id: UUID
    storefront: str
    order_id: str
    line: int
    sku: str
    customer_id: str
    verified: Literal[True] = True
    """The line was bought by this customer."""
    had_case: bool
    stage: SubmissionStage
    waiting_for: SubmissionWaits | None
    due_at: Instant | None
    overdue: bool
    latest: Words
    published: Words | None
    published_at: Instant | None
    decisions: list[Verdict]
    appealed_at: Instant | None
    helpful: int
    reply: ShopReply | None
    version: int
    opened_at: Instant
    closed_at: Instant | None
    workflow_id: str
    workflow_url: str
    advice: AdviceAnswer | None = None
    """Only for auditors and leads, of one review, once there is some on `latest`."""
    feedback_id: UUID | None = None
    """Only of a review that was made from feedback."""

    if_any = ("advice", "feedback_id")


class ReviewList(BaseModel):
    items: list[ReviewAnswer]
    next: str | None


class PublishedReview(BaseModel):
    """`customer_id` is null where its author wants no name to be seen."""

    review_id: UUID
    sku: str
    stars: int
    content: str
    photos: list[UUID]
    customer_id: str | None
    verified: Literal[True] = True
    had_case: bool
    edited: bool
    published_at: Instant
    helpful: int
    reply: ShopReply | None


class ProductReviews(BaseModel):
    items: list[PublishedReview]
    next: str | None


def review_answer(
    record: ReviewRecord,
    reader: Actor,
    settings: Settings,
    now: datetime,
    advice: AdviceAnswer | None = None,
) -> ReviewAnswer:
    """The review as its author's storefront and staff may see it."""
    submission, review = record.submission, record.review
    name = submission_workflow_id(SubmissionKind.REVIEW, submission.submission_id)
    return ReviewAnswer(
        review_id=submission.submission_id,
        storefront=submission.storefront,
        order_id=review.order_id,
        line=review.line,
        sku=review.sku,
        customer_id=submission.customer_id,
        had_case=review.had_case,
        stage=SubmissionStage(submission.stage),
        waiting_for=SubmissionWaits(submission.waiting_for) if submission.waiting_for else None,
        due_at=submission.due_at,
        overdue=submission.due_at is not None and submission.due_at <= now,
        latest=Words.of(record.newest),
        published=Words.of(record.published) if record.published else None,
        published_at=review.published_at,
        decisions=[Verdict.of(decision, reader) for decision in record.decisions],
        appealed_at=review.appealed_at,
        helpful=review.helpful,
        reply=_reply(review.reply, review.replied_at),
        version=submission.version,
        opened_at=submission.opened_at,
        closed_at=submission.closed_at,
        workflow_id=name,
        workflow_url=settings.workflow_url(name),
        advice=advice,
        feedback_id=record.feedback_id,
    )


def published_answer(shown: Published) -> PublishedReview:
    """The review as everybody may see it."""
    review, version = shown.review, shown.version
    assert review.published_at
    return PublishedReview(
        review_id=review.submission_id,
        sku=review.sku,
        stars=version.stars,
        content=version.content,
        photos=version.photos,
        customer_id=None if version.anonymous else shown.customer_id,
        had_case=review.had_case,
        edited=version.n > 1,
        published_at=review.published_at,
        helpful=review.helpful,
        reply=_reply(review.reply, review.replied_at),
    )


def _reply(content: str | None, at: datetime | None) -> ShopReply | None:
    return ShopReply(content=content, at=at) if content is not None and at else None
