"""What do the shop and the buyer say to each other about feedback, and when is all said?

The same word twice is one word: its sender did not hear the first answer.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.feedback_messages import Answer, BuyerWord, Close
from domain.people import MAY_DECIDE, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from domain.review_messages import Publish
from domain.submissions import SETTLED, SubmissionKind, SubmissionStage
from store.submissions import moderation, submission_events
from store.tables import FeedbackMessage, Submission


def answer(
    session: Session, feedback_id: UUID, word: Answer, actor: Actor, policy: Policy, now: datetime
) -> Submission:
    """The shop's word; what still awaits its audit is let in by it. The buyer has the policy's time
    from the last answer to come back.

    Raises Refusal: forbidden, feedback-not-found, feedback-closed, version-conflict.
    """
    if actor.role not in MAY_DECIDE:
        raise Refusal(Why.FORBIDDEN)
    submission = lock(session, feedback_id, actor)
    check_open(submission)
    if _said_last(session, submission, "shop", word.content):
        return submission
    if word.version is not None and word.version != submission.version:
        raise Refusal(
            Why.VERSION_CONFLICT,
            f"the feedback is at version {submission.version}",
            version=submission.version,
        )
    if submission.stage == SubmissionStage.AWAITING_AUDIT:
        kind = SubmissionKind.FEEDBACK
        moderation.decide(session, kind, feedback_id, Publish(), actor, policy, now)
    _say(session, submission, "shop", word.content, actor, now)
    to = SubmissionStage.AWAITING_BUYER
    submission_events.record(session, submission, "answered", actor, now, to=to, policy=policy)
    submission_events.tell(session, submission, submission_events.NEWS)
    return submission


def come_back(
    session: Session,
    feedback_id: UUID,
    word: BuyerWord,
    author: Actor,
    policy: Policy,
    now: datetime,
) -> Submission:
    """The buyer's next word: an answer is awaited, by when the policy says if none was yet.

    Raises Refusal: feedback-not-found, feedback-closed, not-let-in.
    """
    submission = lock(session, feedback_id, author, word.customer_id)
    check_open(submission)
    if submission.stage == SubmissionStage.AWAITING_AUDIT:
        raise Refusal(Why.NOT_LET_IN)
    if _said_last(session, submission, "buyer", word.content):
        return submission
    _say(session, submission, "buyer", word.content, author, now)
    answered = submission.stage == SubmissionStage.AWAITING_BUYER
    to = SubmissionStage.AWAITING_ANSWER if answered else None
    submission_events.record(session, submission, "came_back", author, now, to=to, policy=policy)
    submission_events.tell(session, submission, submission_events.NEWS)
    return submission


def close(
    session: Session, feedback_id: UUID, word: Close, actor: Actor, now: datetime
) -> Submission:
    """Nothing more is to be said. Of closed feedback: no change.

    Raises Refusal: feedback-not-found, feedback-closed (it was rejected or converted).
    """
    submission = lock(session, feedback_id, actor, word.customer_id)
    if submission.stage == SubmissionStage.CLOSED:
        return submission
    check_open(submission)
    submission_events.record(session, submission, "closed", actor, now, to=SubmissionStage.CLOSED)
    submission_events.tell(session, submission, submission_events.NEWS)
    return submission


def lock(
    session: Session, feedback_id: UUID, actor: Actor, customer_id: str | None = None
) -> Submission:
    """The feedback, locked until the transaction ends, if it is the storefront's and, where one is
    named, the customer's. Raises Refusal(feedback-not-found).
    """
    submission = submission_events.lock(session, SubmissionKind.FEEDBACK, feedback_id)
    theirs = actor.storefront in (None, submission.storefront)
    if not theirs or customer_id not in (None, submission.customer_id):
        raise Refusal(Why.FEEDBACK_NOT_FOUND)
    return submission


def check_open(submission: Submission) -> None:
    """Raises Refusal(feedback-closed), which says as what."""
    if submission.stage in SETTLED:
        raise Refusal(
            Why.FEEDBACK_CLOSED, f"the feedback is {submission.stage}", stage=submission.stage
        )


def _last(session: Session, submission: Submission) -> FeedbackMessage | None:
    of_it = FeedbackMessage.submission_id == submission.submission_id
    newest = select(FeedbackMessage).where(of_it).order_by(FeedbackMessage.n.desc())
    return session.scalars(newest.limit(1)).first()


def _said_last(session: Session, submission: Submission, by: str, content: str) -> bool:
    last = _last(session, submission)
    return last is not None and (last.by, last.content) == (by, content)


def _say(
    session: Session, submission: Submission, by: str, content: str, actor: Actor, now: datetime
) -> None:
    last = _last(session, submission)
    session.add(
        FeedbackMessage(
            submission_id=submission.submission_id,
            n=last.n + 1 if last else 1,
            storefront=submission.storefront,
            by=by,
            actor=actor.name,
            actor_role=actor.role,
            content=content,
            at=now,
        )
    )
