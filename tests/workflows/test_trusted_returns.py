"""A return that is refunded before its goods are back, to each of its ends."""

from uuid import UUID

import pytest

from domain.parcels import ParcelStatus
from tests.histories import detours
from tests.workflows.platform import Platform, eventually
from tests.workflows.trust import has_returned, refunded_first

pytestmark = pytest.mark.anyio

HERE = ParcelStatus.DELIVERED


@pytest.fixture
async def case_id(platform: Platform) -> UUID:
    """A return of two units for 10.00 by a trusted buyer, refunded, its pickup booked."""
    await has_returned(platform)
    return await refunded_first(platform)


async def test_goods_that_come_after_the_money_end_it(platform: Platform, case_id: UUID) -> None:
    await platform.seen(case_id, HERE, n=2)
    await eventually(lambda: platform.waits_for(case_id, "warehouse"), "the warehouse has it")
    await platform.inspect(case_id, 2, 2)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ("completed", "returned_and_refunded", 1000)
    assert (len(platform.card.keys), platform.on_shelf()) == (2, 3)
    assert not platform.checkout.pages


async def test_what_was_not_accepted_is_paid_for_and_sent_back(
    platform: Platform, case_id: UUID
) -> None:
    await platform.seen(case_id, HERE, n=2)
    await platform.inspect(case_id, 2, 1)
    await platform.pays_bill(case_id)
    await platform.hears(case_id, "dispatched")
    await platform.seen(case_id, HERE, n=3)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "returned_and_refunded"
    assert [page.bill.amount for page in platform.checkout.pages.values()] == [500]


async def test_goods_that_nobody_sends_are_charged_for_and_paid(
    platform: Platform, case_id: UUID
) -> None:
    await platform.pass_hours(7 * 24 + 1)
    await platform.pays_bill(case_id)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ("completed", "expired", 1000)
    assert (len(platform.checkout.pages), len(platform.carrier.cancelled)) == (1, 1)


async def test_a_charge_that_lapses_waits_for_an_operator_who_asks_again(
    platform: Platform,
) -> None:
    case_id = await detours.charge_lapsed_then_paid(platform)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "expired"
    assert len(platform.checkout.pages) > 1


async def test_it_goes_on_from_any_stage_if_its_workflow_is_gone(
    platform: Platform, case_id: UUID
) -> None:
    await platform.workflow(case_id).terminate()
    await platform.seen(case_id, HERE, n=2)
    await platform.inspect(case_id, 2, 2)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "returned_and_refunded"
