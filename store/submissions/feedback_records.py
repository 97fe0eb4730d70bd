"""What is there to show of feedback? The whole of it, for one or a page, in as many queries."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from domain.feedback_messages import Category
from domain.submissions import SubmissionKind
from store.listing import Position
from store.submissions import submission_pages
from store.submissions.review_records import decisions_of
from store.tables import Feedback, FeedbackMessage, Submission, SubmissionDecision


@dataclass(frozen=True)
class FeedbackRecord:
    """Feedback with its thread and its decisions, each in order."""

    submission: Submission
    feedback: Feedback
    thread: list[FeedbackMessage]
    decisions: list[SubmissionDecision]


@dataclass(frozen=True, kw_only=True)
class FeedbackFilters(submission_pages.Filters):
    """What feedback has to be to be listed; None does not matter. `case_id` is the case that it is
    about, or that it became.
    """

    category: Category | None = None
    case_id: UUID | None = None

    def conditions(self, now: datetime) -> Iterator[ColumnElement[bool]]:
        yield from super().conditions(now)
        if self.category is not None:
            yield Feedback.category == self.category
        if self.case_id is not None:
            yield or_(Feedback.case_id == self.case_id, Feedback.converted_to_case == self.case_id)


def record_of(session: Session, submission: Submission) -> FeedbackRecord:
    return records_of(session, [submission])[0]


def records_of(session: Session, submissions: Sequence[Submission]) -> list[FeedbackRecord]:
    """The same for many: always three queries."""
    ids = [each.submission_id for each in submissions]
    found = {
        each.submission_id: each
        for each in session.scalars(select(Feedback).where(Feedback.submission_id.in_(ids)))
    }
    threads: defaultdict[UUID, list[FeedbackMessage]] = defaultdict(list)
    said = select(FeedbackMessage).where(FeedbackMessage.submission_id.in_(ids))
    for message in session.scalars(said.order_by(FeedbackMessage.n)):
        threads[message.submission_id].append(message)
    decisions = decisions_of(session, ids)
    return [
        FeedbackRecord(
            each,
            found[each.submission_id],
            threads[each.submission_id],
            decisions[each.submission_id],
        )
        for each in submissions
    ]


def list_feedback(
    session: Session, filters: FeedbackFilters, after: Position | None, limit: int, now: datetime
) -> tuple[list[Submission], Position | None]:
    """Up to `limit` of it after a position, newest first, and the position to go on from."""
    found = (
        select(Submission)
        .join(Feedback, Feedback.submission_id == Submission.submission_id)
        .where(Submission.kind == SubmissionKind.FEEDBACK, *filters.conditions(now))
    )
    return submission_pages.page(session, found, after, limit)
