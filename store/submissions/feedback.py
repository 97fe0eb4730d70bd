"""How does feedback come in? About the shop, an order or a case, or as how content a buyer is.

One score a case: an index says so, whatever the code forgets.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.feedback_messages import Category, FeedbackRequest, Satisfaction
from domain.people import Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from domain.submissions import SubmissionKind, SubmissionStage
from store.session import new_id
from store.submissions import ratings, submission_events
from store.tables import Case, Feedback, Order, Submission


def submit(
    session: Session, request: FeedbackRequest, author: Actor, policy: Policy, now: datetime
) -> Feedback:
    """Take feedback in. The caller's transaction commits it together with the idempotency key.

    Raises Refusal: order-not-found, case-not-found.
    """
    feedback = Feedback(
        submission_id=new_id(),
        storefront=author.storefront,
        category=request.category,
        subject=request.subject,
        content=request.content,
        contact=request.contact,
        order_id=request.order_id,
        case_id=request.case_id,
    )
    if request.order_id is not None:
        order = session.get(Order, (author.storefront, request.order_id))
        if order is None or order.customer_id != request.customer_id:
            raise Refusal(Why.ORDER_NOT_FOUND)
    if request.case_id is not None:
        case = _case_of(session, request.case_id, request.customer_id, author)
        feedback.order_id = case.order_id
    _take_down(session, feedback, request.customer_id, "submitted", author, policy, now)
    return feedback


def rate(
    session: Session,
    case_id: UUID,
    word: Satisfaction,
    author: Actor,
    policy: Policy,
    now: datetime,
) -> Feedback:
    """The customer says, once, how content they are with a closed case. It counts at once, for the
    UTC day of `now`; what they say beside it is audited as all feedback is.

    Raises Refusal: case-not-found, case-open, already-rated.
    """
    case = _case_of(session, case_id, word.customer_id, author)
    if case.closed_at is None:
        raise Refusal(Why.CASE_OPEN)
    rated = select(Feedback).where(Feedback.case_id == case_id, Feedback.score.is_not(None))
    if standing := session.scalars(rated).first():
        raise Refusal(Why.ALREADY_RATED, feedback_id=str(standing.submission_id))
    feedback = Feedback(
        submission_id=new_id(),
        storefront=case.storefront,
        category=Category.SATISFACTION,
        content=word.content,
        order_id=case.order_id,
        case_id=case_id,
        score=word.score,
    )
    _take_down(session, feedback, word.customer_id, "rated", author, policy, now)
    ratings.count_satisfaction(
        session, storefront=case.storefront, day=now.date(), score=word.score
    )
    return feedback


def _case_of(session: Session, case_id: UUID, customer_id: str, author: Actor) -> Case:
    """The customer's own case. Nobody else's is there for them."""
    case = session.get(Case, case_id)
    if case is None or (case.storefront, case.customer_id) != (author.storefront, customer_id):
        raise Refusal(Why.CASE_NOT_FOUND)
    return case


def _take_down(
    session: Session,
    feedback: Feedback,
    customer_id: str,
    what: str,
    author: Actor,
    policy: Policy,
    now: datetime,
) -> None:
    """Have it audited; a score without a word is closed at once, for there is nothing to read."""
    submission = Submission(
        submission_id=feedback.submission_id,
        storefront=feedback.storefront,
        kind=SubmissionKind.FEEDBACK,
        customer_id=customer_id,
        policy=policy.version,
        opened_by=author.name,
        version=0,
        opened_at=now,
    )
    audited = feedback.content is not None
    to = SubmissionStage.AWAITING_AUDIT if audited else SubmissionStage.CLOSED
    submission_events.record(session, submission, what, author, now, to=to, policy=policy)
    session.add(feedback)
    session.flush()
    if audited:
        submission_events.tell(session, submission, "start")
