"""A return as its workflow lives it, to each of its ends."""

import pytest

from domain.parcels import ParcelStatus
from tests.histories import detours, on_the_way
from tests.workflows.carrier import LOST
from tests.workflows.platform import Platform, eventually

pytestmark = pytest.mark.anyio

PICKED_UP, MOVING, HERE = (
    ParcelStatus.PICKED_UP,
    ParcelStatus.IN_TRANSIT,
    ParcelStatus.DELIVERED,
)


async def test_from_the_pickup_to_the_money(platform: Platform) -> None:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.seen(case_id, PICKED_UP)
    await platform.seen(case_id, HERE)
    await platform.inspect(case_id, 2, 2)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ("completed", "returned_and_refunded", 1000)
    assert platform.on_shelf() == 2
    assert len(platform.card.keys) == 1


async def test_an_operator_sees_for_whom_it_waits(platform: Platform) -> None:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.seen(case_id, PICKED_UP)
    await eventually(
        lambda: platform.waits_for(case_id, "carrier"), "the UI says that the carrier has it"
    )
    await platform.seen(case_id, HERE)
    await eventually(lambda: platform.waits_for(case_id, "warehouse"), "the warehouse has it")


async def test_a_lost_answer_of_the_carrier_books_one_pickup(platform: Platform) -> None:
    platform.carrier.answers(LOST)
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    assert (len(platform.carrier.booked), platform.carrier.asked) == (1, 1)


async def test_a_pickup_that_never_reached_the_carrier_is_booked_again(platform: Platform) -> None:
    platform.carrier.answers(LOST, executed=False)
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    assert len(platform.carrier.booked) == 1


async def test_a_return_that_nobody_sends_expires_and_calls_its_pickup_off(
    platform: Platform,
) -> None:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.pass_hours(7 * 24 + 1)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "expired"
    assert platform.happened(case_id)[-3:] == ["reminded", "expired", "pickup_cancelled"]
    assert len(platform.carrier.cancelled) == 1


async def test_a_buyer_who_cancels_has_the_pickup_called_off(platform: Platform) -> None:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    platform.shop.cancel(case_id, platform.now())
    await platform.deliver()
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "cancelled"
    assert len(platform.carrier.cancelled) == 1


async def test_a_silent_carrier_brings_a_person_in_and_a_late_parcel_goes_on(
    platform: Platform,
) -> None:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.seen(case_id, PICKED_UP)
    await eventually(lambda: platform.waits_for(case_id, "carrier"), "the carrier has it")
    await platform.pass_hours(10 * 24 + 1)
    assert (await platform.reaches(case_id, "needs_attention")).attention == "parcel_silent"
    await platform.seen(case_id, HERE)
    await platform.inspect(case_id, 2, 2)
    await platform.ends(case_id)
    assert platform.case(case_id).paid == 1000


async def test_a_warehouse_that_is_late_is_escalated_and_nothing_expires(
    platform: Platform,
) -> None:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.seen(case_id, HERE)
    await eventually(lambda: platform.waits_for(case_id, "warehouse"), "the warehouse has it")
    await platform.pass_hours(6 * 24)
    await platform.hears(case_id, "escalated")
    assert platform.case(case_id).stage == "awaiting_inspection"


async def test_a_declined_offer_pays_the_rest_and_sends_the_unit_back(platform: Platform) -> None:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.seen(case_id, HERE)
    await platform.inspect(case_id, 2, 1)
    await platform.offer(case_id, 200)
    await platform.answer(case_id, accepted=False)
    await platform.hears(case_id, "dispatched")
    await platform.seen(case_id, HERE, n=2)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.outcome, case.paid, platform.on_shelf()) == ("returned_and_refunded", 500, 1)


async def test_an_offer_without_an_answer_sends_everything_back(platform: Platform) -> None:
    case_id = await detours.offer_lapsed(platform)
    await platform.ends(case_id)
    assert (platform.case(case_id).outcome, platform.case(case_id).paid) == ("sent_back", 0)


async def test_an_offer_without_an_answer_is_paid_where_the_policy_says_so(
    platform: Platform,
) -> None:
    case_id = await detours.offer_lapsed_and_paid(platform)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.outcome, case.paid) == ("returned_and_refunded", 300)
    assert len(platform.carrier.booked) == 1


async def test_a_carrier_that_refuses_to_send_parks_the_case_until_it_takes_it(
    platform: Platform,
) -> None:
    case_id = await on_the_way.dispatch_refused_then_taken(platform)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "sent_back"
    assert len(platform.carrier.booked) == 2


async def test_a_parcel_lost_after_it_was_posted_is_paid_for(platform: Platform) -> None:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.seen(case_id, PICKED_UP)
    await eventually(lambda: platform.waits_for(case_id, "carrier"), "the carrier has it")
    await platform.pass_hours(10 * 24 + 1)
    await platform.reaches(case_id, "needs_attention")
    await platform.lose(case_id)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.outcome, case.paid, platform.on_shelf()) == ("returned_and_refunded", 1000, 0)


async def test_an_empty_box_ends_rejected(platform: Platform) -> None:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.seen(case_id, HERE)
    await platform.inspect(case_id, 0, 0)
    await platform.offer(case_id, 0)
    await platform.ends(case_id)
    assert (platform.case(case_id).outcome, platform.case(case_id).paid) == ("rejected", 0)


async def test_a_case_whose_workflow_is_gone_goes_on_from_any_stage(platform: Platform) -> None:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.workflow(case_id).terminate()
    await platform.seen(case_id, HERE)
    await platform.inspect(case_id, 2, 2)
    await platform.ends(case_id)
    assert (platform.case(case_id).paid, len(platform.carrier.booked)) == (1000, 1)
