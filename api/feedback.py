"""How does feedback come in, and how is it read?"""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from api.auth import ByAnyone, ByBuyer, ByStorefront
from api.context import InContext, now
from api.feedback_answers import FeedbackAnswer, FeedbackList, feedback_answer
from api.ids import CaseId, FeedbackId, case_named, feedback_named
from api.judgement import Document, IdempotencyKey, Route
from api.once import KEY_REFUSALS, created_once
from api.paging import Cursor, Limit, position_of
from api.problems import refusals
from api.scope import hidden
from api.submission_answers import SubmissionEventList
from api.submissions import Submissions
from domain.feedback_messages import Category, FeedbackRequest, Satisfaction
from domain.messages import OutsideId
from domain.refusals import Why
from domain.submissions import SubmissionKind, SubmissionStage, SubmissionWaits
from store.idempotency import Kept
from store.submissions import feedback_records
from store.submissions.feedback import rate, submit

router = APIRouter(route_class=Route, tags=["feedback"])

FEEDBACK = Submissions(
    SubmissionKind.FEEDBACK, feedback_named, feedback_records.records_of, feedback_answer
)
SUBMITTING = "POST /v1/feedback"
TEXT = (Why.TOO_LARGE, Why.CARD_NUMBER)


@router.post(
    "/v1/feedback",
    status_code=201,
    response_model=FeedbackAnswer,
    responses=refusals(*KEY_REFUSALS, *TEXT, Why.ORDER_NOT_FOUND, Why.CASE_NOT_FOUND),
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
        answer = FEEDBACK.shown(session, feedback, caller, context, at)
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
    answer = FEEDBACK.after(
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
    if hidden(caller, storefront):
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
    items, following = FEEDBACK.page(
        lambda s, at: feedback_records.list_feedback(s, filters, after, limit, at), caller, context
    )
    return FeedbackList(items=items, next=following)


@router.get("/v1/feedback/{feedback_id}", responses=refusals(Why.FEEDBACK_NOT_FOUND))
def read_feedback(feedback_id: FeedbackId, caller: ByAnyone, context: InContext) -> FeedbackAnswer:
    """The feedback as it stands, with what was said to it."""
    with context.database.snapshot() as session:
        found = FEEDBACK.find(session, feedback_id, caller)
        return FEEDBACK.shown(session, found, caller, context, now())


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
    return FEEDBACK.events(feedback_id, caller, context, limit, cursor)
