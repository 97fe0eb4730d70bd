"""What buyers say, for its workflow: short local activities on PostgreSQL, safe to repeat."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session
from temporalio import activity

from activities.settling import settle_each
from domain.messages import Signal
from domain.policy import Policy
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
        run, named, at = self._database.run, (heard.kind, heard.submission_id), heard.at
        settle_each(
            heard.signals,
            lambda signal: run(lambda s: moderation.settle(s, *named, signal, self._policy, at)),
            lambda signal, why: run(lambda s: moderation.refuse(s, *named, signal, why, at)),
            lambda more: run(lambda s: moderation.count_refused(s, *named, more, at)),
            lambda ids: run(lambda s: submission_events.handled(s, heard.submission_id, ids)),
        )
        return self.read_submission(SubmissionMoment(heard.submission_id, at))

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
