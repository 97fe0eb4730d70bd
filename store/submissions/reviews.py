"""How a buyer's word about a line comes in, changes and goes: submit, edit, withdraw, appeal.

One live review a line: an index says so, whatever the code forgets.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from domain.days import days_between
from domain.people import SYSTEM, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from domain.review_messages import Appeal, ByCustomer, ReviewEdit, ReviewRequest
from domain.submissions import SubmissionKind, SubmissionStage
from store import events, uploads
from store.session import new_id
from store.submissions import publishing, submission_events
from store.tables import Case, CaseLine, OrderLine, Review, ReviewVersion, Subject, Submission


def submit(
    session: Session, request: ReviewRequest, author: Actor, policy: Policy, now: datetime
) -> Review:
    """Take a review in. The caller's transaction commits it together with the idempotency key.

    Raises Refusal: order-not-found, unknown-line, not-bought, already-reviewed, unknown-upload.
    """
    storefront = author.storefront or ""
    order = events.lock_order(session, storefront, request.order_id)
    if order is None:
        raise Refusal(Why.ORDER_NOT_FOUND)
    if order.customer_id != request.customer_id:
        raise Refusal(Why.NOT_BOUGHT, f"order {order.order_id} is another customer's")
    line = session.scalars(
        select(OrderLine).where(
            OrderLine.storefront == storefront,
            OrderLine.order_id == order.order_id,
            OrderLine.line == request.line,
        )
    ).first()
    if line is None:
        raise Refusal(Why.UNKNOWN_LINE, f"line {request.line}")
    live = select(Review).where(Review.order_line_id == line.id, Review.live)
    if standing := session.scalars(live).first():
        raise Refusal(Why.ALREADY_REVIEWED, review_id=str(standing.submission_id))
    submission = Submission(
        submission_id=new_id(),
        storefront=storefront,
        kind=SubmissionKind.REVIEW,
        customer_id=request.customer_id,
        stage=SubmissionStage.AWAITING_AUDIT,
        policy=policy.version,
        opened_by=author.name,
        version=0,
        opened_at=now,
    )
    review = Review(
        submission_id=submission.submission_id,
        storefront=storefront,
        order_id=order.order_id,
        line=line.line,
        order_line_id=line.id,
        sku=line.sku,
        versions=0,
        live=True,
        helpful=0,
        had_case=False,
    )
    _heard(session, submission, review, request, author, policy, now, "submitted")
    submission_events.tell(session, submission, "start")
    return review


def edit(
    session: Session,
    review_id: UUID,
    words: ReviewEdit,
    author: Actor,
    policy: Policy,
    now: datetime,
) -> Review:
    """The whole review anew: audited again, while what is published stays in sight. The same words
    again change nothing.

    Raises Refusal: review-not-found, version-conflict, review-withdrawn, unknown-upload.
    """
    submission, review = _of_author(session, review_id, words.customer_id, author)
    if not review.live:
        raise Refusal(Why.REVIEW_WITHDRAWN)
    if _stands(session, review, words):
        return review
    if words.version is not None and words.version != submission.version:
        raise Refusal(
            Why.VERSION_CONFLICT,
            f"the review is at version {submission.version}",
            version=submission.version,
        )
    _heard(session, submission, review, words, author, policy, now, "edited")
    submission_events.tell(session, submission, submission_events.NEWS)
    return review


def withdraw(
    session: Session, review_id: UUID, word: ByCustomer, author: Actor, now: datetime
) -> Review:
    """Take it back for good: out of sight and out of the figures. Of a withdrawn one: no change.

    Raises Refusal(review-not-found).
    """
    submission, review = _of_author(session, review_id, word.customer_id, author)
    if not review.live:
        return review
    publishing.take_down(session, review)
    review.live = False
    submission_events.record(
        session, submission, "withdrawn", author, now, to=SubmissionStage.WITHDRAWN
    )
    submission_events.tell(session, submission, submission_events.NEWS)
    return review


def appeal(
    session: Session, review_id: UUID, word: Appeal, author: Actor, policy: Policy, now: datetime
) -> Review:
    """Ask for a second opinion on a refusal, once a review; somebody else decides.

    Raises Refusal: review-not-found, not-refused, already-appealed, too-late-to-appeal.
    """
    submission, review = _of_author(session, review_id, word.customer_id, author)
    if review.appealed_at is not None:
        raise Refusal(Why.ALREADY_APPEALED)
    if submission.stage != SubmissionStage.REJECTED or submission.closed_at is None:
        raise Refusal(Why.NOT_REFUSED)
    passed = days_between(submission.closed_at, now, policy.timezone)
    if passed > policy.submissions.appeal_days:
        raise Refusal(Why.TOO_LATE_TO_APPEAL)
    review.appealed_at = now
    submission_events.record(
        session,
        submission,
        "appealed",
        author,
        now,
        to=SubmissionStage.AWAITING_APPEAL,
        policy=policy,
        detail=word.note,
    )
    submission_events.tell(session, submission, submission_events.NEWS)
    return review


def hold(session: Session, order_lines: Sequence[int], policy: Policy, now: datetime) -> None:
    """A case of these lines was opened: reviews that await their audit wait for it first."""
    if not policy.submissions.hold_for_cases:
        return
    of_lines = select(Review.submission_id).where(Review.order_line_id.in_(order_lines))
    waiting = (
        select(Submission)
        .where(
            Submission.submission_id.in_(of_lines),
            Submission.stage == SubmissionStage.AWAITING_AUDIT,
        )
        .with_for_update()
    )
    for submission in session.scalars(waiting).all():
        submission_events.record(
            session, submission, "held", SYSTEM, now, to=SubmissionStage.ON_HOLD, policy=policy
        )
        submission_events.tell(session, submission, submission_events.NEWS)


def go_on(session: Session, review_id: UUID, policy: Policy, now: datetime) -> None:
    """A review on hold whose line has no open case any more goes to its auditor."""
    review = session.get(Review, review_id)
    if review is None:
        return
    events.lock_order(session, review.storefront, review.order_id)
    submission = submission_events.lock(session, SubmissionKind.REVIEW, review_id)
    if submission.stage == SubmissionStage.ON_HOLD and not _in_case(session, review.order_line_id):
        submission_events.record(
            session,
            submission,
            "hold_ended",
            SYSTEM,
            now,
            to=SubmissionStage.AWAITING_AUDIT,
            policy=policy,
        )


def _of_author(
    session: Session, review_id: UUID, customer_id: str, author: Actor
) -> tuple[Submission, Review]:
    """The author's own review, its order and itself locked. Nobody else's is there for them."""
    review = session.get(Review, review_id)
    if review is None or review.storefront != author.storefront:
        raise Refusal(Why.REVIEW_NOT_FOUND)
    events.lock_order(session, review.storefront, review.order_id)
    submission = submission_events.lock(session, SubmissionKind.REVIEW, review_id)
    if submission.customer_id != customer_id:
        raise Refusal(Why.REVIEW_NOT_FOUND)
    session.refresh(review)
    return submission, review


def _heard(
    session: Session,
    submission: Submission,
    review: Review,
    words: ReviewRequest | ReviewEdit,
    author: Actor,
    policy: Policy,
    now: datetime,
    what: str,
) -> None:
    """Take down a version of a review, and have it audited, once no case of its line is open."""
    waits = policy.submissions.hold_for_cases and _in_case(session, review.order_line_id)
    review.versions += 1
    submission_events.record(
        session,
        submission,
        what,
        author,
        now,
        to=SubmissionStage.ON_HOLD if waits else SubmissionStage.AWAITING_AUDIT,
        policy=policy,
        detail=f"version {review.versions}",
    )
    version = ReviewVersion(
        submission_id=review.submission_id,
        n=review.versions,
        storefront=review.storefront,
        stars=words.stars,
        content=words.content,
        photos=words.photos,
        anonymous=words.anonymous,
        at=now,
    )
    session.add_all([review, version])
    uploads.use(session, review.storefront, words.photos, Subject.REVIEW, review.submission_id)
    session.flush()


def _stands(session: Session, review: Review, words: ReviewEdit) -> bool:
    """Whether these are the words that were said last: sent twice, they are one edit, and what was
    refused is not audited again by the same people.
    """
    newest = session.get_one(ReviewVersion, (review.submission_id, review.versions))
    return all(
        getattr(newest, name) == getattr(words, name)
        for name in ("stars", "content", "photos", "anonymous")
    )


def _in_case(session: Session, order_line_id: int) -> bool:
    """Whether a case of this line is open."""
    of_line = (
        select(Case.case_id)
        .join(CaseLine, CaseLine.case_id == Case.case_id)
        .where(CaseLine.order_line_id == order_line_id, Case.closed_at.is_(None))
    )
    return bool(session.scalar(select(exists(of_line))))
