"""Where a parcel is, by whatever its carrier has said of it, in whatever order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.parcels import CLOCK_TOLERANCE, Direction, ParcelStatus, Sighting, may_be_of, status_of

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
DELIVERED, BACK = ParcelStatus.DELIVERED, ParcelStatus.RETURN_TO_SENDER
CANCELLED, PICKED_UP = ParcelStatus.CANCELLED, ParcelStatus.PICKED_UP

sightings = st.builds(
    Sighting,
    st.sampled_from(ParcelStatus),
    st.integers(0, 4).map(lambda hours: START + timedelta(hours=hours)),
)


def told(*statuses: ParcelStatus) -> list[Sighting]:
    """One report an hour."""
    return [Sighting(status, START + timedelta(hours=n)) for n, status in enumerate(statuses)]


@given(st.lists(sightings, max_size=5), st.sampled_from(Direction))
def test_neither_order_nor_repetition_matters(seen: list[Sighting], way: Direction) -> None:
    said = status_of(seen, way)
    assert {status_of(order, way) for order in permutations(seen)} == {said}
    assert status_of([*seen, *seen], way) is said


@given(st.lists(sightings, min_size=1, max_size=5))
def test_no_delivered_parcel_is_unseen(seen: list[Sighting]) -> None:
    delivered = [each.at for each in seen if each.status is DELIVERED]
    turned = [each.at for each in seen if each.status is BACK]
    here = bool(delivered) and not any(at > max(delivered) for at in turned)
    assert (status_of(seen) is DELIVERED) == here


@given(st.lists(sightings, min_size=1, max_size=5))
def test_what_turned_back_on_its_way_to_a_buyer_has_not_reached_them(seen: list[Sighting]) -> None:
    turned = any(each.status is BACK for each in seen)
    assert (status_of(seen, Direction.OUTBOUND) is BACK) == turned


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ((), ParcelStatus.PENDING),
        ((CANCELLED, PICKED_UP), PICKED_UP),
        ((CANCELLED, PICKED_UP, DELIVERED), DELIVERED),
        ((PICKED_UP, CANCELLED), CANCELLED),
        ((PICKED_UP, CANCELLED, DELIVERED), DELIVERED),
        ((DELIVERED, CANCELLED, ParcelStatus.IN_TRANSIT), DELIVERED),
        ((DELIVERED, BACK), BACK),
        ((DELIVERED, BACK, ParcelStatus.IN_TRANSIT), BACK),
        ((DELIVERED, BACK, DELIVERED), DELIVERED),
    ],
)
def test_the_last_word_counts_and_delivered_only_yields_to_its_way_back(
    statuses: tuple[ParcelStatus, ...], said: ParcelStatus
) -> None:
    assert status_of(told(*statuses)) is said


def test_of_one_moment_what_a_carrier_has_in_its_hands_outranks_that_it_was_cancelled() -> None:
    assert status_of([Sighting(CANCELLED, START), Sighting(PICKED_UP, START)]) is PICKED_UP


def test_reports_from_long_before_a_parcel_are_not_of_it() -> None:
    assert may_be_of(START - CLOCK_TOLERANCE, START)
    assert not may_be_of(START - CLOCK_TOLERANCE - timedelta(seconds=1), START)
