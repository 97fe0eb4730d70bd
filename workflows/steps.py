"""Every activity a workflow calls, once: its timeout, retry, id and summary."""

from datetime import datetime

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, CancelledError

from activities.errands import Errands
from activities.payouts import Payouts
from activities.records import Completion, Heard, Records, Reminder
from activities.submissions import SubmissionHeard, SubmissionMoment, Submissions
from domain.cases import CaseView, Outcome
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


async def run_errand(case: CaseView) -> CaseView:
    """See to what the case has to have done next; lasts while its party owes an answer."""
    action = case.errands[0]
    return await workflow.execute_activity_method(
        Errands.run_errand,
        case.case_id,
        start_to_close_timeout=limits.GATEWAY_TIMEOUT,
        retry_policy=limits.GATEWAY_RETRY,
        activity_id=action.replace("_", "-"),
        summary=action.replace("_", " "),
    )


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
