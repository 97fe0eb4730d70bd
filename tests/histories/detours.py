"""The ways of cases with goods that took a detour, for their histories: stock that was gone at
last, bills that nobody paid, second audits, empty boxes. See `tests.histories.record`.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.parcels import ParcelStatus
from domain.policy_parts import OnLapse, Pay
from store.goods import stock
from tests.workflows.platform import Platform, eventually
from tests.workflows.trust import has_returned, refunded_first
from tests.workflows.workbench import HOPELESS, NOT_COVERED, Workbench

DELIVERED = ParcelStatus.DELIVERED


async def _not_answered(platform: Platform) -> UUID:
    """A return of which nothing was accepted, and whose buyer lets an offer of 3.00 lapse."""
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.seen(case_id, DELIVERED)
    await platform.inspect(case_id, 2, 0)
    await platform.offer(case_id, 300)
    await eventually(lambda: platform.waits_for(case_id, "buyer"), "the buyer is asked")
    await platform.pass_hours(7 * 24 + 1)
    return case_id


async def offer_lapsed(platform: Platform) -> UUID:
    case_id = await _not_answered(platform)
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def offer_lapsed_and_paid(platform: Platform) -> UUID:
    parcels = platform.shop.policy.parcels.model_copy(update={"offer_lapses": OnLapse.PAY})
    platform.under(platform.shop.policy.model_copy(update={"parcels": parcels}))
    return await _not_answered(platform)


async def _never_sent(platform: Platform) -> UUID:
    """A return that was refunded first, whose goods did not come and were not paid for either."""
    await has_returned(platform)
    case_id = await refunded_first(platform)
    await platform.pass_hours(7 * 24 + 1)
    await platform.asks_for_money(case_id)
    for _ in range(3):
        await platform.pass_hours(24)
    await platform.pass_hours(1)
    await platform.reaches(case_id, "needs_attention")
    return case_id


async def charge_lapsed_then_paid(platform: Platform) -> UUID:
    case_id = await _never_sent(platform)
    await platform.resume(case_id, action="retry")
    await platform.pays_bill(case_id)
    return case_id


async def charge_lapsed_then_given_up(platform: Platform) -> UUID:
    case_id = await _never_sent(platform)
    await platform.resume(case_id, action="give_up")
    return case_id


async def _charged(platform: Platform, received: int) -> UUID:
    """A return that was refunded first, of which nothing was accepted."""
    await has_returned(platform)
    case_id = await refunded_first(platform)
    await platform.seen(case_id, DELIVERED, n=2)
    await platform.inspect(case_id, received, 0)
    await platform.pays_bill(case_id)
    return case_id


async def refused_then_charged(platform: Platform) -> UUID:
    case_id = await _charged(platform, received=2)
    await platform.seen(case_id, DELIVERED, n=3)
    return case_id


async def empty_box_charged(platform: Platform) -> UUID:
    return await _charged(platform, received=0)


async def stock_came_late(platform: Platform) -> UUID:
    case_id = await platform.apply_to_exchange(1000)
    await platform.approve(case_id)
    await platform.hears(case_id, "out_of_stock")
    await platform.pass_hours(24)
    platform.count("NEW1", 2)
    await platform.deliver()
    await platform.seen(case_id, DELIVERED)
    await platform.inspect(case_id, 2, 2)
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def exchange_empty_box(platform: Platform) -> UUID:
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(1000)
    await platform.inspect(case_id, 0, 0)
    await platform.offer(case_id, 0)
    return case_id


async def _gone_at_last(platform: Platform, price: int) -> UUID:
    """An exchange whose replacement was set aside for too long, and went to others."""
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price)
    over = platform.now() + timedelta(days=91)
    platform.database.run(lambda session: stock.expire(session, over))
    platform.count("NEW1", 0)
    await platform.inspect(case_id, 2, 2)
    return case_id


async def gone_then_refunded(platform: Platform) -> UUID:
    return await _gone_at_last(platform, 1000)


async def gone_then_refunded_the_rest(platform: Platform) -> UUID:
    """Its buyer has the difference already, and gets what is left of the goods' worth."""
    return await _gone_at_last(platform, 700)


async def choice_lapsed(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, HOPELESS)
    await eventually(lambda: platform.waits_for(case_id, "buyer"), "the buyer is asked")
    await platform.pass_hours(7 * 24 + 1)
    return case_id


async def _chosen(platform: Platform, remedy: str) -> UUID:
    """A repair whose buyer chose something worth more than was approved."""
    bench = Workbench(platform)
    bench.stock("SKU1", 1)
    case_id = await bench.asked()
    await platform.approve(case_id, amount=400)
    await platform.seen(case_id, DELIVERED)
    await bench.diagnose(case_id, HOPELESS)
    await bench.choose(case_id, remedy)
    return case_id


async def swap_agreed_to(platform: Platform) -> UUID:
    case_id = await _chosen(platform, "swap")
    await platform.approve(case_id, actor=platform.shop.other_lead)
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def choice_not_agreed_to(platform: Platform) -> UUID:
    case_id = await _chosen(platform, "refund")
    platform.shop.reject(case_id, platform.shop.other_lead, platform.now())
    await platform.deliver()
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


def _workbench(platform: Platform, **repairs: Any) -> Workbench:
    """A workbench under other rules for repairs."""
    rules = platform.shop.policy
    changed = rules.repairs.model_copy(update=repairs)
    platform.shop.policy = rules.model_copy(update={"repairs": changed})
    return Workbench(platform)


async def _unpaid(platform: Platform) -> tuple[Workbench, UUID]:
    """A repair that was done and not paid for within a day."""
    bench = _workbench(platform, payment_days=1)
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await bench.quote(case_id, accepted=True)
    await platform.hears(case_id, "work_taken")
    await bench.repaired(case_id)
    await platform.asks_for_money(case_id)
    await platform.pass_hours(25)
    await platform.reaches(case_id, "needs_attention")
    return bench, case_id


async def unpaid_then_paid(platform: Platform) -> UUID:
    bench, case_id = await _unpaid(platform)
    await platform.resume(case_id, action="retry", note="they called")
    await bench.pay(case_id)
    await bench.arrives(case_id)
    return case_id


async def unpaid_then_given_up(platform: Platform) -> UUID:
    _, case_id = await _unpaid(platform)
    await platform.resume(case_id, action="give_up")
    return case_id


async def paid_beforehand(platform: Platform) -> UUID:
    bench = _workbench(platform, pay=Pay.BEFORE)
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await bench.quote(case_id, accepted=True)
    await bench.pay(case_id)
    await platform.hears(case_id, "work_taken")
    await bench.repaired(case_id)
    await bench.arrives(case_id)
    return case_id


async def fee_paid(platform: Platform) -> UUID:
    bench = _workbench(platform, diagnosis_fee={"GBP": 1500})
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await bench.quote(case_id, accepted=False)
    await bench.pay(case_id)
    await bench.arrives(case_id)
    return case_id


PATHS = (
    offer_lapsed,
    offer_lapsed_and_paid,
    charge_lapsed_then_paid,
    charge_lapsed_then_given_up,
    refused_then_charged,
    empty_box_charged,
    stock_came_late,
    exchange_empty_box,
    gone_then_refunded,
    gone_then_refunded_the_rest,
    choice_lapsed,
    swap_agreed_to,
    choice_not_agreed_to,
    unpaid_then_paid,
    unpaid_then_given_up,
    paid_beforehand,
    fee_paid,
)
