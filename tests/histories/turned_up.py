"""The ways of cases whose goods came in after all while a person was asked where they are, and of
those that were rejected with the goods on the shelf: see `tests.histories.record`.
"""

from uuid import UUID

from domain.parcels import ParcelStatus
from tests.workflows.platform import Platform, eventually
from tests.workflows.workbench import COVERED, Workbench

PICKED_UP, DELIVERED, BACK = (
    ParcelStatus.PICKED_UP,
    ParcelStatus.DELIVERED,
    ParcelStatus.RETURN_TO_SENDER,
)


async def _astray(platform: Platform, case_id: UUID) -> None:
    await platform.approve(case_id)
    await platform.seen(case_id, BACK)
    await platform.reaches(case_id, "needs_attention")


async def _silent(platform: Platform, case_id: UUID) -> None:
    await platform.approve(case_id)
    await platform.seen(case_id, PICKED_UP)
    await eventually(lambda: platform.waits_for(case_id, "carrier"), "the carrier has it")
    await platform.pass_hours(10 * 24 + 1)
    await platform.reaches(case_id, "needs_attention")


async def astray_then_delivered(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    await _astray(platform, case_id)
    await platform.seen(case_id, DELIVERED)
    await eventually(lambda: platform.waits_for(case_id, "warehouse"), "it goes on by itself")
    await platform.inspect(case_id, 2, 2)
    return case_id


async def silent_then_counted(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    await _silent(platform, case_id)
    await platform.inspect(case_id, 2, 2)
    return case_id


async def exchange_silent_then_delivered(platform: Platform) -> UUID:
    platform.count("NEW1", 2)
    case_id = await platform.apply_to_exchange(1000)
    await _silent(platform, case_id)
    await platform.seen(case_id, DELIVERED)
    await platform.inspect(case_id, 2, 2)
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def repair_astray_then_diagnosed(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.asked()
    await _astray(platform, case_id)
    await bench.diagnose(case_id, COVERED)
    await platform.hears(case_id, "work_taken")
    await bench.repaired(case_id)
    await platform.seen(case_id, DELIVERED, n=2)
    return case_id


async def _rejected_at_last(platform: Platform, case_id: UUID) -> None:
    """Who approved it is gone before it is paid; the next auditor says no, and the goods go back
    from the shelf.
    """
    platform.shop.revoke("lea", platform.now())
    await platform.inspect(case_id, 2, 2)
    await platform.hears(case_id, "restocked")
    await platform.reaches(case_id, "awaiting_second_audit")
    platform.shop.reject(case_id, platform.shop.other_lead, platform.now())
    await platform.deliver()
    await platform.seen(case_id, DELIVERED, n=2)


async def return_rejected_at_last(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.seen(case_id, DELIVERED)
    await _rejected_at_last(platform, case_id)
    return case_id


async def exchange_rejected_at_last(platform: Platform) -> UUID:
    platform.count("NEW1", 2)
    case_id = await platform.exchange_underway(700)
    await _rejected_at_last(platform, case_id)
    return case_id


PATHS = (
    astray_then_delivered,
    silent_then_counted,
    exchange_silent_then_delivered,
    repair_astray_then_diagnosed,
    return_rejected_at_last,
    exchange_rejected_at_last,
)
