"""An exchange as its workflow lives it, to each of its ends."""

import pytest

from domain.parcels import ParcelStatus
from gateways.checkout import BillAnswer
from gateways.testimony import Verdict
from tests.histories import detours
from tests.workflows.platform import Platform, eventually

pytestmark = pytest.mark.anyio

PICKED_UP, HERE = ParcelStatus.PICKED_UP, ParcelStatus.DELIVERED
LOST = BillAnswer(verdict=Verdict.AMBIGUOUS, code="timeout")
TOO_SMALL = BillAnswer(verdict=Verdict.FAILED, code="amount_too_small")


async def test_at_an_equal_price_from_stock_to_the_replacement_at_the_buyers(
    platform: Platform,
) -> None:
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price=1000)
    await platform.inspect(case_id, 2, 2)
    await platform.seen(case_id, HERE, n=2)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.outcome, case.paid) == ("exchanged", 0)
    assert (platform.on_shelf("NEW1"), platform.on_shelf("SKU1")) == (0, 2)


async def test_a_buyer_who_pays_the_difference_gets_the_replacement(platform: Platform) -> None:
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price=1300)
    await platform.inspect(case_id, 2, 2)
    await platform.pays_bill(case_id)
    await platform.seen(case_id, HERE, n=2)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "exchanged"
    assert [page.bill.amount for page in platform.checkout.pages.values()] == [300]


async def test_a_bill_is_opened_anew_each_day_and_its_lapse_refunds_the_goods(
    platform: Platform,
) -> None:
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price=1300)
    await platform.inspect(case_id, 2, 2)
    await platform.asks_for_money(case_id)
    for _ in range(12):
        await platform.pass_hours(6)
    await platform.pass_hours(1)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.outcome, case.paid) == ("returned_and_refunded", 1000)
    assert len(platform.checkout.pages) >= 3
    assert platform.on_shelf("NEW1") == 2


async def test_a_payment_whose_report_got_lost_is_found_by_asking(platform: Platform) -> None:
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price=1300)
    await platform.inspect(case_id, 2, 2)
    await platform.asks_for_money(case_id)
    platform.checkout.pay()
    await platform.pass_hours(6.1)
    await platform.hears(case_id, "difference_paid")


async def test_a_lost_answer_about_a_bill_asks_the_buyer_once(platform: Platform) -> None:
    platform.checkout.answers(LOST)
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price=1300)
    await platform.inspect(case_id, 2, 2)
    await platform.pays_bill(case_id)
    await platform.hears(case_id, "difference_paid")
    assert len(platform.checkout.pages) == 1


async def test_a_bill_that_is_refused_parks_the_case_until_it_is_taken(platform: Platform) -> None:
    platform.checkout.answers(TOO_SMALL)
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price=1300)
    await platform.inspect(case_id, 2, 2)
    assert (await platform.reaches(case_id, "needs_attention")).attention == "bill_refused"
    await platform.resume(case_id, action="retry")
    await platform.pays_bill(case_id)
    await platform.hears(case_id, "difference_paid")


async def test_a_buyer_who_is_owed_the_difference_gets_both(platform: Platform) -> None:
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price=700)
    await platform.inspect(case_id, 2, 2)
    await platform.hears(case_id, "dispatched")
    await platform.seen(case_id, HERE, n=2)
    await platform.ends(case_id)
    assert (platform.case(case_id).outcome, platform.case(case_id).paid) == ("exchanged", 300)


async def test_stock_that_comes_in_sends_for_the_goods(platform: Platform) -> None:
    case_id = await detours.stock_came_late(platform)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "exchanged"


async def test_stock_that_does_not_come_is_refunded_once_the_goods_are_back(
    platform: Platform,
) -> None:
    case_id = await platform.apply_to_exchange(price=1000, fallback=["wait", "store_credit"])
    await platform.approve(case_id)
    await platform.hears(case_id, "out_of_stock")
    await platform.pass_hours(14 * 24 + 1)
    await platform.hears(case_id, "pickup_booked")
    await platform.seen(case_id, HERE)
    await platform.inspect(case_id, 2, 2)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.outcome, case.paid) == ("returned_and_refunded", 1000)
    assert [payout.way for payout in platform.payouts(case_id)] == ["store_credit"]


async def test_a_buyer_who_sends_nothing_leaves_the_stock_to_others(platform: Platform) -> None:
    platform.count("NEW1", 2)
    case_id = await platform.apply_to_exchange(price=1000)
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.pass_hours(7 * 24 + 1)
    await platform.ends(case_id)
    assert (platform.case(case_id).outcome, platform.on_shelf("NEW1")) == ("expired", 2)


async def test_a_buyer_who_cancels_leaves_the_stock_to_others(platform: Platform) -> None:
    case_id = await platform.apply_to_exchange(price=1000)
    await platform.approve(case_id)
    await platform.hears(case_id, "out_of_stock")
    platform.shop.cancel(case_id, platform.now())
    await platform.deliver()
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "cancelled"


async def test_what_is_not_accepted_goes_back_with_the_replacement(platform: Platform) -> None:
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price=1000)
    await platform.inspect(case_id, 2, 1)
    await platform.offer(case_id, 0)
    await eventually(lambda: len(platform.carrier.booked) == 2, "it is sent")
    assert list(platform.carrier.booked.values())[-1].pieces == (("NEW1", 1), ("SKU1", 1))
    await platform.seen(case_id, HERE, n=2)
    await platform.ends(case_id)
    assert (platform.case(case_id).outcome, platform.on_shelf("NEW1")) == ("exchanged", 1)


async def test_an_exchange_of_nothing_that_was_accepted_sends_everything_back(
    platform: Platform,
) -> None:
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price=1000)
    await platform.inspect(case_id, 2, 0)
    await platform.offer(case_id, 0)
    await platform.seen(case_id, HERE, n=2)
    await platform.ends(case_id)
    assert (platform.case(case_id).outcome, platform.on_shelf("NEW1")) == ("sent_back", 2)


async def test_an_exchange_whose_workflow_is_gone_goes_on_from_any_stage(
    platform: Platform,
) -> None:
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price=1300)
    await platform.inspect(case_id, 2, 2)
    await platform.asks_for_money(case_id)
    await platform.workflow(case_id).terminate()
    await platform.pays_bill(case_id)
    await platform.seen(case_id, HERE, n=2)
    await platform.ends(case_id)
    assert (platform.case(case_id).outcome, len(platform.checkout.pages)) == ("exchanged", 1)
