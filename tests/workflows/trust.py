"""How does a buyer come to be trusted, and refunded before the goods are back?"""

from uuid import UUID

from domain.parcels import ParcelStatus
from domain.policy_parts import Trusted
from tests.shop import order_body, return_body
from tests.workflows.platform import Platform


async def has_returned(platform: Platform) -> None:
    """The buyer has returned one unit, and that is enough to be trusted with 10.00."""
    platform.shop.sell("before", order_body((1, 300)), platform.now())
    case_id = await platform.apply_for(return_body((1, 1), order_id="before"))
    await platform.approve(case_id)
    await platform.seen(case_id, ParcelStatus.DELIVERED)
    await platform.inspect(case_id, 1, 1)
    await platform.ends(case_id)
    trusted = Trusted(good_returns=1, up_to={"GBP": 1000})
    platform.shop.policy = platform.shop.policy.model_copy(update={"trusted": trusted})


async def refunded_first(platform: Platform) -> UUID:
    """A return of two units for 10.00 that is paid, and whose pickup is booked."""
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "paid")
    await platform.hears(case_id, "pickup_booked")
    return case_id
