"""Tracking numbers: whose they are, since when, and what becomes of one that was named wrongly."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain import goods_messages
from domain.goods_messages import ParcelNumber
from domain.parcels import ParcelStatus
from domain.people import Actor
from store.goods.shipments import ship
from tests.shop import NOW
from tests.store.dock import MINUTE, Dock, booking
from tests.store.till import Till, refused

MARCH = NOW - timedelta(days=250)
PENDING, MOVING, HERE, CANCELLED = (
    ParcelStatus.PENDING,
    ParcelStatus.IN_TRANSIT,
    ParcelStatus.DELIVERED,
    ParcelStatus.CANCELLED,
)


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


def correct(
    dock: Dock, case_id: UUID, right: str = "OWN2", wrong: str = "OWN1", by: Actor | None = None
) -> None:
    wrongly = ParcelNumber(carrier="post", tracking_number=wrong)
    word = goods_messages.Shipment(carrier="post", tracking_number=right, corrects=wrongly)
    who = by or dock.shop.storefront
    later = NOW + 2 * MINUTE
    dock.shop.database.run(lambda s: ship(s, case_id, word, who, dock.shop.policy, later))


@pytest.mark.parametrize("booked", [True, False])
def test_what_was_reported_of_an_older_parcel_with_the_number_moves_nothing(
    dock: Dock, booked: bool
) -> None:
    dock.seen(HERE, MARCH, "OWN1", "post")
    case_id = dock.approved()
    if booked:
        dock.done(case_id, booking("OWN1"))
        dock.seen(HERE, MARCH, "OWN1", "sandbox")
        waits = "buyer"
    else:
        dock.ship(case_id)
        dock.seen(HERE, MARCH + timedelta(days=1), "OWN1", "post", now=NOW)
        waits = "carrier"
    assert dock.stands(case_id) == ("awaiting_parcel", waits, 0)


def test_a_report_within_the_tolerance_for_clocks_counts(dock: Dock) -> None:
    case_id = dock.collected(dock.approved())
    dock.seen(HERE, NOW - timedelta(hours=14), now=NOW)
    assert dock.stands(case_id)[0] == "awaiting_inspection"


def test_the_number_of_a_closed_case_is_free_for_a_later_buyer(dock: Dock) -> None:
    expired = dock.approved()
    dock.ship(expired)
    dock.seen(CANCELLED, NOW + 2 * MINUTE, "OWN1", "post")
    dock.days_pass(expired, 8)
    assert dock.stands(expired)[0] == "expired"
    later = dock.approved(order_id="o2")
    dock.ship(later)
    dock.seen(HERE, NOW + timedelta(days=9), "OWN1", "post")
    assert dock.stands(later)[0] == "awaiting_inspection"
    assert dock.stands(expired)[0] == "expired"


def test_the_number_of_a_delivered_parcel_is_free_and_its_reports_stay_its_own(dock: Dock) -> None:
    case_id = dock.approved()
    dock.ship(case_id)
    dock.seen(HERE, NOW + 2 * MINUTE, "OWN1", "post")
    other = dock.approved(order_id="o2")
    dock.ship(other)
    assert dock.stands(case_id)[0] == "awaiting_inspection"
    assert dock.stands(other) == ("awaiting_parcel", "carrier", 0)


def test_a_pickup_that_was_booked_for_a_closed_case_keeps_no_number(dock: Dock) -> None:
    case_id = dock.approved()
    pickup = dock.effect(case_id)
    dock.shop.cancel(case_id)
    dock.said(pickup, booking("TRK1"))
    other = dock.approved(order_id="o2")
    dock.ship(other, "TRK1", "sandbox")
    dock.seen(HERE, NOW + 2 * MINUTE, "TRK1")
    assert dock.stands(other)[0] == "awaiting_inspection"


def test_one_number_at_two_carriers_is_two_parcels(dock: Dock) -> None:
    mine, other = dock.approved(), dock.approved(order_id="o2")
    dock.ship(mine, "N1", "post")
    dock.ship(other, "N1", "sandbox")
    dock.seen(HERE, NOW + 2 * MINUTE, "N1", "sandbox")
    assert dock.stands(mine)[0] == "awaiting_parcel"
    assert dock.stands(other)[0] == "awaiting_inspection"


def test_a_carrier_that_gives_a_number_anew_is_believed(dock: Dock) -> None:
    first = dock.collected(dock.approved(), "TRK1")
    second = dock.approved(order_id="o2")
    later = NOW + timedelta(days=1)
    dock.done(second, booking("TRK1"), later)
    dock.seen(HERE, later)
    assert dock.stands(first)[0] == "awaiting_parcel"
    assert dock.stands(second)[0] == "awaiting_inspection"


@pytest.mark.parametrize("by_lead", [True, False])
def test_a_wrongly_named_parcel_is_named_anew(dock: Dock, by_lead: bool) -> None:
    case_id = dock.approved()
    dock.ship(case_id)
    dock.seen(PENDING, NOW + MINUTE, "OWN1", "post")
    dock.seen(MOVING, NOW + MINUTE, "OWN2", "post")
    correct(dock, case_id, by=dock.shop.lead if by_lead else None)
    correct(dock, case_id)
    (parcel,) = dock.parcels(case_id)
    assert (parcel.tracking_number, parcel.status) == ("OWN2", "in_transit")
    assert dock.till.happened(case_id).count("parcel_corrected") == 1
    dock.seen(HERE, NOW + 3 * MINUTE, "OWN1", "post")
    assert dock.stands(case_id) == ("awaiting_parcel", "carrier", 0)
    dock.seen(HERE, NOW + 3 * MINUTE, "OWN2", "post")
    assert dock.stands(case_id)[0] == "awaiting_inspection"


def test_a_number_stands_once_its_carrier_has_had_the_parcel(dock: Dock) -> None:
    case_id = dock.approved()
    dock.ship(case_id)
    dock.seen(MOVING, NOW + 2 * MINUTE, "OWN1", "post")
    with refused("parcel-underway"):
        correct(dock, case_id)


def test_a_case_whose_wrong_number_was_never_heard_of_goes_on_with_the_right_one(
    dock: Dock,
) -> None:
    case_id = dock.approved()
    dock.ship(case_id)
    dock.days_pass(case_id, 11)
    assert dock.case(case_id).attention == "parcel_silent"
    correct(dock, case_id)
    assert dock.stands(case_id) == ("awaiting_parcel", "carrier", 0)


def test_only_its_own_parcel_and_only_a_buyers_is_corrected(dock: Dock) -> None:
    other = dock.approved(order_id="o2")
    dock.ship(other, "THEIRS")
    case_id = dock.collected(dock.approved(), "TRK1")
    dock.ship(case_id)
    with refused("unknown-parcel"):
        correct(dock, case_id, wrong="THEIRS")
    with refused("parcel-known"):
        correct(dock, case_id, right="THEIRS")
    with refused("forbidden"):
        correct(dock, case_id, by=dock.shop.warehouse)
