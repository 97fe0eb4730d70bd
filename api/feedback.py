"""How does feedback come in, and how is it read?"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from api.auth import ByAnyone, ByBuyer, ByStorefront
from api.context import Context, InContext, now
from api.feedback_answers import FeedbackAnswer, FeedbackList, feedback_answer
from api.ids import CaseId, FeedbackId, case_named, feedback_named
from api.judgement import Document, IdempotencyKey, Route
from api.once import created_once
from api.paging import Cursor, Limit, cursor_after, cursor_of, position_of, seq_of
from api.problems import refusals
from api.review_answers import SubmissionEventList, submission_events
from domain.feedback_messages import Category, FeedbackRequest, Satisfaction
from domain.messages import OutsideId
from domain.people import Actor
from domain.refusals import Why
from domain.submissions import SubmissionKind, SubmissionStage, SubmissionWaits
from store import feedback_records, submissions
from store.feedback import rate, submit
from store.idempotency import Kept
from store.tables import Feedback, Submission

router = APIRouter(route_class=Route, tags=["feedback"])

KIND = SubmissionKind.FEEDBACK
SUBMITTING = "POST /v1/feedback"
KEY = (Why.KEY_REQUIRED, Why.KEY_REUSED, Why.KEY_IN_USE)
TEXT = (Why.TOO_LARGE, Why.CARD_NUMBER)


@router.post(
    "/v1/feedback",
    status_code=201,
    response_model=FeedbackAnswer,
    responses=refusals(*KEY, *TEXT, Why.ORDER_NOT_FOUND, Why.CASE_NOT_FOUND),
)
def submit_feedback(
    request: FeedbackRequest,
    document: Document,
    key: IdempotencyKey,
    caller: ByStorefront,
    context: InContext,
) -> Response:
    """Hand in feedback about the shop, or about one of the customer's orders or cases. The same
    key and body again is answered as at first.
    """

    def create(session: Session, at: datetime) -> Kept:
        feedback = submit(session, request, caller, context.policy, at)
        answer = shown(session, feedback, caller, context, at)
        return Kept(201, f"/v1/feedback/{answer.feedback_id}", answer.model_dump_json())

    return created_once(context, caller.storefront or "", SUBMITTING, key, document, create)


@router.post(
    "/v1/cases/{case_id}/satisfaction",
    status_code=201,
    response_model=FeedbackAnswer,
    responses=refusals(*TEXT, Why.CASE_NOT_FOUND, Why.CASE_OPEN, Why.ALREADY_RATED),
)
def rate_case(
    case_id: CaseId, word: Satisfaction, caller: ByBuyer, context: InContext, response: Response
) -> FeedbackAnswer:
    """How content the customer is with a closed case, once; it counts at once. No key: a second
    one meets `already-rated`, which names the first.
    """
    named = case_named(case_id)
    answer = answered(
        lambda s, at: rate(s, named, word, caller, context.policy, at), caller, context
    )
    response.headers["Location"] = f"/v1/feedback/{answer.feedback_id}"
    return answer


@router.get("/v1/feedback", responses=refusals(Why.BAD_CURSOR))
def list_feedback(
    caller: ByAnyone,
    context: InContext,
    stage: SubmissionStage | None = None,
    waiting_for: SubmissionWaits | None = None,
    category: Category | None = None,
    customer_id: OutsideId | None = None,
    case_id: UUID | None = None,
    overdue: bool | None = None,
    storefront: OutsideId | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> FeedbackList:
    """Feedback in every stage, newest first: a storefront's own, or for staff everybody's."""
    after = position_of(cursor)
    if caller.storefront and storefront not in (None, caller.storefront):
        return FeedbackList(items=[], next=None)
    filters = feedback_records.FeedbackFilters(
        storefront=caller.storefront or storefront,
        stage=stage,
        waiting_for=waiting_for,
        category=category,
        customer_id=customer_id,
        case_id=case_id,
        overdue=overdue,
    )
    with context.database.snapshot() as session:
        at = now()
        page, following = feedback_records.list_feedback(session, filters, after, limit, at)
        records = feedback_records.records_of(session, page)
    items = [feedback_answer(record, caller, context.settings, at) for record in records]
    return FeedbackList(items=items, next=cursor_of(following))


@router.get("/v1/feedback/{feedback_id}", responses=refusals(Why.FEEDBACK_NOT_FOUND))
def read_feedback(feedback_id: FeedbackId, caller: ByAnyone, context: InContext) -> FeedbackAnswer:
    """The feedback as it stands, with what was said to it."""
    with context.database.snapshot() as session:
        found = submissions.find(session, KIND, feedback_named(feedback_id), caller.storefront)
        record = feedback_records.record_of(session, found)
        return feedback_answer(record, caller, context.settings, now())


@router.get(
    "/v1/feedback/{feedback_id}/events", responses=refusals(Why.BAD_CURSOR, Why.FEEDBACK_NOT_FOUND)
)
def read_feedback_events(
    feedback_id: FeedbackId,
    caller: ByAnyone,
    context: InContext,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> SubmissionEventList:
    """Everything that happened to the feedback, oldest first."""
    after = seq_of(cursor)
    with context.database.snapshot() as session:
        found = submissions.find(session, KIND, feedback_named(feedback_id), caller.storefront)
        page = submissions.events_of(session, found, after=after, limit=limit + 1)
    following = cursor_after(page[limit - 1].seq) if len(page) > limit else None
    return submission_events(page[:limit], following, caller)


def answered(
    act: Callable[[Session, datetime], Feedback | Submission], caller: Actor, context: Context
) -> FeedbackAnswer:
    """One transaction around `act`, and the feedback as it stands at its end."""

    def work(session: Session) -> FeedbackAnswer:
        at = now()
        return shown(session, act(session, at), caller, context, at)

    return context.database.run(work)


def shown(
    session: Session,
    feedback: Feedback | Submission,
    caller: Actor,
    context: Context,
    at: datetime,
) -> FeedbackAnswer:
    """The feedback as it stands in this session."""
    session.flush()
    submission = session.get_one(Submission, feedback.submission_id)
    record = feedback_records.record_of(session, submission)
    return feedback_answer(record, caller, context.settings, at)
