"""What stands still, and the command that mends it, as a person types it on this very platform."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.reconciliation import MEANING, Difference
from domain.submissions import SubmissionStage, SubmissionView
from ops.target import Target
from store.tables import Case, GatewayDifference, PayoutHold, Submission


@dataclass(frozen=True)
class Stuck:
    """A case, review or feedback that stands still, or a difference to a gateway that is nobody's
    yet or somebody's: it has the one id or the other.

    `what`: held, difference, no_workflow, stale, parked, in_doubt, owed, arrived, undelivered,
    idle, overdue.
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
    number: int | None = None
    """Of a difference to a gateway, which may be about no case of ours."""

    @property
    def name(self) -> str:
        """As its workflow is named; a difference by its number."""
        return f"{self.kind}/{self.number or self.case_id or self.submission_id}"


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


def difference(found: GatewayDifference, target: Target) -> Stuck:
    """What a gateway has otherwise than our books, and the commands that take and end it."""
    theirs = "nothing" if found.theirs is None else f"{found.theirs} {found.currency}"
    named = found.refund_id or f"payout {found.payout_id}"
    told = f"aftersales differences {{}} {found.id} --actor NAME"
    mend = [told.format("resolve") + " --note NOTE"]
    mend = mend if found.owner else [told.format("own"), *mend]
    return Stuck(
        case_id=str(found.case_id) if found.case_id else None,
        submission_id=None,
        kind="difference",
        storefront=found.storefront or "-",
        what="difference",
        stage=found.state,
        waiting_for=found.owner or "operator",
        since=found.first_seen,
        why=f"{MEANING[Difference(found.kind)]} {named}: {theirs} there.",
        commands=reachable(mend, target),
        number=found.id,
    )


def hold(found: PayoutHold, target: Target) -> Stuck:
    """All payouts, until a second person lets them go on."""
    again = ["aftersales restore-check --actor NAME"] if found.imported_at is None else []
    return Stuck(
        case_id=None,
        submission_id=None,
        kind="hold",
        storefront="-",
        what="held",
        stage="held",
        waiting_for="operator",
        since=found.placed_at,
        why=f"No payout is sent after a restore: {found.placed_by} had them held.",
        commands=reachable([*again, "aftersales restore-check --release --actor NAME"], target),
        number=found.id,
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
