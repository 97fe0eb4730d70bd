"""A workflow that is older than its row: it was reset, so it waits for what is long over.

That it is seen, that waking it mends it, and that nothing is paid twice by it.
"""

import asyncio
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, update
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from ops.restart import restart
from ops.target import Target
from ops.workflows import Seen, seen
from store.tables import Outbox, Submission
from tests.workflows.gateway import DECLINED, succeeded
from tests.workflows.platform import Platform, eventually
from tests.workflows.submissions import Listened, Moderated

pytestmark = pytest.mark.anyio

FIRST_TASK = 4
"""The event by which a workflow's first task was completed: it had heard of nothing by then."""


async def reset(platform: Platform, named: UUID) -> None:
    """Take it back to its beginning, and keep from it what it was told since."""
    await platform.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=platform.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=f"{platform.kind_of(named)}/{named}"),
            reason="test",
            workflow_task_finish_event_id=FIRST_TASK,
            request_id=str(uuid4()),
            reset_reapply_exclude_types=[ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL],
        )
    )


async def shown(platform: Platform, named: UUID) -> Seen | None:
    """What operators' commands see of its workflow."""
    address = platform.client.service_client.config.target_host
    target = Target(None, None, "", address, "", None, None, None, None, None)
    found = await asyncio.to_thread(seen, platform.database, target)
    return found.get(f"{platform.kind_of(named)}/{named}")


async def is_behind(platform: Platform, named: UUID, stage: str, due_at: datetime | None) -> None:
    """Wait until what operators' commands see is that it runs, and is older than its row."""

    async def behind() -> bool:
        workflow = await shown(platform, named)
        return bool(workflow and workflow.runs and workflow.behind(stage, due_at))

    await eventually(behind, "the older workflow is seen")


async def woken(platform: Platform, named: UUID) -> None:
    restart(platform.database, str(named))
    await platform.deliver()
    await platform.ends(named)


def lose_what_temporal_was_to_be_told(platform: Platform) -> None:
    with platform.database.begin() as session:
        session.execute(update(Outbox).values(delivered_at=func.now()))


async def test_a_paid_case_whose_workflow_was_reset_ends_without_another_refund(
    real_platform: Platform,
) -> None:
    case_id = await real_platform.apply()
    await real_platform.approve(case_id)
    await real_platform.ends(case_id)
    sent = real_platform.card.keys
    await reset(real_platform, case_id)
    await is_behind(real_platform, case_id, "completed", None)
    await woken(real_platform, case_id)
    assert real_platform.card.keys == sent
    assert [payout.state for payout in real_platform.payouts(case_id)] == ["paid"]


async def test_what_was_declined_retried_and_paid_is_not_paid_by_an_older_workflow(
    real_platform: Platform,
) -> None:
    real_platform.card.answers_send(DECLINED, succeeded())
    case_id = await real_platform.apply()
    await real_platform.approve(case_id)
    await real_platform.reaches(case_id, "needs_attention")
    await real_platform.resume(case_id, action="retry")
    await real_platform.ends(case_id)
    assert len(sent := real_platform.card.keys) == 2
    await reset(real_platform, case_id)
    await woken(real_platform, case_id)
    assert real_platform.card.keys == sent


async def test_a_case_approved_behind_its_workflow_is_paid_once_it_is_woken(
    real_platform: Platform,
) -> None:
    case_id = await real_platform.apply(paid=900_000)
    await real_platform.approve(case_id)
    await real_platform.reaches(case_id, "awaiting_second_audit")
    await reset(real_platform, case_id)
    real_platform.shop.approve(case_id, real_platform.shop.other_lead, real_platform.now())
    lose_what_temporal_was_to_be_told(real_platform)
    case = real_platform.case(case_id)
    await is_behind(real_platform, case_id, "paying", case.due_at)
    await woken(real_platform, case_id)
    assert [payout.state for payout in real_platform.payouts(case_id)] == ["paid"]
    assert len(real_platform.card.keys) == 1


async def test_a_reset_workflow_of_a_published_review_ends(real_platform: Platform) -> None:
    buyers = Moderated(real_platform)
    review_id = await buyers.submitted()
    buyers.approves(review_id, now=buyers.now())
    await buyers.ends(review_id)
    await reset(real_platform, review_id)
    await is_behind(real_platform, review_id, "published", None)
    await woken(real_platform, review_id)
    assert buyers.stars() == [0, 0, 0, 0, 1]


async def test_a_reset_workflow_of_feedback_waits_for_what_its_row_waits_for(
    real_platform: Platform,
) -> None:
    buyers = Listened(real_platform)
    feedback_id = await buyers.submitted()
    buyers.approves(feedback_id)
    await real_platform.deliver()
    await eventually(lambda: stage_shown(real_platform, feedback_id, "awaiting_answer"))
    await reset(real_platform, feedback_id)
    with real_platform.database.begin() as session:
        due_at = session.get_one(Submission, feedback_id).due_at
    await is_behind(real_platform, feedback_id, "awaiting_answer", due_at)
    restart(real_platform.database, str(feedback_id))
    await real_platform.deliver()
    await eventually(lambda: stage_shown(real_platform, feedback_id, "awaiting_answer"))
    buyers.closes(feedback_id)
    await buyers.ends(feedback_id)


async def stage_shown(platform: Platform, named: UUID, stage: str) -> bool:
    return (await platform.shown(named)).get("CaseStage") == stage
