"""A parcel to the buyer that does not get there: it is sent once more, and counts no longer."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.parcels import ParcelStatus
from tests.shop import NOW
from tests.store.dock import MINUTE, Dock, booking
from tests.store.till import Till


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


@pytest.fixture
def going_back(dock: Dock) -> UUID:
    """A return of which nothing was accepted, on its way to the buyer again."""
    case_id = dock.collected(dock.approved())
    dock.seen(ParcelStatus.DELIVERED)
    dock.inspect(case_id, 2, 0)
    dock.offer(case_id, 0)
    dock.done(case_id, booking("OUT1"), NOW + MINUTE)
    return case_id


@pytest.mark.parametrize("status", [ParcelStatus.RETURN_TO_SENDER, ParcelStatus.CANCELLED])
def test_what_its_carrier_does_not_bring_is_sent_once_more(
    dock: Dock, going_back: UUID, status: ParcelStatus
) -> None:
    dock.seen(status, number="OUT1")
    case = dock.case(going_back)
    assert (case.stage, case.attention) == ("needs_attention", "parcel_astray")
    dock.shop.resume(going_back, action="retry", note="another service")
    dock.done(going_back, booking("OUT2"), NOW + 2 * MINUTE)
    assert dock.stands(going_back) == ("shipping", "carrier", 0)
    dock.seen(ParcelStatus.DELIVERED, NOW + 2 * MINUTE, number="OUT2")
    assert dock.case(going_back).outcome == "sent_back"


@pytest.mark.parametrize("booked", [False, True])
def test_the_parcel_that_came_back_to_the_shop_does_not_end_the_case(
    dock: Dock, going_back: UUID, booked: bool
) -> None:
    dock.seen(ParcelStatus.RETURN_TO_SENDER, number="OUT1")
    dock.shop.resume(going_back, action="retry", note="it is here tomorrow")
    if booked:
        dock.done(going_back, booking("OUT2"), NOW + 2 * MINUTE)
    dock.seen(ParcelStatus.DELIVERED, NOW + timedelta(days=1), number="OUT1")
    assert dock.stands(going_back) == ("shipping", "carrier", 0)


def test_a_carrier_that_is_only_silent_is_not_sent_another(dock: Dock, going_back: UUID) -> None:
    dock.seen(ParcelStatus.IN_TRANSIT, number="OUT1")
    dock.days_pass(going_back, 10)
    dock.shop.resume(going_back, action="retry", note="they are looking")
    assert dock.idle(going_back)
    dock.seen(ParcelStatus.DELIVERED, NOW + timedelta(days=11), number="OUT1")
    assert dock.case(going_back).outcome == "sent_back"
