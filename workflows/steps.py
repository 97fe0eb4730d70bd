"""Every activity a workflow calls, once: its timeout, retry, id and summary."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, CancelledError

from activities.billing import Billing
from activities.inventory import Inventory
from activities.logistics import Logistics
from activities.payouts import Payouts
from activities.records import Completion, Heard, Records, Reminder
from activities.repair_shops import RepairShops
from activities.submissions import SubmissionHeard, SubmissionMoment, Submissions
from domain.cases import CaseView, Outcome
from domain.effects import EffectAction, EffectRef, PlannedEffect
from domain.messages import SIGNALS, Signal
from domain.money import readable
from domain.payouts import Standing
from domain.review_messages import SUBMISSION_SIGNALS
from domain.submissions import SubmissionView
from workflows import limits


async def settle_signals(case: CaseView, signals: list[Signal]) -> CaseView:
    """Carry out what was signalled; the case as it then stands."""
    names = sorted({s.name if s.name in SIGNALS else "other" for s in signals})
    return await workflow.execute_local_activity_method(
        Records.settle_signals,
        Heard(case.case_id, signals, workflow.now()),
        start_to_close_timeout=limits.RECORD_TIMEOUT,
        retry_policy=limits.RECORD_RETRY,
        activity_id="settle-signals",
        summary=f"settle {', '.join(names)}",
    )


async def remind(case: CaseView, at: datetime) -> CaseView:
    """Remind of the case, or escalate it; the case with its next reminder."""
    return await workflow.execute_local_activity_method(
        Records.remind,
        Reminder(case.case_id, at),
        start_to_close_timeout=limits.RECORD_TIMEOUT,
        retry_policy=limits.RECORD_RETRY,
        activity_id="remind",
        summary=f"remind the {case.waiting_for}",
    )


async def complete_case(case: CaseView, outcome: Outcome) -> CaseView:
    """Close the case if it has paid what it owed."""
    return await workflow.execute_local_activity_method(
        Records.complete_case,
        Completion(case.case_id, outcome, workflow.now()),
        start_to_close_timeout=limits.RECORD_TIMEOUT,
        retry_policy=limits.RECORD_RETRY,
        activity_id="complete-case",
        summary=f"close as {outcome}",
    )


async def read_case(case: CaseView) -> CaseView:
    """The case as it stands by now."""
    return await workflow.execute_local_activity_method(
        Records.read_case,
        case.case_id,
        start_to_close_timeout=limits.RECORD_TIMEOUT,
        retry_policy=limits.RECORD_RETRY,
        activity_id="read-case",
        summary="read what has happened",
    )


@dataclass(frozen=True)
class Step:
    """An activity that carries one effect out; lasts while its party owes an answer."""

    activity: Callable[[Any, EffectRef], CaseView]
    limits: limits.Limits
    summary: str

    async def run(self, case: CaseView, effect: PlannedEffect) -> CaseView:
        again = f"-{effect.n}" if effect.n > 1 else ""
        return await workflow.execute_activity_method(
            self.activity,
            EffectRef(case.case_id, effect.effect_id),
            start_to_close_timeout=self.limits.timeout,
            retry_policy=self.limits.retry,
            activity_id=f"{effect.action.replace('_', '-')}{again}",
            summary=self.summary,
        )


book_pickup = Step(Logistics.book_pickup, limits.CARRIER, "book a pickup at the buyer's")
cancel_pickup = Step(Logistics.cancel_pickup, limits.CARRIER, "cancel the pickup")
send_parcel = Step(Logistics.send_parcel, limits.CARRIER, "send a parcel to the buyer")
hold_stock = Step(Inventory.hold_stock, limits.INVENTORY, "hold stock for the buyer")
release_stock = Step(Inventory.release_stock, limits.INVENTORY, "release the held stock")
ship_stock = Step(Inventory.ship_stock, limits.INVENTORY, "take the held stock off its shelf")
restock = Step(Inventory.restock, limits.INVENTORY, "put accepted units on their shelf")
order_repair = Step(RepairShops.order_repair, limits.REPAIR_SHOP, "order the repair")
collect_bill = Step(Billing.collect_bill, limits.CHECKOUT, "collect the bill from the buyer")
cancel_bill = Step(Billing.cancel_bill, limits.CHECKOUT, "cancel the bill")
refund_bill = Step(Billing.refund_bill, limits.CHECKOUT, "refund the bill")

STEPS: dict[EffectAction, Step] = {
    EffectAction.BOOK_PICKUP: book_pickup,
    EffectAction.CANCEL_PICKUP: cancel_pickup,
    EffectAction.SEND_PARCEL: send_parcel,
    EffectAction.HOLD_STOCK: hold_stock,
    EffectAction.RELEASE_STOCK: release_stock,
    EffectAction.SHIP_STOCK: ship_stock,
    EffectAction.RESTOCK: restock,
    EffectAction.ORDER_REPAIR: order_repair,
    EffectAction.COLLECT_BILL: collect_bill,
    EffectAction.CANCEL_BILL: cancel_bill,
    EffectAction.REFUND_BILL: refund_bill,
}

COMPENSATIONS = (cancel_pickup, release_stock, cancel_bill, refund_bill)
"""Run at once, wherever the case is: they undo what its row no longer wants."""


async def check_bill(case: CaseView, effect: PlannedEffect) -> CaseView | None:
    """Ask at once about a bill that is being collected; None if the gateway did not answer."""
    try:
        return await workflow.execute_activity_method(
            Billing.check_bill,
            EffectRef(case.case_id, effect.effect_id),
            start_to_close_timeout=limits.CHECKOUT.timeout,
            retry_policy=limits.ASK_ONCE_RETRY,
            activity_id="check-bill",
            summary="ask whether the bill is paid",
        )
    except ActivityError as error:
        if isinstance(error.cause, CancelledError):
            raise
        return None


async def settle_submission(said: SubmissionView, signals: list[Signal]) -> SubmissionView:
    """Carry out what was signalled; the submission as it then stands."""
    names = sorted({s.name if s.name in SUBMISSION_SIGNALS else "other" for s in signals})
    return await workflow.execute_local_activity_method(
        Submissions.settle_submission,
        SubmissionHeard(said.submission_id, said.kind, signals, workflow.now()),
        start_to_close_timeout=limits.RECORD_TIMEOUT,
        retry_policy=limits.RECORD_RETRY,
        activity_id="settle-signals",
        summary=f"settle {', '.join(names)}",
    )


async def read_submission(said: SubmissionView) -> SubmissionView:
    """The submission as it stands by now."""
    return await workflow.execute_local_activity_method(
        Submissions.read_submission,
        SubmissionMoment(said.submission_id, workflow.now()),
        start_to_close_timeout=limits.RECORD_TIMEOUT,
        retry_policy=limits.RECORD_RETRY,
        activity_id="read-submission",
        summary="read what has happened",
    )


async def remind_submission(said: SubmissionView, at: datetime) -> SubmissionView:
    """Remind of it, or let it go on; the submission with its next reminder."""
    return await workflow.execute_local_activity_method(
        Submissions.remind_submission,
        SubmissionMoment(said.submission_id, at),
        start_to_close_timeout=limits.RECORD_TIMEOUT,
        retry_policy=limits.RECORD_RETRY,
        activity_id="remind",
        summary=f"remind the {said.waiting_for}",
    )


async def advance_payout(case: CaseView) -> Standing:
    """Take the next step of the payouts; lasts while the gateway owes an answer."""
    return await _payout_step(case, "advance-payout", "pay")


async def ask_gateway(case: CaseView) -> Standing:
    """The same step for a case parked in doubt: ends when the gateway has answered."""
    return await _payout_step(case, "ask-gateway", "ask what became of")


async def ask_once(case: CaseView) -> Standing | None:
    """The same step, one try: None if the gateway still owes its answer."""
    try:
        return await _payout_step(case, "ask-once", "ask at once about", limits.ASK_ONCE_RETRY)
    except ActivityError as error:
        if isinstance(error.cause, CancelledError):
            raise
        return None


async def _payout_step(
    case: CaseView, activity_id: str, verb: str, retry: RetryPolicy = limits.GATEWAY_RETRY
) -> Standing:
    return await workflow.execute_activity_method(
        Payouts.advance_payout,
        case.case_id,
        start_to_close_timeout=limits.GATEWAY_TIMEOUT,
        retry_policy=retry,
        activity_id=activity_id,
        summary=f"{verb} {readable(case.amount, case.currency)}",
    )
