"""How is feedback decided on, answered, closed, or made a case or a review?"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Response
from sqlalchemy.orm import Session

from api.auth import ByBuyer, ByDecider, ByEitherSide, ByStorefront
from api.cases import QUOTE_REFUSALS
from api.context import InContext
from api.feedback import FEEDBACK, TEXT
from api.feedback_answers import FeedbackAnswer
from api.ids import FeedbackId, feedback_named
from api.judgement import Document, IdempotencyKey, Route
from api.once import KEY_REFUSALS, created_once
from api.problems import refusals
from domain.feedback_messages import Answer, BuyerWord, Close, Conversion
from domain.refusals import Why
from domain.review_messages import Publish, Refuse
from store.idempotency import Kept
from store.submissions import conversions, feedback_threads

router = APIRouter(route_class=Route, prefix="/v1/feedback/{feedback_id}", tags=["feedback"])

CONVERTING = "POST /v1/feedback/{feedback_id}/convert"
THERE = (Why.FEEDBACK_NOT_FOUND, Why.FEEDBACK_CLOSED)
DECISION = (*TEXT, *THERE, Why.ALREADY_DECIDED, Why.VERSION_CONFLICT, Why.DECISION_ID_REUSED)


@router.post("/approve", responses=refusals(*DECISION))
def approve_feedback(
    feedback_id: FeedbackId,
    caller: ByDecider,
    context: InContext,
    word: Annotated[Publish, Body()] = Publish(),
) -> FeedbackAnswer:
    """Let it in: it is to be answered."""
    return FEEDBACK.decide(feedback_id, word, caller, context)


@router.post("/reject", responses=refusals(*DECISION))
def reject_feedback(
    feedback_id: FeedbackId, word: Refuse, caller: ByDecider, context: InContext
) -> FeedbackAnswer:
    """Refuse it, with a reason that its author sees."""
    return FEEDBACK.decide(feedback_id, word, caller, context)


@router.post("/answer", responses=refusals(*TEXT, *THERE, Why.VERSION_CONFLICT))
def answer_feedback(
    feedback_id: FeedbackId, word: Answer, caller: ByDecider, context: InContext
) -> FeedbackAnswer:
    """The shop's word, which lets in what still awaits its audit. The same word twice is one."""
    named = feedback_named(feedback_id)
    return FEEDBACK.after(
        lambda s, at: feedback_threads.answer(s, named, word, caller, context.policy, at),
        caller,
        context,
    )


@router.post("/message", responses=refusals(*TEXT, *THERE, Why.NOT_LET_IN))
def come_back_to_feedback(
    feedback_id: FeedbackId, word: BuyerWord, caller: ByBuyer, context: InContext
) -> FeedbackAnswer:
    """The buyer's next word. The same word twice is one."""
    named = feedback_named(feedback_id)
    return FEEDBACK.after(
        lambda s, at: feedback_threads.come_back(s, named, word, caller, context.policy, at),
        caller,
        context,
    )


@router.post("/close", responses=refusals(Why.TOO_LARGE, *THERE))
def close_feedback(
    feedback_id: FeedbackId,
    caller: ByEitherSide,
    context: InContext,
    word: Annotated[Close, Body()] = Close(),
) -> FeedbackAnswer:
    """Nothing more is to be said. Of closed feedback: 200 again."""
    named = feedback_named(feedback_id)
    return FEEDBACK.after(
        lambda s, at: feedback_threads.close(s, named, word, caller, at), caller, context
    )


@router.post(
    "/convert",
    status_code=201,
    response_model=FeedbackAnswer,
    responses=refusals(
        *KEY_REFUSALS, *QUOTE_REFUSALS, *THERE, Why.NOT_BOUGHT, Why.ALREADY_REVIEWED
    ),
)
def convert_feedback(
    feedback_id: FeedbackId,
    wanted: Conversion,
    document: Document,
    key: IdempotencyKey,
    caller: ByStorefront,
    context: InContext,
) -> Response:
    """Make it the case or review that it really is: `case` as `POST /v1/cases` takes it, or
    `review`. Location names what it became. The same key and body again is answered as at first.
    """
    named = feedback_named(feedback_id)
    whole = {"feedback_id": str(named), "wanted": document}

    def create(session: Session, at: datetime) -> Kept:
        feedback = conversions.convert(session, named, wanted, caller, context.policy, at)
        answer = FEEDBACK.shown(session, feedback, caller, context, at)
        case_id, review_id = feedback.converted_to_case, feedback.converted_to_review
        there = f"/v1/cases/{case_id}" if case_id else f"/v1/reviews/{review_id}"
        return Kept(201, there, answer.model_dump_json(), case_id)

    return created_once(context, caller.storefront or "", CONVERTING, key, whole, create)
