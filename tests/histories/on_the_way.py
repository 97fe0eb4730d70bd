"""The ways of cases whose parcels were lost, went astray or were not taken, for their histories:
see `tests.histories.record`.
"""

from uuid import UUID

from domain.parcels import ParcelStatus
from tests.workflows.carrier import NOT_SERVED
from tests.workflows.platform import Platform, eventually
from tests.workflows.trust import has_returned, refunded_first
from tests.workflows.workbench import COVERED, NOT_COVERED, Workbench

PICKED_UP, DELIVERED, BACK = (
    ParcelStatus.PICKED_UP,
    ParcelStatus.DELIVERED,
    ParcelStatus.RETURN_TO_SENDER,
)


async def _silent_then_lost(platform: Platform, case_id: UUID, n: int) -> UUID:
    """The carrier has had the n-th parcel, is silent for too long, and has lost it."""
    await platform.seen(case_id, PICKED_UP, n)
    await eventually(lambda: platform.waits_for(case_id, "carrier"), "the carrier has it")
    await platform.pass_hours(10 * 24 + 1)
    await platform.reaches(case_id, "needs_attention")
    await platform.lose(case_id)
    return case_id


async def _comes_back_and_is_sent_again(platform: Platform, case_id: UUID) -> UUID:
    """The second parcel does not get to the buyer; the third does."""
    await platform.seen(case_id, BACK, n=2)
    await platform.reaches(case_id, "needs_attention")
    await platform.resume(case_id, action="retry", note="it is here, another service")
    await platform.seen(case_id, DELIVERED, n=3)
    return case_id


async def _refused_return(platform: Platform) -> UUID:
    """A return of which nothing was accepted, and all is to go back."""
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.seen(case_id, DELIVERED)
    await platform.inspect(case_id, 2, 0)
    return case_id


async def dispatch_refused_then_taken(platform: Platform) -> UUID:
    case_id = await _refused_return(platform)
    platform.carrier.answers(NOT_SERVED)
    await platform.offer(case_id, 0)
    await platform.reaches(case_id, "needs_attention")
    await platform.resume(case_id, action="retry", note="another service")
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def lost_on_its_way_back(platform: Platform) -> UUID:
    case_id = await _refused_return(platform)
    await platform.offer(case_id, 0)
    return await _silent_then_lost(platform, case_id, n=2)


async def astray_then_given_up(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.seen(case_id, BACK)
    await platform.reaches(case_id, "needs_attention")
    await platform.resume(case_id, action="give_up")
    return case_id


async def refunded_then_lost(platform: Platform) -> UUID:
    await has_returned(platform)
    case_id = await refunded_first(platform)
    return await _silent_then_lost(platform, case_id, n=2)


async def exchange_lost_on_its_way_in(platform: Platform) -> UUID:
    platform.count("NEW1", 2)
    case_id = await platform.apply_to_exchange(1000)
    await platform.approve(case_id)
    return await _silent_then_lost(platform, case_id, n=1)


async def replacement_lost(platform: Platform) -> UUID:
    """Its buyer had paid the difference, too."""
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(1300)
    await platform.inspect(case_id, 2, 2)
    await platform.pays_bill(case_id)
    await _silent_then_lost(platform, case_id, n=2)
    await platform.hears(case_id, "bill_paid_back")
    return case_id


async def replacement_sent_again(platform: Platform) -> UUID:
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(1000)
    await platform.inspect(case_id, 2, 2)
    return await _comes_back_and_is_sent_again(platform, case_id)


async def repair_lost_on_its_way_in(platform: Platform) -> UUID:
    case_id = await Workbench(platform).asked()
    await platform.approve(case_id)
    return await _silent_then_lost(platform, case_id, n=1)


async def repaired_unit_lost(platform: Platform) -> UUID:
    """Its buyer had paid for the repair, too."""
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await bench.quote(case_id, accepted=True)
    await platform.hears(case_id, "work_taken")
    await bench.repaired(case_id)
    await bench.pay(case_id)
    await _silent_then_lost(platform, case_id, n=2)
    await platform.hears(case_id, "bill_paid_back")
    return case_id


async def repaired_unit_sent_again(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, COVERED)
    await platform.hears(case_id, "work_taken")
    await bench.repaired(case_id)
    return await _comes_back_and_is_sent_again(platform, case_id)


PATHS = (
    dispatch_refused_then_taken,
    lost_on_its_way_back,
    astray_then_given_up,
    refunded_then_lost,
    exchange_lost_on_its_way_in,
    replacement_lost,
    replacement_sent_again,
    repair_lost_on_its_way_in,
    repaired_unit_lost,
    repaired_unit_sent_again,
)
