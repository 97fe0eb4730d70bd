"""More signals than one step settles, on the real server: nothing decided waits for them."""

import asyncio
from uuid import UUID

import pytest

from tests.workflows.platform import Platform, eventually
from tests.workflows.submissions import Moderated

pytestmark = pytest.mark.anyio

MANY = 230


async def flood(platform: Platform, named: UUID) -> None:
    wrong = {"actor": "nobody"}
    await asyncio.gather(*(platform.signal(named, "approve", wrong) for _ in range(MANY)))


async def test_an_approved_case_is_paid_before_a_flood_of_signals_is_settled(
    real_platform: Platform,
) -> None:
    case_id = await real_platform.apply()
    await flood(real_platform, case_id)
    await real_platform.approve(case_id)
    await real_platform.reaches(case_id, "completed")
    await real_platform.ends(case_id)
    refused = [e.detail for e in real_platform.events(case_id) if e.what == "signals_refused"]
    assert real_platform.happened(case_id).count("signal_refused") == 100
    assert sum(int(detail.split()[0]) for detail in refused) == MANY - 100


@pytest.mark.parametrize("kind", [Moderated])
async def test_a_submission_goes_on_under_a_flood_of_signals(
    real_platform: Platform, kind: type[Moderated]
) -> None:
    buyers = kind(real_platform)
    named = await buyers.submitted()
    await flood(real_platform, named)
    await real_platform.signal(named, "reject", {"actor": "lea", "reason": "other"})
    await eventually(lambda: buyers.stage(named) == "rejected", seconds=30)
    await buyers.ends(named)
    assert buyers.happened(named).count("signal_refused") == 100
    assert buyers.happened(named).count("signals_refused") >= (MANY - 100) // 25
