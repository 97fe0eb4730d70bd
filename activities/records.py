"""Our own books, for the workflow: short local activities on PostgreSQL, safe to repeat."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import activity

from activities.settling import settle_each
from domain.cases import CaseView, Outcome
from domain.messages import Signal
from domain.policy import Policy
from store import cases, deadlines, events, signals
from store.closing import complete
from store.session import Database
from store.tables import Case


@dataclass(frozen=True)
class Heard:
    """Signals that reached a case's workflow, oldest first, at the workflow's time `at`.

    Their payloads are JSON texts, or None where there was none.
    """

    case_id: UUID
    signals: list[Signal]
    at: datetime


@dataclass(frozen=True)
class Reminder:
    case_id: UUID
    at: datetime


@dataclass(frozen=True)
class Completion:
    case_id: UUID
    outcome: Outcome
    at: datetime


class Records:
    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    @activity.defn(name="settle_signals")
    def settle_signals(self, heard: Heard) -> CaseView:
        """Carry out each signal, or write down that it was refused; then where the case stands."""
        run, case_id, at = self._database.run, heard.case_id, heard.at
        settle_each(
            heard.signals,
            lambda signal: run(lambda s: signals.settle(s, case_id, signal, self._policy, at)),
            lambda signal, why: run(lambda s: signals.refuse(s, case_id, signal, why, at)),
            lambda more: run(lambda s: signals.count_refused(s, case_id, more, at)),
            lambda ids: run(lambda s: events.handled(s, case_id, ids)),
        )
        return self.read_case(case_id)

    @activity.defn(name="read_case")
    def read_case(self, case_id: UUID) -> CaseView:
        """Where the case stands."""
        with self._database.begin() as session:
            return cases.view(session, session.get_one(Case, case_id))

    @activity.defn(name="remind")
    def remind(self, reminder: Reminder) -> CaseView:
        """Note that a reminder or deadline has passed; the next one is in the answer."""
        return self._database.run(
            lambda session: cases.view(
                session, deadlines.remind(session, reminder.case_id, self._policy, reminder.at)
            )
        )

    @activity.defn(name="complete_case")
    def complete_case(self, completion: Completion) -> CaseView:
        """Close a case that has paid what it owed; no change if it is not at that point."""
        return self._database.run(
            lambda session: cases.view(
                session,
                complete(
                    session, completion.case_id, completion.outcome, self._policy, completion.at
                ),
            )
        )
