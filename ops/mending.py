"""What stands still, and the command that mends it, as a person types it on this very platform."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.submissions import SubmissionStage, SubmissionView
from ops.target import Target
from store.tables import Case, Submission


@dataclass(frozen=True)
class Stuck:
    """A case, review or feedback that stands still: it has the one id or the other.

    `what`: no_workflow, stale, parked, in_doubt, owed, undelivered, idle, overdue.
    """

    case_id: str | None
    submission_id: str | None
    kind: str
    storefront: str
    what: str
    stage: str
    waiting_for: str | None
    since: datetime
    why: str
    commands: list[str]

    @property
    def name(self) -> str:
        """As its workflow is named."""
        return f"{self.kind}/{self.case_id or self.submission_id}"


def answer(said: SubmissionView, target: Target) -> list[str]:
    """What is to be answered is answered over HTTP alone: no words of the shop go to Temporal."""
    if said.stage != SubmissionStage.AWAITING_ANSWER:
        return []
    return [
        f"curl -X POST {target.api}/v1/feedback/{said.submission_id}/answer"
        " -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json'"
        """ -d '{"content": "ANSWER"}'"""
    ]


def item(
    subject: Case | Submission, what: str, since: datetime, why: str, mend: list[str]
) -> Stuck:
    return Stuck(
        case_id=str(subject.case_id) if isinstance(subject, Case) else None,
        submission_id=None if isinstance(subject, Case) else str(subject.submission_id),
        kind=subject.kind,
        storefront=subject.storefront,
        what=what,
        stage=subject.stage,
        waiting_for=subject.waiting_for,
        since=since,
        why=why,
        commands=mend,
    )


def name(subject: Case | Submission) -> str:
    named = subject.case_id if isinstance(subject, Case) else subject.submission_id
    return f"{subject.kind}/{named}"


def reachable(typed: list[str], target: Target) -> list[str]:
    """The commands with what they need to find this very platform."""
    return [
        f"{line} --address {target.temporal}"
        if line.startswith("temporal ")
        else f"{line}{_data(target)}"
        for line in typed
    ]


def restart(subject: Case | Submission, target: Target) -> str:
    return f"aftersales restart {name(subject)}{_data(target)}"


def describe(subject: Case | Submission, target: Target) -> str:
    named = name(subject)
    return f"temporal workflow describe --workflow-id {named} --address {target.temporal}"


def look_at_worker(target: Target) -> str:
    if target.folder:
        return f"tail {target.folder}/logs/worker.log"
    return "docker compose restart worker"


def _data(target: Target) -> str:
    return f" --data {target.folder}" if target.folder not in (None, Path(".aftersales")) else ""
