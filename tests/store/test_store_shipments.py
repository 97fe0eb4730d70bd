"""Buyers who send the goods by themselves: whose parcel it is, and who is waited for then."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.parcels import ParcelStatus
from domain.policy_parts import Trusted
from tests.shop import NOW
from tests.store.dock import MINUTE, NO_ANSWER, Dock, booking
from tests.store.till import Till

ON_ITS_WAY, CANCELLED = ParcelStatus.IN_TRANSIT, ParcelStatus.CANCELLED


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


@pytest.fixture
def inbound(dock: Dock) -> UUID:
    """Two units for 10.00, with a pickup booked."""
    return dock.collected(dock.approved())


def test_a_parcel_that_its_buyer_has_named_waits_for_its_carrier(dock: Dock, inbound: UUID) -> None:
    dock.ship(inbound)
    assert dock.stands(inbound) == ("awaiting_parcel", "carrier", 0)
    assert dock.case(inbound).due_at == NOW + MINUTE + timedelta(days=10)
    dock.days_pass(inbound, 7)
    dock.inspect(inbound, 2, 2)
    assert dock.till.pay(inbound).paid == 1000


def test_a_named_parcel_that_no_carrier_knows_of_brings_a_person_in(
    dock: Dock, inbound: UUID
) -> None:
    dock.ship(inbound)
    dock.days_pass(inbound, 11)
    assert dock.case(inbound).attention == "parcel_silent"


def test_a_trusted_buyer_who_has_sent_the_goods_is_not_charged_for_them(till: Till) -> None:
    trusted = Trusted(good_returns=1, up_to={"GBP": 1000})
    till.shop.policy = till.shop.policy.model_copy(update={"trusted": trusted})
    dock = Dock(till)
    for order_id in ("o1", "o2"):
        case_id = dock.collected(dock.approved(order_id=order_id), order_id)
        if order_id == "o1":
            dock.inspect(case_id, 2, 2)
        till.pay(case_id)
    assert dock.stands(case_id) == ("awaiting_parcel", "buyer", 1000)
    dock.ship(case_id)
    dock.days_pass(case_id, 7)
    assert dock.stands(case_id) == ("awaiting_parcel", "carrier", 1000)


def test_a_pickup_that_was_called_off_does_not_have_the_buyer_waited_for_again(
    dock: Dock, inbound: UUID
) -> None:
    dock.ship(inbound)
    dock.done(inbound)
    dock.seen(ON_ITS_WAY, number="OWN1", carrier="post")
    dock.seen(CANCELLED, NOW + timedelta(hours=1), "TRK1")
    assert dock.stands(inbound) == ("awaiting_parcel", "carrier", 0)


def test_a_parcel_that_its_carrier_does_not_take_leaves_it_to_the_buyer_again(
    dock: Dock, inbound: UUID
) -> None:
    dock.ship(inbound)
    dock.done(inbound)
    dock.seen(CANCELLED, number="TRK1")
    dock.seen(CANCELLED, number="OWN1", carrier="post")
    assert dock.stands(inbound) == ("awaiting_parcel", "buyer", 0)


def test_a_pickup_that_is_booked_while_its_buyer_sends_the_goods_is_called_off(dock: Dock) -> None:
    case_id = dock.approved()
    pickup = dock.effect(case_id)
    dock.ship(case_id)
    dock.said(pickup, booking("TRK1"))
    assert dock.effect(case_id).action == "cancel_pickup"
    dock.done(case_id)
    assert dock.idle(case_id)


def test_a_pickup_whose_number_its_buyer_names_first_is_one_parcel(dock: Dock) -> None:
    case_id = dock.approved()
    dock.done(case_id, NO_ANSWER)
    dock.seen(ON_ITS_WAY, number="TRK1")
    dock.ship(case_id, "TRK1", "sandbox")
    dock.done(case_id, booking("TRK1"))
    assert dock.idle(case_id)
    assert [(p.tracking_number, p.status) for p in dock.parcels(case_id)] == [("TRK1", ON_ITS_WAY)]


def test_a_number_that_a_carrier_gives_to_a_pickup_is_not_the_one_who_named_it_before(
    dock: Dock,
) -> None:
    other = dock.approved(order_id="o2")
    dock.done(other, booking("TRK2"))
    dock.ship(other, "TRK1", "sandbox")
    case_id = dock.collected(dock.approved(), "TRK1")
    dock.seen(ParcelStatus.DELIVERED, number="TRK1")
    assert dock.stands(case_id)[0] == "awaiting_inspection"
    assert dock.stands(other)[0] == "awaiting_parcel"
    assert [p.tracking_number for p in dock.parcels(other)] == ["TRK2"]
