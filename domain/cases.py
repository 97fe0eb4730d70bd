"""What a case can be: kinds, stages and which may follow which, outcomes, and how things are named.

The stage says what the case waits for; who acts next follows from it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from domain.effects import PlannedEffect


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
"""Stages in which a decision is open."""


MAY_BE_CANCELLED = AUDITS | {Stage.AWAITING_PARCEL, Stage.AWAITING_STOCK}
"""Stages in which the storefront may take its request back, unless the goods have come in."""


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


IN_FLIGHT = (PayoutState.SENDING, PayoutState.UNKNOWN, PayoutState.PENDING)
"""Payouts that were sent, and whose end nobody knows yet."""

SPENT = frozenset({PayoutState.FAILED, PayoutState.REVERSED})
"""Payouts that hold no money any more: another one may take their place."""


class Attention(StrEnum):
    """Why a case is parked for a person."""

    PARCEL_SILENT = "parcel_silent"
    PARCEL_ASTRAY = "parcel_astray"
    DISPATCH_REFUSED = "dispatch_refused"
    REPAIR_UNPAID = "repair_unpaid"
    OUT_OF_STOCK = "out_of_stock"
    BILL_REFUSED = "bill_refused"
    NOT_RETURNED = "not_returned"

    PAYOUT_DECLINED = "payout_declined"
    PAYOUT_IN_DOUBT = "payout_in_doubt"
    PAYOUT_REVERSED = "payout_reversed"
    OFFLINE_PAYMENT = "offline_payment"
    PAYMENTS_DO_NOT_COVER = "payments_do_not_cover"
    CHARGE_MISMATCH = "charge_mismatch"
    CHARGE_UNREADABLE = "charge_unreadable"
    AMOUNT_NOT_EXPRESSIBLE = "amount_not_expressible"
    GATEWAY_REFUSES_US = "gateway_refuses_us"


WAITING_FOR: dict[Stage, WaitingFor] = {
    Stage.AWAITING_AUDIT: WaitingFor.AUDITOR,
    Stage.AWAITING_SECOND_AUDIT: WaitingFor.AUDITOR,
    Stage.AWAITING_BUYER: WaitingFor.BUYER,
    Stage.AWAITING_PARCEL: WaitingFor.BUYER,
    Stage.AWAITING_INSPECTION: WaitingFor.WAREHOUSE,
    Stage.AWAITING_STOCK: WaitingFor.WAREHOUSE,
    Stage.IN_REPAIR: WaitingFor.TECHNICIAN,
    Stage.PAYING: WaitingFor.GATEWAY,
    Stage.SHIPPING: WaitingFor.CARRIER,
    Stage.NEEDS_ATTENTION: WaitingFor.OPERATOR,
}
"""Who acts next in each stage, unless its entering says otherwise: a parcel on its way waits for
the carrier, a rejected unit for the auditor's offer.
"""

GOODS = frozenset({Kind.RETURN, Kind.EXCHANGE, Kind.REPAIR})
"""Kinds in which something travels."""

_AFTER_APPROVAL = {
    Kind.REFUND: Stage.PAYING,
    Kind.RETURN: Stage.AWAITING_PARCEL,
    Kind.EXCHANGE: Stage.AWAITING_STOCK,
    Kind.REPAIR: Stage.AWAITING_PARCEL,
}


def after_approval(
    kind: Kind, *, received: bool, swapped: bool = False, refund_first: bool = False
) -> Stage:
    """Where a case goes with its last approval. Goods that are here are not sent for again: they
    are paid for, or others leave in their place. What is refunded first is paid for as well.
    """
    if swapped:
        return Stage.SHIPPING
    return Stage.PAYING if received or refund_first else _AFTER_APPROVAL[kind]


_DECIDED = frozenset({Stage.PAYING, Stage.AWAITING_PARCEL, Stage.AWAITING_STOCK})
_LATER = frozenset(
    {
        Stage.AWAITING_BUYER,
        Stage.AWAITING_PARCEL,
        Stage.AWAITING_INSPECTION,
        Stage.AWAITING_STOCK,
        Stage.IN_REPAIR,
        Stage.PAYING,
        Stage.SHIPPING,
        Stage.NEEDS_ATTENTION,
    }
)

FOLLOWS: dict[Stage | None, frozenset[Stage]] = {
    None: frozenset({Stage.AWAITING_AUDIT, *_DECIDED}),
    Stage.AWAITING_AUDIT: frozenset(
        {Stage.AWAITING_SECOND_AUDIT, *_DECIDED, Stage.REJECTED, Stage.CANCELLED}
    ),
    Stage.AWAITING_SECOND_AUDIT: frozenset(
        {*_DECIDED, Stage.SHIPPING, Stage.REJECTED, Stage.CANCELLED}
    ),
    Stage.AWAITING_STOCK: frozenset({*_LATER, Stage.CANCELLED}),
    # A unit may be diagnosed before its carrier says that it is here, and come to more than agreed.
    Stage.AWAITING_PARCEL: frozenset(
        {*_LATER, Stage.AWAITING_SECOND_AUDIT, Stage.CANCELLED, Stage.EXPIRED}
    ),
    Stage.AWAITING_INSPECTION: frozenset({*_LATER, Stage.REJECTED}),
    Stage.AWAITING_BUYER: frozenset({*_LATER, Stage.AWAITING_SECOND_AUDIT}),
    Stage.IN_REPAIR: frozenset({*_LATER, Stage.AWAITING_SECOND_AUDIT}),
    # What was refunded first still waits for its goods, or charges for what did not come back.
    Stage.PAYING: frozenset(
        {
            Stage.AWAITING_SECOND_AUDIT,
            Stage.AWAITING_PARCEL,
            Stage.AWAITING_BUYER,
            Stage.SHIPPING,
            Stage.NEEDS_ATTENTION,
            Stage.COMPLETED,
        }
    ),
    # A swap that is out of stock may become a refund of more than anybody has agreed to; what was
    # rejected with the goods here ends once they are back.
    Stage.SHIPPING: frozenset(
        {
            Stage.AWAITING_SECOND_AUDIT,
            Stage.PAYING,
            Stage.NEEDS_ATTENTION,
            Stage.COMPLETED,
            Stage.REJECTED,
        }
    ),
    Stage.NEEDS_ATTENTION: frozenset(
        {*_LATER, Stage.AWAITING_SECOND_AUDIT, Stage.COMPLETED, Stage.CANCELLED}
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
    """A payout's fate is not known, or not what its charge is like: the gateway is asked on while
    the case is parked.
    """
    effects: tuple[PlannedEffect, ...] = ()
    """What is planned with outside parties and not done yet, in the order of its planning."""
    version: int = 0
    planned: int = 0
    """How many effects there ever were. Neither this nor the version ever falls, and whatever
    happens to a case raises one of them: so of two views the older one can be told.
    """


def workflow_id(kind: Kind, case_id: UUID | str) -> str:
    """`refund/<case_id>`: what an operator searches for, and what keeps a case to one workflow."""
    return f"{kind}/{case_id}"


def payout_id(case_id: UUID, n: int) -> UUID:
    """The n-th payout of a case. A restored database or a new workflow makes the same id again."""
    return uuid5(case_id, f"payout:{n}")


def bill_id(case_id: UUID, n: int) -> UUID:
    """The n-th time that a case's buyer owes something."""
    return uuid5(case_id, f"bill:{n}")


def effect_id(case_id: UUID, action: str, n: int) -> UUID:
    """The n-th time that a case has something done that is not money."""
    return uuid5(case_id, f"effect:{action}:{n}")


def effect_key(effect: UUID) -> str:
    """The key under which an outside party does it once, and by which it is asked."""
    return f"as1-{effect}"


def gateway_key(payout: UUID, attempt: int) -> str:
    """The idempotency key of one attempt: nothing random, no run id, no clock."""
    return f"as1-{payout}-{attempt}"
