"""What does feedback look like from outside, to its storefront and to staff?"""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from api.event_answers import shown_actor
from api.instants import Instant
from api.submission_answers import Verdict
from domain.feedback_messages import Category
from domain.people import MAY_CLOSE, Actor
from domain.submissions import (
    SubmissionKind,
    SubmissionStage,
    SubmissionWaits,
    submission_workflow_id,
)
from runtime.settings import Settings
from store.submissions.feedback_records import FeedbackRecord
from store.tables import Feedback, FeedbackMessage


class Word(BaseModel):
    """One message of the thread. `by` is the side, `actor` who said it or passed it on."""

    n: int
    by: Literal["shop", "buyer"]
    actor: str
    content: str
    at: Instant

    @classmethod
    def of(cls, message: FeedbackMessage, reader: Actor) -> Self:
        return cls(
            n=message.n,
            by=message.by,
            actor=shown_actor(message.actor, message.actor_role, reader),
            content=message.content,
            at=message.at,
        )


class Converted(BaseModel):
    """What feedback became: one of the two."""

    case_id: UUID | None
    review_id: UUID | None


class FeedbackAnswer(BaseModel):
    """`case_id` is the case that it is about, `score` how content its buyer is with that case,
    `contact` shown to who may answer. A score without a word has no workflow.
    """

    feedback_id: UUID
    storefront: str
    customer_id: str
    category: Category
    subject: str | None
    content: str | None
    contact: str | None
    order_id: str | None
    case_id: UUID | None
    score: int | None
    stage: SubmissionStage
    waiting_for: SubmissionWaits | None
    due_at: Instant | None
    overdue: bool
    thread: list[Word]
    decisions: list[Verdict]
    converted_to: Converted | None
    version: int
    opened_at: Instant
    closed_at: Instant | None
    workflow_id: str | None
    workflow_url: str | None


class FeedbackList(BaseModel):
    items: list[FeedbackAnswer]
    next: str | None


def feedback_answer(
    record: FeedbackRecord, reader: Actor, settings: Settings, now: datetime
) -> FeedbackAnswer:
    """The feedback as this reader may see it."""
    submission, feedback = record.submission, record.feedback
    name = submission_workflow_id(SubmissionKind.FEEDBACK, submission.submission_id)
    worked = feedback.content is not None
    return FeedbackAnswer(
        feedback_id=submission.submission_id,
        storefront=submission.storefront,
        customer_id=submission.customer_id,
        category=Category(feedback.category),
        subject=feedback.subject,
        content=feedback.content,
        contact=feedback.contact if reader.role in MAY_CLOSE else None,
        order_id=feedback.order_id,
        case_id=feedback.case_id,
        score=feedback.score,
        stage=SubmissionStage(submission.stage),
        waiting_for=SubmissionWaits(submission.waiting_for) if submission.waiting_for else None,
        due_at=submission.due_at,
        overdue=submission.due_at is not None and submission.due_at <= now,
        thread=[Word.of(message, reader) for message in record.thread],
        decisions=[Verdict.of(decision, reader) for decision in record.decisions],
        converted_to=_converted(feedback),
        version=submission.version,
        opened_at=submission.opened_at,
        closed_at=submission.closed_at,
        workflow_id=name if worked else None,
        workflow_url=settings.workflow_url(name) if worked else None,
    )


def _converted(feedback: Feedback) -> Converted | None:
    case_id, review_id = feedback.converted_to_case, feedback.converted_to_review
    return Converted(case_id=case_id, review_id=review_id) if case_id or review_id else None
