"""A charge that cannot be read, or is not as its order says: the case waits, and goes on."""

from uuid import UUID

import pytest
from sqlalchemy import select

from domain.charges import NoSuchCharge, Unreadable
from store.tables import Payout
from tests.workflows.gateway import charge_of
from tests.workflows.platform import Platform, eventually

pytestmark = pytest.mark.anyio


async def test_a_mismatch_waits_for_an_operator_who_has_the_charge_read_again(
    platform: Platform,
) -> None:
    platform.card.charges["ch_1"] = NoSuchCharge()
    case_id = await platform.apply()
    await platform.approve(case_id)
    case = await platform.reaches(case_id, "needs_attention")
    assert (case.attention, platform.card.heard) == ("charge_mismatch", [])
    platform.card.charges.clear()
    await platform.resume(case_id, action="retry")
    await platform.ends(case_id)
    assert platform.card.heard == ["send"]


async def unreadable(platform: Platform) -> UUID:
    """A case parked because the gateway has not shown its charge for ten minutes."""
    platform.card.charges["ch_1"] = Unreadable("http_500")
    case_id = await platform.apply()
    await platform.approve(case_id)

    def tried() -> bool:
        with platform.database.begin() as session:
            return bool(session.scalar(select(Payout.asked)))

    await eventually(tried, "the charge is asked for")
    await platform.pass_hours(11 / 60)
    case = await platform.reaches(case_id, "needs_attention")
    assert (case.attention, platform.card.heard) == ("charge_unreadable", [])
    return case_id


async def test_a_charge_that_cannot_be_read_parks_after_ten_minutes_and_unparks_by_itself(
    platform: Platform,
) -> None:
    case_id = await unreadable(platform)
    platform.card.charges["ch_1"] = charge_of("ch_1")
    await platform.pass_hours(0.01)
    await platform.ends(case_id)
    assert platform.happened(case_id).count("unparked") == 1
    assert platform.card.heard == ["send"]


async def test_a_retry_reads_an_unreadable_charge_at_once(platform: Platform) -> None:
    case_id = await unreadable(platform)
    platform.card.charges.clear()
    await platform.resume(case_id, action="retry")
    await platform.hears(case_id, "payout_paid")
    await platform.pass_hours(0.01)
    await platform.ends(case_id)
    assert platform.card.heard == ["send"]
