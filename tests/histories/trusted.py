"""The ways of a return refunded first, for their histories: see `tests.histories.record`."""

from uuid import UUID

from domain.parcels import ParcelStatus
from tests.workflows.platform import Platform
from tests.workflows.trust import has_returned, refunded_first


async def refunded_then_returned(platform: Platform) -> UUID:
    await has_returned(platform)
    case_id = await refunded_first(platform)
    await platform.seen(case_id, ParcelStatus.DELIVERED, n=2)
    await platform.inspect(case_id, 2, 2)
    return case_id


async def refunded_then_charged(platform: Platform) -> UUID:
    await has_returned(platform)
    case_id = await refunded_first(platform)
    await platform.seen(case_id, ParcelStatus.DELIVERED, n=2)
    await platform.inspect(case_id, 2, 1)
    await platform.pays_bill(case_id)
    await platform.hears(case_id, "dispatched")
    await platform.seen(case_id, ParcelStatus.DELIVERED, n=3)
    return case_id


async def never_sent_then_charged(platform: Platform) -> UUID:
    await has_returned(platform)
    case_id = await refunded_first(platform)
    await platform.pass_hours(7 * 24 + 1)
    await platform.pays_bill(case_id)
    return case_id


PATHS = (refunded_then_returned, refunded_then_charged, never_sent_then_charged)
