"""The ways of cases with goods whose money met a person, for their histories: see
`tests.histories.record`.
"""

from uuid import UUID

from domain.parcels import ParcelStatus
from store.inbox import Report, receive
from tests.workflows.gateway import DECLINED
from tests.workflows.platform import Platform
from tests.workflows.workbench import HOPELESS, Workbench

DELIVERED = ParcelStatus.DELIVERED


async def _return_declined(platform: Platform) -> UUID:
    """A return whose goods are here and whose payout was declined."""
    platform.card.answers_send(DECLINED)
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.seen(case_id, DELIVERED)
    await platform.inspect(case_id, 2, 2)
    await platform.reaches(case_id, "needs_attention")
    return case_id


async def return_settled(platform: Platform) -> UUID:
    case_id = await _return_declined(platform)
    await platform.resume(case_id, action="settle", reference="bank-77")
    return case_id


async def return_given_up(platform: Platform) -> UUID:
    case_id = await _return_declined(platform)
    await platform.resume(case_id, action="give_up")
    return case_id


async def return_reversed_then_settled(platform: Platform) -> UUID:
    """The second run of a return: started by the gateway's news, ended by a person."""
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.seen(case_id, DELIVERED)
    await platform.inspect(case_id, 2, 2)
    await platform.ends(case_id)
    platform.card.answers_ask(DECLINED)
    payout = platform.payouts(case_id)[0]
    news = Report("stripe", "evt_1", "refund.failed", "failed", payout.payout_id)
    platform.database.run(lambda session: receive(session, news, platform.now()))
    await platform.deliver()
    await platform.hears(case_id, "payout_reversed")
    await platform.resume(case_id, action="settle", reference="bank-77")
    return case_id


async def _difference_declined(platform: Platform) -> UUID:
    """An exchange for something cheaper, whose difference was declined."""
    platform.card.answers_send(DECLINED)
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(700)
    await platform.inspect(case_id, 2, 2)
    await platform.reaches(case_id, "needs_attention")
    return case_id


async def exchange_settled(platform: Platform) -> UUID:
    """Settled by hand, the replacement leaves all the same."""
    case_id = await _difference_declined(platform)
    await platform.resume(case_id, action="settle", reference="bank-77")
    await platform.hears(case_id, "dispatched")
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def exchange_given_up(platform: Platform) -> UUID:
    case_id = await _difference_declined(platform)
    await platform.resume(case_id, action="give_up")
    return case_id


async def _repair_declined(platform: Platform) -> UUID:
    """A repair that came to a refund, which was declined."""
    platform.card.answers_send(DECLINED)
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, HOPELESS)
    await bench.choose(case_id, "refund")
    await platform.reaches(case_id, "needs_attention")
    return case_id


async def repair_settled(platform: Platform) -> UUID:
    case_id = await _repair_declined(platform)
    await platform.resume(case_id, action="settle", reference="bank-77")
    return case_id


async def repair_given_up(platform: Platform) -> UUID:
    case_id = await _repair_declined(platform)
    await platform.resume(case_id, action="give_up")
    return case_id


PATHS = (
    return_settled,
    return_given_up,
    return_reversed_then_settled,
    exchange_settled,
    exchange_given_up,
    repair_settled,
    repair_given_up,
)
