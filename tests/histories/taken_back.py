"""The ways of cases whose gateway took their money back: while they waited for something else, or
after the end, and then the second run of each. For their histories, see `tests.histories.record`.
"""

from uuid import UUID

from domain.parcels import ParcelStatus
from store.inbox import Report, receive
from tests.workflows.gateway import DECLINED
from tests.workflows.platform import Platform
from tests.workflows.trust import has_returned, refunded_first
from tests.workflows.workbench import HOPELESS, Workbench

DELIVERED = ParcelStatus.DELIVERED


async def _taken_back(platform: Platform, case_id: UUID) -> UUID:
    """The case has ended; then its money is taken back."""
    await platform.ends(case_id)
    return await _take_back(platform, case_id)


async def _take_back(platform: Platform, case_id: UUID) -> UUID:
    """The gateway reports that the case's last payout did not stay."""
    platform.card.answers_ask(DECLINED)
    payout = platform.payouts(case_id)[-1]
    news = Report("stripe", "evt_back", "refund.failed", "failed", payout.payout_id)
    platform.database.run(lambda session: receive(session, news, platform.now()))
    await platform.deliver()
    await platform.hears(case_id, "payout_reversed")
    return case_id


async def _exchange(platform: Platform) -> UUID:
    """An exchange for something cheaper, whose buyer has the replacement."""
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(700)
    await platform.inspect(case_id, 2, 2)
    await platform.seen(case_id, DELIVERED, n=2)
    return await _taken_back(platform, case_id)


async def _repair(platform: Platform) -> UUID:
    """A repair that came to a refund."""
    bench = Workbench(platform)
    case_id = await bench.brought(fallback=["refund"])
    await bench.diagnose(case_id, HOPELESS)
    return await _taken_back(platform, case_id)


async def refund_reversed_then_paid_again(platform: Platform) -> UUID:
    case_id = await platform.apply()
    await platform.approve(case_id)
    await _taken_back(platform, case_id)
    await platform.resume(case_id, action="retry")
    return case_id


async def return_reversed_then_paid_again(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.seen(case_id, DELIVERED)
    await platform.inspect(case_id, 2, 2)
    await _taken_back(platform, case_id)
    await platform.resume(case_id, action="retry")
    return case_id


async def exchange_reversed_then_paid_again(platform: Platform) -> UUID:
    case_id = await _exchange(platform)
    await platform.resume(case_id, action="retry")
    return case_id


async def exchange_reversed_then_settled(platform: Platform) -> UUID:
    case_id = await _exchange(platform)
    await platform.resume(case_id, action="settle", reference="bank-77")
    return case_id


async def exchange_reversed_then_given_up(platform: Platform) -> UUID:
    case_id = await _exchange(platform)
    await platform.resume(case_id, action="give_up")
    return case_id


async def exchange_reversed_on_its_way(platform: Platform) -> UUID:
    """Its buyer does not have the replacement yet."""
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(700)
    await platform.inspect(case_id, 2, 2)
    await platform.hears(case_id, "dispatched")
    await _take_back(platform, case_id)
    await platform.resume(case_id, action="retry")
    await platform.hears(case_id, "paid", times=2)
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def refunded_then_reversed(platform: Platform) -> UUID:
    """It was refunded first, and its goods are not back yet."""
    await has_returned(platform)
    case_id = await refunded_first(platform)
    await _take_back(platform, case_id)
    await platform.resume(case_id, action="retry")
    await platform.hears(case_id, "paid", times=2)
    await platform.seen(case_id, DELIVERED, n=2)
    await platform.inspect(case_id, 2, 2)
    return case_id


async def stockless_reversed_then_paid_again(platform: Platform) -> UUID:
    """There was no stock, and its buyer did not want to wait."""
    case_id = await platform.apply_to_exchange(1000, fallback=["refund"])
    await platform.approve(case_id)
    await platform.seen(case_id, DELIVERED)
    await platform.inspect(case_id, 2, 2)
    await _taken_back(platform, case_id)
    await platform.resume(case_id, action="retry")
    return case_id


async def repair_reversed_then_paid_again(platform: Platform) -> UUID:
    case_id = await _repair(platform)
    await platform.resume(case_id, action="retry")
    return case_id


async def repair_reversed_then_given_up(platform: Platform) -> UUID:
    case_id = await _repair(platform)
    await platform.resume(case_id, action="give_up")
    return case_id


PATHS = (
    refund_reversed_then_paid_again,
    return_reversed_then_paid_again,
    exchange_reversed_then_paid_again,
    exchange_reversed_then_settled,
    exchange_reversed_then_given_up,
    exchange_reversed_on_its_way,
    refunded_then_reversed,
    stockless_reversed_then_paid_again,
    repair_reversed_then_paid_again,
    repair_reversed_then_given_up,
)
