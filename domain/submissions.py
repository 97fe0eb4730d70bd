"""What a submission can be: what buyers say, as reviews and feedback, and how it goes its way.

Submitted, audited, handled, as a case is. A review that came to rest may be taken up again, by an
edit or an appeal; feedback that is closed stays so.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class SubmissionKind(StrEnum):
    REVIEW = "review"
    FEEDBACK = "feedback"


class SubmissionStage(StrEnum):
    ON_HOLD = "on_hold"
    AWAITING_AUDIT = "awaiting_audit"
    AWAITING_APPEAL = "awaiting_appeal"
    AWAITING_ANSWER = "awaiting_answer"
    AWAITING_BUYER = "awaiting_buyer"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CONVERTED = "converted"
    CLOSED = "closed"

    @property
    def terminal(self) -> bool:
        """Nobody has to act: no workflow runs."""
        return self in SETTLED


SETTLED = frozenset(
    {
        SubmissionStage.PUBLISHED,
        SubmissionStage.REJECTED,
        SubmissionStage.WITHDRAWN,
        SubmissionStage.CONVERTED,
        SubmissionStage.CLOSED,
    }
)

SUBMISSION_AUDITS = frozenset({SubmissionStage.AWAITING_AUDIT, SubmissionStage.AWAITING_APPEAL})
"""Stages in which a decision is open."""


class SubmissionWaits(StrEnum):
    """Who acts next. A review on hold waits until the case of its line is closed."""

    AUDITOR = "auditor"
    BUYER = "buyer"
    CASE = "case"


WAITS: dict[SubmissionStage, SubmissionWaits] = {
    SubmissionStage.ON_HOLD: SubmissionWaits.CASE,
    SubmissionStage.AWAITING_AUDIT: SubmissionWaits.AUDITOR,
    SubmissionStage.AWAITING_APPEAL: SubmissionWaits.AUDITOR,
    SubmissionStage.AWAITING_ANSWER: SubmissionWaits.AUDITOR,
    SubmissionStage.AWAITING_BUYER: SubmissionWaits.BUYER,
}

_AUDITED_ANEW = frozenset({SubmissionStage.AWAITING_AUDIT, SubmissionStage.ON_HOLD})

SUBMISSION_FOLLOWS: dict[SubmissionStage | None, frozenset[SubmissionStage]] = {
    # A score without a word needs no audit: there is nothing to read.
    None: _AUDITED_ANEW | {SubmissionStage.CLOSED},
    SubmissionStage.ON_HOLD: _AUDITED_ANEW | {SubmissionStage.WITHDRAWN},
    SubmissionStage.AWAITING_AUDIT: frozenset(
        {
            SubmissionStage.ON_HOLD,
            SubmissionStage.PUBLISHED,
            SubmissionStage.REJECTED,
            SubmissionStage.WITHDRAWN,
            SubmissionStage.AWAITING_ANSWER,
            SubmissionStage.CONVERTED,
            SubmissionStage.CLOSED,
        }
    ),
    SubmissionStage.AWAITING_APPEAL: _AUDITED_ANEW
    | {SubmissionStage.PUBLISHED, SubmissionStage.REJECTED, SubmissionStage.WITHDRAWN},
    SubmissionStage.AWAITING_ANSWER: frozenset(
        {SubmissionStage.AWAITING_BUYER, SubmissionStage.CONVERTED, SubmissionStage.CLOSED}
    ),
    SubmissionStage.AWAITING_BUYER: frozenset(
        {SubmissionStage.AWAITING_ANSWER, SubmissionStage.CONVERTED, SubmissionStage.CLOSED}
    ),
    SubmissionStage.PUBLISHED: _AUDITED_ANEW | {SubmissionStage.WITHDRAWN},
    SubmissionStage.REJECTED: _AUDITED_ANEW
    | {SubmissionStage.AWAITING_APPEAL, SubmissionStage.WITHDRAWN},
}


def may_follow(before: SubmissionStage | None, after: SubmissionStage) -> bool:
    """An event may leave the stage as it is."""
    return before is after or after in SUBMISSION_FOLLOWS.get(before, frozenset())


@dataclass(frozen=True)
class SubmissionView:
    """What a workflow knows of its submission: where it stands and until when. Read again, never
    kept. Ids, codes and times only: this is what Temporal gets to see.
    """

    submission_id: UUID
    kind: SubmissionKind
    storefront: str
    about: str
    """What it is about, as `order 536365 line 1`, `case 0198...` or `the shop`."""
    order_id: str | None
    stage: SubmissionStage
    waiting_for: SubmissionWaits | None
    due_at: datetime | None
    remind_at: datetime | None
    version: int


def submission_workflow_id(kind: SubmissionKind, submission_id: UUID | str) -> str:
    """`review/<id>`: what an operator searches for, and what keeps it to one workflow."""
    return f"{kind}/{submission_id}"
