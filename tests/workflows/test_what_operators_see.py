"""What the Temporal UI shows of a case: who has to do what by when, and how."""

from uuid import UUID

import pytest

from tests.workflows.gateway import DECLINED
from tests.workflows.platform import Platform, eventually, spelled_out
from workflows.details import folded

pytestmark = pytest.mark.anyio


async def test_a_waiting_case_says_who_must_do_what_by_when_and_how(platform: Platform) -> None:
    case_id = await platform.apply()
    await platform.hears(case_id, "opened")
    due_at = platform.case(case_id).due_at
    assert due_at
    details = await platform.details(case_id)
    assert "**5.10 GBP** · order `o1` · awaiting_audit" in details
    assert f"Waits for the **auditor** until {due_at:%Y-%m-%d %H:%M} UTC." in details
    approve = f"temporal workflow signal --workflow-id refund/{case_id} --name approve"
    assert folded(approve) in details
    description = await platform.workflow(case_id).describe()
    assert await description.static_summary() == "Refund 5.10 GBP · order o1"


async def test_a_waiting_case_can_be_searched_by_all_that_is_said_of_it(
    platform: Platform,
) -> None:
    case_id = await platform.apply()
    assert await platform.shown(case_id) == {
        "CaseStage": "awaiting_audit",
        "CaseWaitingFor": "auditor",
        "CaseOrder": "o1",
        "CaseStorefront": "demo",
        "CaseDueAt": platform.case(case_id).due_at,
        "CaseAmount": 510,
    }


async def test_a_parked_case_says_why_and_what_mends_it(platform: Platform) -> None:
    platform.card.answers_send(DECLINED)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.reaches(case_id, "needs_attention")
    parked = platform.case(case_id)
    details = await eventually(lambda: details_of_the_parked(platform, case_id))
    assert "The gateway declined the payout for good." in details
    assert folded(f"aftersales resume {case_id} --action retry --note NOTE") in details
    attributes = await platform.shown(case_id)
    assert attributes["CaseStage"] == "needs_attention"
    assert attributes["CaseWaitingFor"] == "operator"
    assert attributes["CaseDueAt"] == parked.due_at


async def test_what_is_paid_is_named_as_people_read_it(platform: Platform) -> None:
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.reaches(case_id, "completed")
    assert '"pay 5.10 GBP"' in spelled_out(await platform.history(case_id))


async def details_of_the_parked(platform: Platform, case_id: UUID) -> str | None:
    details = await platform.details(case_id)
    return details if "Waits for the **operator**" in details else None
