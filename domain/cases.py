"""What a case can be: kinds, stages and which may follow which, outcomes, and how things are named.

The stage says what the case waits for; who acts next follows from it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5


class Kind(StrEnum):
    REFUND = "refund"
    RETURN = "return"
    EXCHANGE = "exchange"
    REPAIR = "repair"


class Stage(StrEnum):
    AWAITING_AUDIT = "awaiting_audit"
    AWAITING_SECOND_AUDIT = "awaiting_second_audit"
    AWAITING_BUYER = "awaiting_buyer"
    AWAITING_PARCEL = "awaiting_parcel"
    AWAITING_INSPECTION = "awaiting_inspection"
    AWAITING_STOCK = "awaiting_stock"
    IN_REPAIR = "in_repair"
    PAYING = "paying"
    SHIPPING = "shipping"
    NEEDS_ATTENTION = "needs_attention"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def terminal(self) -> bool:
        return self in TERMINAL


TERMINAL = frozenset({Stage.COMPLETED, Stage.REJECTED, Stage.CANCELLED, Stage.EXPIRED})

AUDITS = frozenset({Stage.AWAITING_AUDIT, Stage.AWAITING_SECOND_AUDIT})
"""Stages in which a decision is open, and in which the storefront may still cancel."""


class WaitingFor(StrEnum):
    AUDITOR = "auditor"
    BUYER = "buyer"
    CARRIER = "carrier"
    WAREHOUSE = "warehouse"
    TECHNICIAN = "technician"
    GATEWAY = "gateway"
    OPERATOR = "operator"


class Outcome(StrEnum):
    REFUNDED = "refunded"
    RETURNED_AND_REFUNDED = "returned_and_refunded"
    EXCHANGED = "exchanged"
    REPAIRED = "repaired"
    SENT_BACK = "sent_back"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SETTLED_MANUALLY = "settled_manually"
    GIVEN_UP = "given_up"


class PayoutState(StrEnum):
    RESERVED = "reserved"
    SENDING = "sending"
    PENDING = "pending"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"
    REVERSED = "reversed"


SPENT = frozenset({PayoutState.FAILED, PayoutState.REVERSED})
"""Payouts that hold no money any more: another one may take their place."""


class Attention(StrEnum):
    """Why a case is parked for a person."""

    PAYOUT_DECLINED = "payout_declined"
    PAYOUT_IN_DOUBT = "payout_in_doubt"
    PAYOUT_REVERSED = "payout_reversed"
    OFFLINE_PAYMENT = "offline_payment"
    PAYMENTS_DO_NOT_COVER = "payments_do_not_cover"


WAITING_FOR: dict[Stage, WaitingFor] = {
    Stage.AWAITING_AUDIT: WaitingFor.AUDITOR,
    Stage.AWAITING_SECOND_AUDIT: WaitingFor.AUDITOR,
    Stage.PAYING: WaitingFor.GATEWAY,
    Stage.NEEDS_ATTENTION: WaitingFor.OPERATOR,
}
"""Who acts next in each stage that a refund passes; the other kinds add theirs."""

FOLLOWS: dict[Stage | None, frozenset[Stage]] = {
    None: frozenset({Stage.AWAITING_AUDIT, Stage.PAYING}),
    Stage.AWAITING_AUDIT: frozenset(
        {Stage.AWAITING_SECOND_AUDIT, Stage.PAYING, Stage.REJECTED, Stage.CANCELLED}
    ),
    Stage.AWAITING_SECOND_AUDIT: frozenset({Stage.PAYING, Stage.REJECTED, Stage.CANCELLED}),
    Stage.PAYING: frozenset({Stage.AWAITING_SECOND_AUDIT, Stage.NEEDS_ATTENTION, Stage.COMPLETED}),
    Stage.NEEDS_ATTENTION: frozenset(
        {Stage.AWAITING_SECOND_AUDIT, Stage.PAYING, Stage.COMPLETED, Stage.CANCELLED}
    ),
    # A reversal after success is the one edge out of a terminal stage.
    Stage.COMPLETED: frozenset({Stage.NEEDS_ATTENTION}),
}


def may_follow(before: Stage | None, after: Stage) -> bool:
    """An event may leave the stage as it is, except that a closed case stays untouched."""
    return before is after or after in FOLLOWS.get(before, frozenset())


@dataclass(frozen=True)
class CaseView:
    """What a workflow knows of its case: where it stands and until when. Read again, never kept.

    Ids, codes, amounts and times only: this is what Temporal gets to see.
    """

    case_id: UUID
    kind: Kind
    storefront: str
    order_id: str
    stage: Stage
    waiting_for: WaitingFor | None
    due_at: datetime | None
    remind_at: datetime | None
    attention: Attention | None
    amount: int
    currency: str
    in_doubt: bool = False
    """A payout's fate is not known: the gateway is asked on while the case is parked."""


def workflow_id(kind: Kind, case_id: UUID | str) -> str:
    """`refund/<case_id>`: what an operator searches for, and what keeps a case to one workflow."""
    return f"{kind}/{case_id}"


def payout_id(case_id: UUID, n: int) -> UUID:
    """The n-th payout of a case. A restored database or a new workflow makes the same id again."""
    return uuid5(case_id, f"payout:{n}")


def gateway_key(payout: UUID, attempt: int) -> str:
    """The idempotency key of one attempt: nothing random, no run id, no clock."""
    return f"as1-{payout}-{attempt}"
