"""The ways of a repair, for their histories: see `tests.histories.record`."""

from uuid import UUID

from tests.workflows.platform import Platform, eventually
from tests.workflows.workbench import COVERED, HOPELESS, NOT_COVERED, Workbench


async def repaired(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, COVERED)
    await platform.hears(case_id, "work_taken")
    await bench.repaired(case_id)
    await bench.arrives(case_id)
    return case_id


async def repaired_and_paid(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await bench.quote(case_id, accepted=True)
    await platform.hears(case_id, "work_taken")
    await bench.repaired(case_id)
    await bench.pay(case_id)
    await bench.arrives(case_id)
    return case_id


async def quote_declined(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await bench.quote(case_id, accepted=False)
    await bench.arrives(case_id)
    return case_id


async def quote_lapsed(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await eventually(lambda: platform.waits_for(case_id, "buyer"), "the buyer is asked")
    await platform.pass_hours(7 * 24 + 1)
    await bench.arrives(case_id)
    return case_id


async def refunded_unrepaired(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, HOPELESS)
    await bench.choose(case_id, "refund")
    return case_id


async def swapped(platform: Platform) -> UUID:
    bench = Workbench(platform)
    bench.stock("SKU1", 1)
    case_id = await bench.brought(fallback=["swap", "refund"])
    await bench.diagnose(case_id, HOPELESS)
    await bench.arrives(case_id)
    return case_id


async def swap_out_of_stock(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought(fallback=["swap", "refund"])
    await bench.diagnose(case_id, HOPELESS)
    return case_id


async def repair_rejected(platform: Platform) -> UUID:
    case_id = await Workbench(platform).asked()
    platform.shop.reject(case_id, now=platform.now())
    return case_id


async def repair_expired(platform: Platform) -> UUID:
    case_id = await Workbench(platform).asked()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.pass_hours(7 * 24 + 1)
    return case_id


async def repair_cancelled(platform: Platform) -> UUID:
    case_id = await Workbench(platform).asked()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    platform.shop.cancel(case_id, platform.now())
    return case_id


PATHS = (
    repaired,
    repaired_and_paid,
    quote_declined,
    quote_lapsed,
    refunded_unrepaired,
    swapped,
    swap_out_of_stock,
    repair_rejected,
    repair_expired,
    repair_cancelled,
)
