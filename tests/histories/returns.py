"""The ways of a return, for their histories: see `tests.histories.record`."""

from uuid import UUID

from domain.parcels import ParcelStatus
from tests.workflows.platform import Platform, eventually


async def _underway(platform: Platform) -> UUID:
    """A return whose parcel was delivered."""
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.seen(case_id, ParcelStatus.PICKED_UP)
    await platform.seen(case_id, ParcelStatus.DELIVERED)
    return case_id


async def returned(platform: Platform) -> UUID:
    case_id = await _underway(platform)
    await platform.inspect(case_id, 2, 2)
    return case_id


async def return_expired(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.pass_hours(7 * 24 + 1)
    return case_id


async def return_cancelled(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    platform.shop.cancel(case_id, platform.now())
    return case_id


async def return_rejected(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    platform.shop.reject(case_id, now=platform.now())
    return case_id


async def offer_accepted(platform: Platform) -> UUID:
    case_id = await _underway(platform)
    await platform.inspect(case_id, 2, 1)
    await platform.offer(case_id, 200)
    await platform.answer(case_id, accepted=True)
    return case_id


async def offer_declined(platform: Platform) -> UUID:
    case_id = await _underway(platform)
    await platform.inspect(case_id, 2, 1)
    await platform.offer(case_id, 200)
    await platform.answer(case_id, accepted=False)
    await platform.hears(case_id, "dispatched")
    await platform.seen(case_id, ParcelStatus.DELIVERED, n=2)
    return case_id


async def sent_back(platform: Platform) -> UUID:
    case_id = await _underway(platform)
    await platform.inspect(case_id, 2, 0)
    await platform.offer(case_id, 0)
    await platform.hears(case_id, "dispatched")
    await platform.seen(case_id, ParcelStatus.DELIVERED, n=2)
    return case_id


async def empty_box(platform: Platform) -> UUID:
    case_id = await _underway(platform)
    await platform.inspect(case_id, 0, 0)
    await platform.offer(case_id, 0)
    return case_id


async def silent_then_lost(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.seen(case_id, ParcelStatus.PICKED_UP)
    await eventually(lambda: platform.waits_for(case_id, "carrier"), "the carrier has it")
    await platform.pass_hours(10 * 24 + 1)
    await platform.reaches(case_id, "needs_attention")
    await platform.lose(case_id)
    return case_id


PATHS = (
    returned,
    return_expired,
    return_cancelled,
    return_rejected,
    offer_accepted,
    offer_declined,
    sent_back,
    empty_box,
    silent_then_lost,
)
