"""How does a buyer's review come in, get decided on, and get read?"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Response
from sqlalchemy.orm import Session

from api.advice_answers import advice_for
from api.auth import ByAnyone, ByDecider, ByStorefront
from api.context import InContext, now
from api.ids import ReviewId, review_named
from api.judgement import Document, IdempotencyKey, Route
from api.once import KEY_REFUSALS, created_once
from api.paging import Cursor, Limit, position_of
from api.problems import refusals
from api.review_answers import ReviewAnswer, ReviewList, review_answer
from api.scope import hidden
from api.submission_answers import SubmissionEventList
from api.submissions import Submissions
from domain.advice import Subject
from domain.messages import OutsideId
from domain.refusals import Why
from domain.review_messages import (
    Appeal,
    ByCustomer,
    Publish,
    Refuse,
    ReviewEdit,
    ReviewRequest,
)
from domain.submissions import SubmissionKind, SubmissionStage, SubmissionWaits
from store.idempotency import Kept
from store.submissions import review_records, reviews

router = APIRouter(route_class=Route, tags=["reviews"])

REVIEWS = Submissions(SubmissionKind.REVIEW, review_named, review_records.records_of, review_answer)
SUBMITTING = "POST /v1/reviews"
WORDS = (Why.TOO_LARGE, Why.CARD_NUMBER, Why.UNKNOWN_UPLOAD)
AUTHOR = (Why.TOO_LARGE, Why.REVIEW_NOT_FOUND)
DECISION = (
    Why.TOO_LARGE,
    Why.CARD_NUMBER,
    Why.REVIEW_NOT_FOUND,
    Why.ALREADY_DECIDED,
    Why.REVIEW_WITHDRAWN,
    Why.ON_HOLD,
    Why.VERSION_CONFLICT,
    Why.FOUR_EYES,
    Why.DECISION_ID_REUSED,
)


@router.post(
    "/v1/reviews",
    status_code=201,
    response_model=ReviewAnswer,
    responses=refusals(
        *KEY_REFUSALS,
        *WORDS,
        Why.ORDER_NOT_FOUND,
        Why.UNKNOWN_LINE,
        Why.NOT_BOUGHT,
        Why.ALREADY_REVIEWED,
    ),
)
def submit_review(
    request: ReviewRequest,
    document: Document,
    key: IdempotencyKey,
    caller: ByStorefront,
    context: InContext,
) -> Response:
    """Hand in a review of a bought line. The same key and body again is answered as at first."""

    def create(session: Session, at: datetime) -> Kept:
        review = reviews.submit(session, request, caller, context.policy, at)
        answer = REVIEWS.shown(session, review, caller, context, at)
        return Kept(201, f"/v1/reviews/{review.submission_id}", answer.model_dump_json())

    return created_once(context, caller.storefront or "", SUBMITTING, key, document, create)


@router.get("/v1/reviews", responses=refusals(Why.BAD_CURSOR))
def list_reviews(
    caller: ByAnyone,
    context: InContext,
    stage: SubmissionStage | None = None,
    waiting_for: SubmissionWaits | None = None,
    sku: OutsideId | None = None,
    order_id: OutsideId | None = None,
    customer_id: OutsideId | None = None,
    overdue: bool | None = None,
    storefront: OutsideId | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ReviewList:
    """Reviews in every stage, newest first: a storefront's own, or for staff everybody's."""
    after = position_of(cursor)
    if hidden(caller, storefront):
        return ReviewList(items=[], next=None)
    filters = review_records.ReviewFilters(
        storefront=caller.storefront or storefront,
        stage=stage,
        waiting_for=waiting_for,
        sku=sku,
        order_id=order_id,
        customer_id=customer_id,
        overdue=overdue,
    )
    items, following = REVIEWS.page(
        lambda s, at: review_records.list_reviews(s, filters, after, limit, at), caller, context
    )
    return ReviewList(items=items, next=following)


@router.get("/v1/reviews/{review_id}", responses=refusals(Why.REVIEW_NOT_FOUND))
def read_review(review_id: ReviewId, caller: ByAnyone, context: InContext) -> ReviewAnswer:
    """The review as it stands."""
    with context.database.snapshot() as session:
        found = REVIEWS.find(session, review_id, caller)
        record = review_records.record_of(session, found)
        advice = advice_for(session, caller, Subject.REVIEW, found.submission_id, record.newest.n)
        return review_answer(record, caller, context.settings, now(), advice)


@router.get(
    "/v1/reviews/{review_id}/events", responses=refusals(Why.BAD_CURSOR, Why.REVIEW_NOT_FOUND)
)
def read_review_events(
    review_id: ReviewId,
    caller: ByAnyone,
    context: InContext,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> SubmissionEventList:
    """Everything that happened to the review, oldest first."""
    return REVIEWS.events(review_id, caller, context, limit, cursor)


@router.put(
    "/v1/reviews/{review_id}",
    responses=refusals(*WORDS, Why.REVIEW_NOT_FOUND, Why.VERSION_CONFLICT, Why.REVIEW_WITHDRAWN),
)
def edit_review(
    review_id: ReviewId, words: ReviewEdit, caller: ByStorefront, context: InContext
) -> ReviewAnswer:
    """Write the review anew. It is audited again; what is published stays in sight until then."""
    named = review_named(review_id)
    return REVIEWS.after(
        lambda s, at: reviews.edit(s, named, words, caller, context.policy, at), caller, context
    )


@router.post("/v1/reviews/{review_id}/withdraw", responses=refusals(*AUTHOR))
def withdraw_review(
    review_id: ReviewId, word: ByCustomer, caller: ByStorefront, context: InContext
) -> ReviewAnswer:
    """Take the review back for good. Of a withdrawn one: 200 again."""
    named = review_named(review_id)
    return REVIEWS.after(
        lambda s, at: reviews.withdraw(s, named, word, caller, at), caller, context
    )


@router.post(
    "/v1/reviews/{review_id}/appeal",
    responses=refusals(
        *AUTHOR, Why.CARD_NUMBER, Why.NOT_REFUSED, Why.ALREADY_APPEALED, Why.TOO_LATE_TO_APPEAL
    ),
)
def appeal_review(
    review_id: ReviewId, word: Appeal, caller: ByStorefront, context: InContext
) -> ReviewAnswer:
    """Ask for a second opinion on a refusal: once, and somebody else decides."""
    named = review_named(review_id)
    return REVIEWS.after(
        lambda s, at: reviews.appeal(s, named, word, caller, context.policy, at), caller, context
    )


@router.post("/v1/reviews/{review_id}/approve", responses=refusals(*DECISION))
def approve_review(
    review_id: ReviewId,
    caller: ByDecider,
    context: InContext,
    word: Annotated[Publish, Body()] = Publish(),
) -> ReviewAnswer:
    """Publish it."""
    return REVIEWS.decide(review_id, word, caller, context)


@router.post("/v1/reviews/{review_id}/reject", responses=refusals(*DECISION))
def reject_review(
    review_id: ReviewId, word: Refuse, caller: ByDecider, context: InContext
) -> ReviewAnswer:
    """Refuse it, with a reason that its author sees."""
    return REVIEWS.decide(review_id, word, caller, context)
