"""What buyers say, for its workflow: short local activities on PostgreSQL, safe to repeat."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session
from temporalio import activity

from activities.records import read_json
from domain.messages import Signal
from domain.policy import Policy
from domain.refusals import Refusal
from domain.submissions import SubmissionKind, SubmissionStage, SubmissionView
from store.session import Database
from store.submissions import moderation, reviews, submission_events
from store.tables import Submission


@dataclass(frozen=True)
class SubmissionHeard:
    """Signals that reached a submission's workflow, oldest first, at the workflow's time `at`."""

    submission_id: UUID
    kind: SubmissionKind
    signals: list[Signal]
    at: datetime


@dataclass(frozen=True)
class SubmissionMoment:
    """A submission, at the workflow's time `at`."""

    submission_id: UUID
    at: datetime


class Submissions:
    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    @activity.defn(name="settle_submission")
    def settle_submission(self, heard: SubmissionHeard) -> SubmissionView:
        """Carry out each signal, or write down that it was refused; then where it stands."""
        for signal in heard.signals:
            self._settle(heard, replace(signal, payload=read_json(signal.payload)))
        return self.read_submission(SubmissionMoment(heard.submission_id, heard.at))

    def _settle(self, heard: SubmissionHeard, signal: Signal) -> None:
        named, at = (heard.kind, heard.submission_id), heard.at
        try:
            self._database.run(lambda s: moderation.settle(s, *named, signal, self._policy, at))
        except Refusal as refusal:
            why = refusal.why
            self._database.run(lambda s: moderation.refuse(s, *named, signal, why, at))

    @activity.defn(name="read_submission")
    def read_submission(self, moment: SubmissionMoment) -> SubmissionView:
        """Where it stands. A review whose line's case is closed by now goes on to its auditor."""

        def look(session: Session) -> SubmissionView:
            submission = session.get_one(Submission, moment.submission_id)
            if submission.stage == SubmissionStage.ON_HOLD:
                reviews.go_on(session, moment.submission_id, self._policy, moment.at)
            return submission_events.view(session, submission)

        return self._database.run(look)

    @activity.defn(name="remind_submission")
    def remind_submission(self, moment: SubmissionMoment) -> SubmissionView:
        """Note that a reminder or deadline has passed; the next one is in the answer."""
        return self._database.run(
            lambda s: submission_events.view(
                s, submission_events.remind(s, moment.submission_id, self._policy, moment.at)
            )
        )
