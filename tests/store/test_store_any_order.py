"""A carrier's reports in any order: no delivered parcel is unseen, and none is taken for here."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.parcels import ParcelStatus, Sighting, status_of
from tests.shop import NOW
from tests.store.dock import MINUTE, Dock, booking
from tests.store.till import Till

PICKED_UP, MOVING, HERE, BACK, CANCELLED = (
    ParcelStatus.PICKED_UP,
    ParcelStatus.IN_TRANSIT,
    ParcelStatus.DELIVERED,
    ParcelStatus.RETURN_TO_SENDER,
    ParcelStatus.CANCELLED,
)
numbers = count(1)


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


def told(*statuses: ParcelStatus) -> list[Sighting]:
    """One report a minute."""
    return [Sighting(status, NOW + n * MINUTE) for n, status in enumerate(statuses)]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.sampled_from([CANCELLED, PICKED_UP, HERE, BACK, *ParcelStatus]), min_size=5, max_size=5
    ),
    st.permutations(range(5)),
)
def test_whatever_the_order_goods_that_are_here_are_to_be_counted(
    dock: Dock, statuses: list[ParcelStatus], order: Sequence[int]
) -> None:
    number = f"N{next(numbers)}"
    case_id = dock.collected(dock.approved(order_id=f"o{number}"), number)
    seen = told(*statuses)
    for each in (seen[n] for n in order):
        dock.seen(each.status, each.at, number, now=NOW + timedelta(hours=1))
    case = dock.case(case_id)
    said = status_of(seen)
    assert (case.stage == "awaiting_inspection") == (said is HERE)
    assert said is not BACK or case.attention == "parcel_astray"


def test_what_was_cancelled_and_comes_all_the_same_is_counted(dock: Dock) -> None:
    case_id = dock.collected(dock.approved())
    stands = []
    for each in told(CANCELLED, PICKED_UP, HERE):
        dock.seen(each.status, each.at)
        stands.append(dock.stands(case_id)[:2])
    assert stands == [
        ("awaiting_parcel", "buyer"),
        ("awaiting_parcel", "carrier"),
        ("awaiting_inspection", "warehouse"),
    ]


def test_what_its_carrier_has_and_cancels_is_a_persons(dock: Dock) -> None:
    case_id = dock.collected(dock.approved())
    for each in told(PICKED_UP, CANCELLED):
        dock.seen(each.status, each.at)
    assert dock.case(case_id).attention == "parcel_astray"


def test_goods_that_turn_back_from_the_door_are_not_here(dock: Dock) -> None:
    case_id = dock.collected(dock.approved())
    attention = []
    for each in told(HERE, BACK, MOVING, HERE):
        dock.seen(each.status, each.at)
        attention.append(dock.case(case_id).attention)
    assert attention == [None, "parcel_astray", "parcel_astray", None]
    assert dock.stands(case_id)[0] == "awaiting_inspection"


@pytest.mark.parametrize("order", [(BACK, HERE), (HERE, BACK)])
def test_a_parcel_to_a_buyer_that_turned_back_is_a_persons_in_either_order(
    dock: Dock, order: tuple[ParcelStatus, ...]
) -> None:
    case_id = dock.collected(dock.approved())
    dock.inspect(case_id, 2, 0)
    dock.offer(case_id, 0)
    dock.done(case_id, booking("OUT1"))
    times = {BACK: NOW + MINUTE, HERE: NOW + 2 * MINUTE}
    for status in order:
        dock.seen(status, times[status], "OUT1")
    if order[0] is BACK:
        assert dock.case(case_id).attention == "parcel_astray"
    else:  # its case was closed by then: what comes back to the shop is counted there
        assert dock.stands(case_id)[0] == "completed"
        assert [event.what for event in dock.till.events(case_id)][-1] == "parcel_return_to_sender"
        assert [arrival.action for arrival in dock.arrivals(case_id)] == [None]
