"""A repair as its workflow lives it, to each of its ends."""

import pytest

from tests.histories import detours
from tests.workflows.platform import Platform, eventually
from tests.workflows.repair_shop import LOST, REFUSED
from tests.workflows.workbench import COVERED, HOPELESS, NOT_COVERED, Workbench

pytestmark = pytest.mark.anyio


@pytest.fixture
def bench(platform: Platform) -> Workbench:
    return Workbench(platform)


async def test_what_is_covered_is_repaired_and_comes_back(
    platform: Platform, bench: Workbench
) -> None:
    case_id = await bench.brought()
    await bench.diagnose(case_id, COVERED)
    await platform.hears(case_id, "work_taken")
    await bench.repaired(case_id)
    await bench.arrives(case_id)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ("completed", "repaired", 0)
    work = next(iter(platform.repair_shop.taken.values()))
    assert (work.sku, work.serial, work.fault) == ("SKU1", "A1", "no power")
    assert platform.card.keys == []


async def test_an_operator_sees_for_whom_a_repair_waits(
    platform: Platform, bench: Workbench
) -> None:
    case_id = await bench.brought()
    await eventually(lambda: platform.waits_for(case_id, "technician"), "the technician has it")
    await bench.diagnose(case_id, NOT_COVERED)
    await eventually(lambda: platform.waits_for(case_id, "buyer"), "the buyer is asked")


async def test_what_is_not_covered_is_repaired_then_paid_then_sent(
    platform: Platform, bench: Workbench
) -> None:
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await bench.quote(case_id, accepted=True)
    await platform.hears(case_id, "work_taken")
    await bench.repaired(case_id)
    await bench.pay(case_id)
    await bench.arrives(case_id)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "repaired"
    (page,) = platform.checkout.pages.values()
    assert (page.bill.amount, page.bill.what) == (5000, "repair")


async def test_a_quote_that_is_declined_sends_the_unit_back(
    platform: Platform, bench: Workbench
) -> None:
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await bench.quote(case_id, accepted=False)
    await bench.arrives(case_id)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "sent_back"
    assert platform.repair_shop.taken == {}


async def test_a_quote_without_an_answer_in_seven_days_sends_the_unit_back(
    platform: Platform, bench: Workbench
) -> None:
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await eventually(lambda: platform.waits_for(case_id, "buyer"), "the buyer is asked")
    await platform.pass_hours(7 * 24 + 1)
    await bench.arrives(case_id)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "sent_back"
    happened = platform.happened(case_id)
    assert happened.index("reminded") < happened.index("quote_lapsed")


async def test_a_diagnosis_that_takes_too_long_is_escalated(
    platform: Platform, bench: Workbench
) -> None:
    case_id = await bench.brought()
    await eventually(lambda: platform.waits_for(case_id, "technician"), "the technician has it")
    await platform.pass_hours(6 * 24)
    await platform.hears(case_id, "escalated")
    assert platform.case(case_id).stage == "in_repair"


async def test_a_repair_that_takes_too_long_is_escalated(
    platform: Platform, bench: Workbench
) -> None:
    case_id = await bench.brought()
    await bench.diagnose(case_id, COVERED)
    await platform.hears(case_id, "work_taken")
    await platform.pass_hours(14 * 24 + 1)
    await platform.hears(case_id, "escalated")
    assert platform.case(case_id).stage == "in_repair"


async def test_what_cannot_be_repaired_is_refunded_as_the_buyer_chooses(
    platform: Platform, bench: Workbench
) -> None:
    case_id = await bench.brought()
    await bench.diagnose(case_id, HOPELESS)
    await bench.choose(case_id, "refund")
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.outcome, case.paid) == ("refunded", 1000)
    assert len(platform.card.keys) == 1


async def test_what_the_buyer_chose_beforehand_is_not_asked_for(
    platform: Platform, bench: Workbench
) -> None:
    case_id = await bench.brought(fallback=["store_credit"])
    await bench.diagnose(case_id, HOPELESS)
    await platform.ends(case_id)
    assert platform.payouts(case_id)[0].way == "store_credit"
    assert "choice_asked" not in platform.happened(case_id)


async def test_what_cannot_be_repaired_is_swapped_from_stock(
    platform: Platform, bench: Workbench
) -> None:
    bench.stock("SKU1", 3)
    case_id = await bench.brought(fallback=["swap"])
    await bench.diagnose(case_id, HOPELESS)
    await bench.arrives(case_id)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "exchanged"
    assert platform.on_shelf() == 2


async def test_a_swap_without_stock_is_refunded(platform: Platform, bench: Workbench) -> None:
    case_id = await bench.brought()
    await bench.diagnose(case_id, HOPELESS)
    await bench.choose(case_id, "swap")
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.outcome, case.paid) == ("refunded", 1000)


async def test_a_choice_that_nobody_makes_is_a_refund(platform: Platform, bench: Workbench) -> None:
    case_id = await detours.choice_lapsed(platform)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"


async def test_a_repair_that_nobody_sends_expires(platform: Platform, bench: Workbench) -> None:
    case_id = await bench.asked()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.pass_hours(7 * 24 + 1)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "expired"


async def test_a_repair_is_cancelled_before_the_unit_comes_in(
    platform: Platform, bench: Workbench
) -> None:
    case_id = await bench.asked()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    platform.shop.cancel(case_id, platform.now())
    await platform.deliver()
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "cancelled"
    assert len(platform.carrier.cancelled) == 1


async def test_a_shops_lost_answer_orders_the_work_once(
    platform: Platform, bench: Workbench
) -> None:
    platform.repair_shop.answers(LOST)
    case_id = await bench.brought()
    await bench.diagnose(case_id, COVERED)
    await platform.hears(case_id, "work_taken")
    assert (len(platform.repair_shop.taken), platform.repair_shop.asked) == (1, 1)


async def test_work_that_a_shop_refuses_is_ordered_by_a_new_diagnosis(
    platform: Platform, bench: Workbench
) -> None:
    platform.repair_shop.answers(REFUSED)
    case_id = await bench.brought()
    await bench.diagnose(case_id, COVERED)
    await platform.hears(case_id, "work_refused")
    await bench.diagnose(case_id, COVERED)
    await platform.hears(case_id, "work_taken")
    assert len(platform.repair_shop.taken) == 1
