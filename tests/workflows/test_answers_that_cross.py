"""The gateway's answer and an operator's word reach a parked case in the same moment.

Stand-ins for the activities put the answers in the order that would take luck with real ones.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio import activity
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from activities.records import Completion, Heard
from domain.cases import Attention, CaseView, Kind, Stage, WaitingFor
from domain.effects import EffectAction, EffectRef, PlannedEffect
from domain.payouts import Standing
from runtime.client import workflow_runner
from tests.workflows.platform import eventually, time_skipping
from workflows import TASK_QUEUE, WORKFLOWS
from workflows.case import CaseStart

pytestmark = pytest.mark.anyio

LATER = datetime.now(UTC) + timedelta(days=1)
DECLINED = CaseView(
    case_id=UUID("019ae7a0-0000-7000-8000-000000000001"),
    kind=Kind.REFUND,
    storefront="demo",
    order_id="o1",
    stage=Stage.NEEDS_ATTENTION,
    waiting_for=WaitingFor.OPERATOR,
    due_at=LATER,
    remind_at=LATER,
    attention=Attention.PAYOUT_DECLINED,
    amount=510,
    currency="GBP",
)
IN_DOUBT = replace(DECLINED, attention=Attention.PAYOUT_IN_DOUBT, in_doubt=True)
PAYING = replace(
    DECLINED, stage=Stage.PAYING, waiting_for=WaitingFor.GATEWAY, attention=None, remind_at=None
)
COMPLETED = replace(PAYING, stage=Stage.COMPLETED, waiting_for=None, due_at=None)


@activity.defn(name="advance_payout")
async def advance_payout(case_id: UUID) -> Standing:
    if activity.info().activity_id == "ask-gateway":
        activity.raise_complete_async()
    return Standing(PAYING)


@activity.defn(name="settle_signals")
async def settle_signals(heard: Heard) -> CaseView:
    return PAYING


@activity.defn(name="complete_case")
async def complete_case(completion: Completion) -> CaseView:
    return COMPLETED


@asynccontextmanager
async def worker(client: Client, activities: Sequence[Any]) -> AsyncIterator[None]:
    async with Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=list(WORKFLOWS.values()),
        activities=activities,
        workflow_runner=workflow_runner(),
        max_cached_workflows=0,  # else the next task would wait for the worker that is gone
    ):
        yield


async def asked(case: WorkflowHandle[Any, Any], step_id: str = "ask-gateway") -> bool:
    pending = (await case.describe()).raw_description.pending_activities
    return any(step.activity_id == step_id and step.attempt for step in pending)


async def test_a_retry_is_not_undone_by_the_refusal_that_came_before_it() -> None:
    everything = [advance_payout, settle_signals, complete_case]
    async with time_skipping() as environment:
        client = environment.client
        case = await client.start_workflow(
            "RefundWorkflow", CaseStart(IN_DOUBT), id="refund/1", task_queue=TASK_QUEUE
        )
        async with worker(client, everything):
            await eventually(lambda: asked(case), "the gateway is asked")
        # Nobody works now: the refusal and the retry that followed it wait for the same task.
        question = client.get_async_activity_handle(
            workflow_id="refund/1", run_id=None, activity_id="ask-gateway"
        )
        await question.complete(Standing(DECLINED))
        await case.signal("resume", {"message_id": "resume-1"})
        async with worker(client, everything):
            await eventually(lambda: ended(case), "the case goes on", seconds=10)


async def test_a_reversal_is_not_missed_by_a_case_that_was_settled_meanwhile() -> None:
    """An operator settles while the gateway is asked about a success; then it takes it back."""
    reversed_later = replace(DECLINED, attention=Attention.PAYOUT_REVERSED)

    @activity.defn(name="settle_signals")
    async def settled(heard: Heard) -> CaseView:
        return COMPLETED

    @activity.defn(name="advance_payout")
    async def reads_the_row(case_id: UUID) -> Standing:
        if activity.info().activity_id == "ask-gateway":
            activity.raise_complete_async()
        return Standing(reversed_later)

    async with time_skipping() as environment:
        client = environment.client
        case = await client.start_workflow(
            "RefundWorkflow", CaseStart(DECLINED, news=True), id="refund/1", task_queue=TASK_QUEUE
        )
        async with worker(client, [settled, reads_the_row]):
            await eventually(lambda: asked(case), "the gateway is asked")
            await case.signal("resume", {"message_id": "resume-1"})
            await eventually(lambda: shows(case, "completed"), "the case is settled")
            question = client.get_async_activity_handle(
                workflow_id="refund/1", run_id=None, activity_id="ask-gateway"
            )
            await question.complete(Standing(reversed_later))
            await eventually(lambda: shows(case, "took the payout back"), "it is parked again")


PICKUP = PlannedEffect(UUID(int=1), EffectAction.BOOK_PICKUP, 1)
CANCELLATION = PlannedEffect(UUID(int=2), EffectAction.CANCEL_PICKUP, 1)
PLANNED = replace(
    PAYING,
    kind=Kind.RETURN,
    stage=Stage.AWAITING_PARCEL,
    waiting_for=WaitingFor.BUYER,
    remind_at=LATER,
    effects=(PICKUP,),
    version=2,
    planned=1,
)
BOOKED = replace(PLANNED, effects=(), version=3)


@pytest.mark.parametrize(
    ("since", "shown"),
    [
        (replace(BOOKED, stage=Stage.AWAITING_INSPECTION, version=4), "awaiting_inspection"),
        (replace(BOOKED, effects=(CANCELLATION,), planned=2), "cancel-pickup"),
    ],
    ids=["the parcel came", "another effect was planned"],
)
async def test_a_late_answer_of_the_carrier_does_not_undo_what_has_happened_since(
    since: CaseView, shown: str
) -> None:
    """The pickup was booked, and more happened, before the worker could say that it was booked."""

    @activity.defn(name="book_pickup")
    async def books(effect: EffectRef) -> CaseView:
        activity.raise_complete_async()

    @activity.defn(name="cancel_pickup")
    async def cancels(effect: EffectRef) -> CaseView:
        activity.raise_complete_async()

    @activity.defn(name="read_case")
    async def reads(case_id: UUID) -> CaseView:
        return since

    async with time_skipping() as environment:
        client = environment.client
        case = await client.start_workflow(
            "ReturnWorkflow", CaseStart(PLANNED), id="return/1", task_queue=TASK_QUEUE
        )

        async def told() -> bool:
            return shown == "cancel-pickup" or await shows(case, shown)

        async def known() -> bool:
            if shown == "cancel-pickup":
                return await asked(case, shown)
            return await answered(case)

        async with worker(client, [books, cancels, reads]):
            await eventually(lambda: asked(case, "book-pickup"), "the carrier is asked")
            await case.signal("case_news")
            await eventually(lambda: has_read(case), "the news is read")
            booking = client.get_async_activity_handle(
                workflow_id="return/1", run_id=None, activity_id="book-pickup"
            )
            await booking.complete(BOOKED)
            await eventually(known, "the carrier's answer is taken down, and the rest goes on")
            assert await told()


async def has_read(case: WorkflowHandle[Any, Any]) -> bool:
    """Whether the news has had its local activity."""
    events = (await case.fetch_history()).events
    return any(event.HasField("marker_recorded_event_attributes") for event in events)


async def answered(case: WorkflowHandle[Any, Any]) -> bool:
    return not (await case.describe()).raw_description.pending_activities


async def shows(case: WorkflowHandle[Any, Any], text: str) -> bool:
    """What an operator reads of the case in the Temporal UI."""
    metadata = await case.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return text in metadata.current_details


async def ended(case: WorkflowHandle[Any, Any]) -> bool:
    history = (await case.fetch_history()).events
    return history[-1].HasField("workflow_execution_completed_event_attributes")
