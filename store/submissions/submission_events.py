"""The one way a submission changes: lock it, then append an event that says what happened.

As `store.events` is for cases. Locks are always taken order, case, submission.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, insert, literal, select
from sqlalchemy.orm import Session

from domain.people import SYSTEM, Actor, Automatic
from domain.policy import Policy
from domain.refusals import Refusal, Why
from domain.submissions import (
    SETTLED,
    WAITS,
    SubmissionKind,
    SubmissionStage,
    SubmissionView,
    SubmissionWaits,
    may_follow,
)
from store.tables import CaseLine, Feedback, Outbox, Review, Submission, SubmissionEvent

NEWS = "submission_news"
"""The topic that only wakes a submission's workflow: what has happened is in its row."""

NOT_FOUND = {
    SubmissionKind.REVIEW: Why.REVIEW_NOT_FOUND,
    SubmissionKind.FEEDBACK: Why.FEEDBACK_NOT_FOUND,
}


def find(
    session: Session, kind: SubmissionKind, submission_id: UUID, storefront: str | None
) -> Submission:
    """It, if it is one of `storefront`'s (None: of any). Raises Refusal: review-not-found,
    feedback-not-found.
    """
    found = session.get(Submission, submission_id)
    if found is None or found.kind != kind or storefront not in (None, found.storefront):
        raise Refusal(NOT_FOUND[kind])
    return found


def lock(session: Session, kind: SubmissionKind, submission_id: UUID) -> Submission:
    """It, locked until the transaction ends. Raises Refusal as `find` does."""
    found = session.get(Submission, submission_id, with_for_update=True, populate_existing=True)
    if found is None or found.kind != kind:
        raise Refusal(NOT_FOUND[kind])
    return found


def known(session: Session, submission_id: UUID, message_id: str) -> bool:
    """True if this message has had its event already."""
    had = exists().where(
        SubmissionEvent.submission_id == submission_id, SubmissionEvent.message_id == message_id
    )
    return bool(session.scalar(select(had)))


def times(session: Session, submission_id: UUID, what: str) -> int:
    """How often this has happened to it."""
    such = select(func.count()).where(
        SubmissionEvent.submission_id == submission_id, SubmissionEvent.what == what
    )
    return session.scalars(such).one()


def handled(session: Session, submission_id: UUID, ids: Sequence[str]) -> int:
    """How many of the first of these messages were settled before, since they or one after them has
    its event: they are settled in their order, and a count is the event of the last one counted.
    """
    had = select(SubmissionEvent.message_id).where(
        SubmissionEvent.submission_id == submission_id, SubmissionEvent.message_id.in_(ids)
    )
    return max((ids.index(str(one)) + 1 for one in session.scalars(had)), default=0)


def record(
    session: Session,
    submission: Submission,
    what: str,
    actor: Actor | Automatic,
    now: datetime,
    *,
    to: SubmissionStage | None = None,
    policy: Policy | None = None,
    detail: str = "",
    message_id: str | None = None,
) -> None:
    """Append an event to a locked submission, and move it to stage `to` if one is given, where it
    waits as long as `policy` lets it. `detail` holds ids and codes, or the note of the person who
    did it.
    """
    before = SubmissionStage(submission.stage) if submission.version else None
    after = to or SubmissionStage(submission.stage)
    if not may_follow(before, after):
        raise RuntimeError(f"a {submission.kind} in {before} cannot go to {after}")
    if to is not None:
        _enter(submission, to, policy, now)
    submission.version += 1
    session.add(submission)
    session.flush()  # a new one is there before its first event
    session.add(
        SubmissionEvent(
            submission_id=submission.submission_id,
            seq=submission.version,
            storefront=submission.storefront,
            at=now,
            actor=actor.name,
            actor_kind=actor.kind,
            from_stage=before,
            to_stage=after,
            what=what,
            detail=detail,
            message_id=message_id,
            channel=actor.channel,
        )
    )
    session.flush()


def _enter(
    submission: Submission, stage: SubmissionStage, policy: Policy | None, now: datetime
) -> None:
    submission.stage = stage
    submission.waiting_for = WAITS.get(stage)
    submission.closed_at = now if stage in SETTLED else None
    submission.due_at = submission.remind_at = None
    if stage in SETTLED:
        return
    if policy is None:
        raise RuntimeError(f"nothing waits in {stage} without a deadline")
    due = submission.due_at = now + policy.submissions.lasts(stage)
    staff = submission.waiting_for == SubmissionWaits.AUDITOR
    submission.remind_at = (
        min(now + timedelta(hours=policy.deadlines.reminder), due) if staff else due
    )


