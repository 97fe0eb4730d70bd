"""A carrier that reports nothing is asked, not too often, and believed as if it had reported."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from activities.tracking import Tracking
from domain.parcels import ParcelStatus, Sighting
from tests.shop import NOW, Shop
from tests.store.dock import Dock
from tests.store.till import Till

LATER = NOW + timedelta(minutes=30)


@dataclass
class SilentCarrier:
    name: str = "sandbox"
    seen: list[Sighting] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def sightings(self, tracking_number: str) -> list[Sighting]:
        self.asked.append(tracking_number)
        return self.seen


@dataclass
class Watch:
    carrier: SilentCarrier
    tracking: Tracking
    now: datetime = LATER


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return Dock(Till(shop))


@pytest.fixture
def watch(shop: Shop) -> Watch:
    carrier = SilentCarrier()
    found = Watch(carrier, Tracking(shop.database, shop.policy, carrier, lambda: found.now))
    return found


def test_what_it_says_moves_the_case_on_and_is_heard_once(dock: Dock, watch: Watch) -> None:
    case_id = dock.collected(dock.approved())
    watch.carrier.seen = [
        Sighting(ParcelStatus.DELIVERED, NOW + timedelta(hours=1)),
        Sighting(ParcelStatus.PICKED_UP, NOW),
    ]
    assert watch.tracking.look() == 1
    assert dock.stands(case_id) == ("awaiting_inspection", "warehouse", 0)
    version = dock.case(case_id).version
    watch.now += timedelta(hours=1)
    watch.tracking.look()
    assert dock.case(case_id).version == version


def test_it_is_asked_every_half_hour_and_no_more_often(dock: Dock, watch: Watch) -> None:
    dock.collected(dock.approved())
    watch.now = LATER - timedelta(seconds=1)
    assert watch.tracking.look() == 0
    watch.now = LATER
    assert [watch.tracking.look(), watch.tracking.look()] == [1, 0]
    watch.now += timedelta(minutes=30)
    assert watch.tracking.look() == 1


def test_nobody_asks_about_parcels_that_are_here_lost_or_no_longer_awaited(
    dock: Dock, watch: Watch
) -> None:
    case_id = dock.collected(dock.approved())
    dock.seen(ParcelStatus.DELIVERED)
    cancelled = dock.collected(dock.approved(order_id="o2"), "TRK2")
    dock.shop.cancel(cancelled)
    assert watch.tracking.look() == 0
    assert dock.stands(case_id)[0] == "awaiting_inspection"


def test_goods_that_may_still_come_to_a_closed_case_are_asked_about_once_a_day(
    dock: Dock, watch: Watch
) -> None:
    case_id = dock.collected(dock.approved())
    dock.shop.cancel(case_id)
    watch.now = NOW + timedelta(days=1)
    watch.carrier.seen = [Sighting(ParcelStatus.DELIVERED, watch.now)]
    assert [watch.tracking.look(), watch.tracking.look()] == [1, 0]
    assert len(dock.arrivals(case_id)) == 1
    other = dock.collected(dock.approved(order_id="o2"), "TRK2")
    dock.shop.cancel(other)
    watch.now = NOW + timedelta(days=31)
    assert watch.tracking.look() == 0


def test_another_carriers_parcels_are_not_its_business(dock: Dock, watch: Watch) -> None:
    dock.ship(dock.approved())
    assert watch.tracking.look() == 0
