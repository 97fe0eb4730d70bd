"""What only the real server can tell: histories as they are kept, searches, and its command."""

import asyncio
import json
import shlex
from collections import Counter
from typing import Any

import pytest

from domain.people import Role
from runtime.temporal_server import TemporalServer, find_program, own_environment
from tests.shop import order_body, request_body
from tests.workflows.gateway import DECLINED, succeeded
from tests.workflows.platform import Platform, eventually, spelled_out

pytestmark = pytest.mark.anyio

BUYER = {
    "id": "canary-17850",
    "name": "Quentin Canary",
    "email": "canary@example.org",
    "phone": "+441632960001",
    "locale": "en",
}


async def kinds_of_events(platform: Platform, case_id: Any) -> Counter[str]:
    events = json.loads(await platform.history(case_id))["events"]
    return Counter(event["eventType"].removeprefix("EVENT_TYPE_") for event in events)


async def test_a_refund_approved_at_once_takes_at_most_22_events(real_platform: Platform) -> None:
    case_id = await real_platform.apply()
    await real_platform.approve(case_id)
    await real_platform.ends(case_id)
    kinds = await kinds_of_events(real_platform, case_id)
    assert kinds.total() <= 22, kinds
    assert kinds["WORKFLOW_EXECUTION_SIGNALED"] == 1


async def test_no_timer_is_left_behind(real_platform: Platform) -> None:
    real_platform.card.answers_send(DECLINED, succeeded())
    case_id = await real_platform.apply()
    await real_platform.approve(case_id)
    await real_platform.reaches(case_id, "needs_attention")
    await real_platform.resume(case_id, action="retry")
    await real_platform.ends(case_id)
    kinds = await kinds_of_events(real_platform, case_id)
    assert kinds["TIMER_STARTED"] == kinds["TIMER_CANCELED"] + kinds["TIMER_FIRED"] > 0


async def test_a_closed_case_waits_for_nobody(real_platform: Platform) -> None:
    case_id = await real_platform.apply()
    await real_platform.approve(case_id, amount=400)
    await real_platform.ends(case_id)
    assert await real_platform.shown(case_id) == {
        "CaseStage": "completed",
        "CaseOrder": "o1",
        "CaseStorefront": "demo",
        "CaseAmount": 400,
    }
    assert await real_platform.details(case_id) == "**4.00 GBP** · order `o1` · completed"


async def test_no_history_holds_personal_data(real_platform: Platform) -> None:
    shop, now = real_platform.shop, real_platform.now()
    shop.sell("o1", order_body((6, 600_000), customer=BUYER), now)
    one, two = shop.hire("canary-1", Role.LEAD), shop.hire("canary-2", Role.LEAD)
    to = {"kind": "bank_card", "token": "tok_canary", "last4": "4242"}
    request = request_body((1, 2), note="the canary is ill", payout_to=to)
    case_id = await real_platform.apply_for(request)
    real_platform.bank.answers_send(DECLINED, succeeded())
    await real_platform.approve(case_id, actor=one, note="canary of the first")
    await real_platform.approve(case_id, actor=two, note="canary of the second")
    await real_platform.reaches(case_id, "needs_attention")
    await real_platform.resume(case_id, one, action="retry", note="canary of the operator")
    await real_platform.ends(case_id)
    assert real_platform.case(case_id).outcome == "refunded"
    history = spelled_out(await real_platform.history(case_id))
    assert "awaiting_audit" in history, "payloads are not spelled out"
    for secret in ("canary", "quentin", "+441632", '"4242"'):
        assert secret not in history.casefold(), secret


@pytest.mark.parametrize(("command", "outcome"), [("approve", "refunded"), ("reject", "rejected")])
async def test_the_command_an_operator_reads_works_as_it_stands(
    real_platform: Platform, temporal: TemporalServer, command: str, outcome: str
) -> None:
    case_id = await real_platform.apply()
    details = await real_platform.details(case_id)
    shown = next(line for line in details.replace("\\\n", "").splitlines() if command in line)
    program, *arguments = shlex.split(shown.replace("NAME", "lea"))
    assert program == "temporal"
    process = await asyncio.create_subprocess_exec(
        find_program(), *arguments, "--address", temporal.address, env=own_environment()
    )
    assert await process.wait() == 0
    await real_platform.ends(case_id)
    assert real_platform.case(case_id).outcome == outcome


async def test_a_parked_case_is_found_by_what_it_waits_for(real_platform: Platform) -> None:
    real_platform.card.answers_send(DECLINED)
    case_id = await real_platform.apply(order_id="o77")
    await real_platform.approve(case_id)
    await real_platform.reaches(case_id, "needs_attention")
    query = "CaseStage = 'needs_attention' and CaseWaitingFor = 'operator' and CaseOrder = 'o77'"

    async def found() -> list[str]:
        return [w.id async for w in real_platform.client.list_workflows(query)]

    assert await eventually(found) == [f"refund/{case_id}"]