def remind(session: Session, submission_id: UUID, policy: Policy, now: datetime) -> Submission:
    """Say once that it is time, and set the next time. Nothing is decided by silence: a review on
    hold goes to its auditor, and a thread that its buyer has left is closed.
    """
    kind = SubmissionKind(session.get_one(Submission, submission_id).kind)
    submission = lock(session, kind, submission_id)
    if submission.remind_at is None or submission.remind_at > now or submission.due_at is None:
        return submission
    overdue = submission.due_at <= now
    if overdue and submission.stage in LAPSES:
        to, what = LAPSES[SubmissionStage(submission.stage)]
        record(session, submission, what, SYSTEM, now, to=to, policy=policy)
        return submission
    submission.remind_at = now + timedelta(hours=policy.deadlines.reminder)
    if not overdue:
        submission.remind_at = min(submission.remind_at, submission.due_at)
    record(session, submission, "escalated" if overdue else "reminded", SYSTEM, now)
    return submission


LAPSES: dict[SubmissionStage, tuple[SubmissionStage, str]] = {
    SubmissionStage.ON_HOLD: (SubmissionStage.AWAITING_AUDIT, "hold_ended"),
    SubmissionStage.AWAITING_BUYER: (SubmissionStage.CLOSED, "closed"),
}


def events_of(
    session: Session, submission: Submission, *, after: int = 0, limit: int | None = None
) -> list[SubmissionEvent]:
    """What happened to it, oldest first: all of it, or so many events after a `seq`."""
    later = select(SubmissionEvent).where(
        SubmissionEvent.submission_id == submission.submission_id, SubmissionEvent.seq > after
    )
    return list(session.scalars(later.order_by(SubmissionEvent.seq).limit(limit)))


def tell(
    session: Session, submission: Submission, topic: str, message_id: str | None = None
) -> None:
    """Have the relay start or signal its workflow once this transaction is committed."""
    session.add(
        Outbox(
            storefront=submission.storefront,
            submission_id=submission.submission_id,
            topic=topic,
            message_id=message_id,
        )
    )


def case_closed(session: Session, case_id: UUID) -> None:
    """Have the workflows of reviews that wait for this case look again."""
    held = (
        select(Submission.storefront, Submission.submission_id, literal(NEWS))
        .join(Review, Review.submission_id == Submission.submission_id)
        .join(CaseLine, CaseLine.order_line_id == Review.order_line_id)
        .where(CaseLine.case_id == case_id, Submission.stage == SubmissionStage.ON_HOLD)
    )
    session.execute(insert(Outbox).from_select(["storefront", "submission_id", "topic"], held))


def view(session: Session, submission: Submission) -> SubmissionView:
    """What its workflow needs to know of it."""
    return views(session, [submission])[submission.submission_id]


def views(session: Session, submissions: Sequence[Submission]) -> dict[UUID, SubmissionView]:
    """The same for many at once."""
    ids = [each.submission_id for each in submissions]
    reviews = session.scalars(select(Review).where(Review.submission_id.in_(ids)))
    feedback = session.scalars(select(Feedback).where(Feedback.submission_id.in_(ids)))
    said: dict[UUID, Review | Feedback] = {
        each.submission_id: each for each in (*reviews, *feedback)
    }
    return {each.submission_id: _view(each, said[each.submission_id]) for each in submissions}


def _view(submission: Submission, said: Review | Feedback) -> SubmissionView:
    return SubmissionView(
        submission_id=submission.submission_id,
        kind=SubmissionKind(submission.kind),
        storefront=submission.storefront,
        order_id=said.order_id,
        about=_about(said),
        stage=SubmissionStage(submission.stage),
        waiting_for=SubmissionWaits(submission.waiting_for) if submission.waiting_for else None,
        due_at=submission.due_at,
        remind_at=submission.remind_at,
        version=submission.version,
    )


def _about(said: Review | Feedback) -> str:
    if isinstance(said, Review):
        return f"order {said.order_id} line {said.line}"
    if said.case_id is not None:
        return f"case {said.case_id}"
    return f"order {said.order_id}" if said.order_id else "the shop"
