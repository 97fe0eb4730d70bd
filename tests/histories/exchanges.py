"""The ways of an exchange, for their histories: see `tests.histories.record`."""

from uuid import UUID

from domain.parcels import ParcelStatus
from gateways.checkout import BillAnswer
from gateways.testimony import Verdict
from tests.workflows.platform import Platform

DELIVERED = ParcelStatus.DELIVERED


async def _exchanged_for(platform: Platform, price: int, accepted: int = 2) -> UUID:
    """An exchange whose goods have come in, so many of two accepted."""
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(price)
    await platform.inspect(case_id, 2, accepted)
    return case_id


async def exchanged(platform: Platform) -> UUID:
    case_id = await _exchanged_for(platform, 1000)
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def difference_paid(platform: Platform) -> UUID:
    case_id = await _exchanged_for(platform, 1300)
    await platform.pays_bill(case_id)
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def difference_unpaid(platform: Platform) -> UUID:
    case_id = await _exchanged_for(platform, 1300)
    await platform.asks_for_money(case_id)
    for _ in range(12):
        await platform.pass_hours(6)
    await platform.pass_hours(1)
    return case_id


async def difference_owed(platform: Platform) -> UUID:
    case_id = await _exchanged_for(platform, 700)
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def bill_refused_then_given_up(platform: Platform) -> UUID:
    platform.checkout.answers(BillAnswer(verdict=Verdict.FAILED, code="amount_too_small"))
    case_id = await _exchanged_for(platform, 1300)
    await platform.reaches(case_id, "needs_attention")
    await platform.resume(case_id, action="give_up")
    return case_id


async def rest_sent_back(platform: Platform) -> UUID:
    case_id = await _exchanged_for(platform, 1000, accepted=1)
    await platform.offer(case_id, 0)
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def exchange_sent_back(platform: Platform) -> UUID:
    case_id = await _exchanged_for(platform, 1000, accepted=0)
    await platform.offer(case_id, 0)
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def _without_stock(platform: Platform) -> UUID:
    case_id = await platform.apply_to_exchange(price=1000)
    await platform.approve(case_id)
    await platform.hears(case_id, "out_of_stock")
    return case_id


async def stock_never_came(platform: Platform) -> UUID:
    case_id = await _without_stock(platform)
    await platform.pass_hours(14 * 24 + 1)
    await platform.hears(case_id, "pickup_booked")
    await platform.seen(case_id, DELIVERED)
    await platform.inspect(case_id, 2, 2)
    return case_id


async def exchange_cancelled(platform: Platform) -> UUID:
    case_id = await _without_stock(platform)
    platform.shop.cancel(case_id, platform.now())
    return case_id


async def exchange_expired(platform: Platform) -> UUID:
    platform.count("NEW1", 2)
    case_id = await platform.apply_to_exchange(price=1000)
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.pass_hours(7 * 24 + 1)
    return case_id


async def exchange_rejected(platform: Platform) -> UUID:
    case_id = await platform.apply_to_exchange(price=1000)
    platform.shop.reject(case_id, now=platform.now())
    return case_id


PATHS = (
    exchanged,
    difference_paid,
    difference_unpaid,
    difference_owed,
    bill_refused_then_given_up,
    rest_sent_back,
    exchange_sent_back,
    stock_never_came,
    exchange_cancelled,
    exchange_expired,
    exchange_rejected,
)
