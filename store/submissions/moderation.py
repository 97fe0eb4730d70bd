"""Who decides on what buyers say: the one place where a review or feedback is let in or refused.

The API and raw signals end here alike, as those of cases end in `store.decisions`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.messages import CANCELLATION, Signal
from domain.people import MAY_DECIDE, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from domain.refused_signals import REFUSED_ONE_BY_ONE, Refused, counted
from domain.review_messages import SUBMISSION_SIGNALS, Publish, Refuse
from domain.submissions import SUBMISSION_AUDITS, SubmissionKind, SubmissionStage
from store import signals
from store.session import new_id
from store.submissions import publishing, submission_events
from store.tables import Submission, SubmissionDecision

KNOWN = (*SUBMISSION_SIGNALS, CANCELLATION)


def decide(
    session: Session,
    kind: SubmissionKind,
    submission_id: UUID,
    message: Publish | Refuse,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> Submission:
    """Approve or reject. The first valid word stands; the same word again changes nothing.

    Raises Refusal: already-decided, review-withdrawn, version-conflict, four-eyes,
    decision-id-reused, on-hold, feedback-closed, forbidden, review-not-found, feedback-not-found.
    """
    if actor.role not in MAY_DECIDE:
        raise Refusal(Why.FORBIDDEN)
    submission = submission_events.lock(session, kind, submission_id)
    decision = _decision(submission, message, actor, now)
    if _repeats(session, decision):
        return submission
    _still_open(session, submission)
    if message.version is not None and message.version != submission.version:
        raise Refusal(
            Why.VERSION_CONFLICT,
            f"the {kind} is at version {submission.version}",
            version=submission.version,
        )
    last = last_decision(session, submission_id)
    if submission.stage == SubmissionStage.AWAITING_APPEAL and last and last.actor == actor.name:
        raise Refusal(Why.FOUR_EYES, "an appeal is decided by somebody else")
    decision.slot = last.slot + 1 if last else 1
    session.add(decision)
    session.flush()
    to = _follows(session, submission, message, now)
    submission_events.record(
        session,
        submission,
        "approved" if isinstance(message, Publish) else "rejected",
        actor,
        now,
        to=to,
        policy=policy,
        detail="" if isinstance(message, Publish) else message.reason,
        message_id=decision.decision_id,
    )
    submission_events.tell(session, submission, decision.verdict, decision.decision_id)
    return submission


def _follows(
    session: Session, submission: Submission, message: Publish | Refuse, now: datetime
) -> SubmissionStage:
    if isinstance(message, Refuse):
        return SubmissionStage.REJECTED
    if submission.kind == SubmissionKind.FEEDBACK:
        return SubmissionStage.AWAITING_ANSWER
    publishing.publish(session, submission, now)
    return SubmissionStage.PUBLISHED


def last_decision(session: Session, submission_id: UUID) -> SubmissionDecision | None:
    made = select(SubmissionDecision).where(SubmissionDecision.submission_id == submission_id)
    return session.scalars(made.order_by(SubmissionDecision.slot.desc()).limit(1)).first()


def settle(
    session: Session,
    kind: SubmissionKind,
    submission_id: UUID,
    signal: Signal,
    policy: Policy,
    now: datetime,
) -> None:
    """Carry out a signal. Raises Refusal; settling it twice is settling it once."""
    if signal.name not in SUBMISSION_SIGNALS or not isinstance(signal.payload, Mapping):
        raise Refusal(Why.INVALID)
    fields = dict(signal.payload)
    if fields.keys() == {"message_id"}:
        if not submission_events.known(
            session, submission_id, signals.name_of(fields["message_id"])
        ):
            raise Refusal(Why.INVALID)
        return
    if not policy.raw_signals:
        raise Refusal(Why.RAW_SIGNALS_OFF)
    actor = signals.actor_of(session, fields.pop("actor", None))
    try:
        message = SUBMISSION_SIGNALS[signal.name].model_validate(fields)
    except (ValidationError, RecursionError):
        raise Refusal(Why.INVALID) from None
    word = message.model_copy(update={"decision_id": message.decision_id or signal.id})
    decide(session, kind, submission_id, word, actor, policy, now)


def refuse(
    session: Session,
    kind: SubmissionKind,
    submission_id: UUID,
    signal: Signal,
    why: Why,
    now: datetime,
) -> bool:
    """Write down, once, that a signal was refused and why. False if there are as many events of
    this as there may be: then it is to be counted.
    """
    if submission_events.times(session, submission_id, "signal_refused") >= REFUSED_ONE_BY_ONE:
        return False
    submission = submission_events.lock(session, kind, submission_id)
    if submission_events.known(session, submission_id, signal.id):
        return True
    named = signal.name if signal.name in KNOWN else "unknown"
    submission_events.record(
        session,
        submission,
        "signal_refused",
        signals.who_tried(session, signal) or signals.BY_HAND,
        now,
        detail=f"{named}: {why.slug}",
        message_id=signal.id,
    )
    return True


def count_refused(
    session: Session,
    kind: SubmissionKind,
    submission_id: UUID,
    refused: Sequence[Refused],
    now: datetime,
) -> None:
    """Write down, in one event, how many signals were refused, as of a case."""
    submission = submission_events.lock(session, kind, submission_id)
    ids = [each.signal.id for each in refused]
    new = refused[submission_events.handled(session, submission_id, ids) :]
    if new:
        last = new[-1].signal.id
        submission_events.record(
            session,
            submission,
            "signals_refused",
            signals.BY_HAND,
            now,
            detail=counted(new, KNOWN),
            message_id=last,
        )


def _decision(
    submission: Submission, message: Publish | Refuse, actor: Actor, now: datetime
) -> SubmissionDecision:
    return SubmissionDecision(
        decision_id=message.decision_id or str(new_id()),
        storefront=submission.storefront,
        submission_id=submission.submission_id,
        verdict="approve" if isinstance(message, Publish) else "reject",
        actor=actor.name,
        actor_role=actor.role,
        reason=message.reason if isinstance(message, Refuse) else None,
        note=message.note,
        at=now,
    )


def _repeats(session: Session, decision: SubmissionDecision) -> bool:
    """True if this very decision stands already."""
    before = session.get(SubmissionDecision, decision.decision_id)
    if before is None:
        if submission_events.known(session, decision.submission_id, decision.decision_id):
            raise Refusal(Why.DECISION_ID_REUSED)  # it names another message
        return False
    same = all(
        getattr(before, name) == getattr(decision, name)
        for name in ("submission_id", "verdict", "actor", "reason")
    )
    if not same:
        raise Refusal(Why.DECISION_ID_REUSED)
    return True


def _still_open(session: Session, submission: Submission) -> None:
    if submission.stage in SUBMISSION_AUDITS:
        return
    if submission.stage == SubmissionStage.ON_HOLD:
        raise Refusal(Why.ON_HOLD)
    if submission.stage == SubmissionStage.WITHDRAWN:
        raise Refusal(Why.REVIEW_WITHDRAWN)
    last = last_decision(session, submission.submission_id)
    if last is None:
        raise Refusal(Why.FEEDBACK_CLOSED)
    raise Refusal(
        Why.ALREADY_DECIDED,
        f"{last.verdict} by {last.actor}",
        decision_id=last.decision_id,
        verdict=last.verdict,
        actor=last.actor,
    )
