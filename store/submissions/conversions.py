"""How does feedback become the case or the review that it really is? In one transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from domain.feedback_messages import Conversion
from domain.people import Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from domain.submissions import SubmissionStage
from store import events, opening
from store.submissions import feedback_threads, reviews, submission_events
from store.tables import Feedback


def convert(
    session: Session,
    feedback_id: UUID,
    wanted: Conversion,
    author: Actor,
    policy: Policy,
    now: datetime,
) -> Feedback:
    """Open the case or hand in the review for the same customer, and close the feedback as that.

    The caller's transaction commits it together with the idempotency key. Raises Refusal:
    feedback-not-found, feedback-closed, not-bought, and whatever opening and handing in refuse.
    """
    # First, as everywhere: what is made of the order below is nobody else's before the end.
    order = events.lock_order(session, author.storefront or "", wanted.order_id)
    submission = feedback_threads.lock(session, feedback_id, author)
    feedback_threads.check_open(submission)
    if order is not None and order.customer_id != submission.customer_id:
        raise Refusal(Why.NOT_BOUGHT, f"order {order.order_id} is another customer's")
    feedback = session.get_one(Feedback, feedback_id, populate_existing=True)
    became = _open(session, feedback, submission.customer_id, wanted, author, policy, now)
    submission_events.record(
        session,
        submission,
        "converted",
        author,
        now,
        to=SubmissionStage.CONVERTED,
        detail=became,
    )
    submission_events.tell(session, submission, submission_events.NEWS)
    return feedback


def _open(
    session: Session,
    feedback: Feedback,
    customer_id: str,
    wanted: Conversion,
    author: Actor,
    policy: Policy,
    now: datetime,
) -> str:
    """What it became, as `case 0198...`."""
    if wanted.case is not None:
        case = opening.open_case(session, wanted.case, author, policy, now)
        feedback.converted_to_case = case.case_id
        return f"case {case.case_id}"
    assert wanted.review
    request = wanted.review.of(customer_id, feedback.content or "")
    review = reviews.submit(session, request, author, policy, now)
    feedback.converted_to_review = review.submission_id
    return f"review {review.submission_id}"
