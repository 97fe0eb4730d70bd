"""Goods that come in after all, while a person is asked where they are."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from domain.parcels import ParcelStatus
from tests.shop import NOW, exchange_body, order_body
from tests.store.bench import COVERED, Bench
from tests.store.dock import MINUTE, Dock, booking
from tests.store.till import Till

PICKED_UP, MOVING, BACK, HERE = (
    ParcelStatus.PICKED_UP,
    ParcelStatus.IN_TRANSIT,
    ParcelStatus.RETURN_TO_SENDER,
    ParcelStatus.DELIVERED,
)
INSPECTION = ("awaiting_inspection", "warehouse")
LATER = NOW + timedelta(days=11)


Goods = Callable[[Bench], UUID]
Parked = Callable[[Bench, UUID], UUID]


@pytest.fixture
def bench(till: Till) -> Bench:
    return Bench(till)


def a_return(bench: Bench) -> UUID:
    return bench.collected(bench.approved())


def an_exchange(bench: Bench) -> UUID:
    bench.stocked(0)
    bench.shop.sell("o1", order_body((2, 1000)))
    case_id = bench.shop.apply(exchange_body((1, 2), price=1000, fallback=["refund"])).case_id
    bench.shop.approve(case_id)
    bench.done(case_id)  # nothing is in stock
    return bench.collected(case_id)


def a_repair(bench: Bench) -> UUID:
    bench.sold()
    return bench.collected(bench.asked())


def silent(dock: Dock, case_id: UUID) -> UUID:
    dock.seen(PICKED_UP)
    dock.days_pass(case_id, 10)
    return case_id


def astray(dock: Dock, case_id: UUID) -> UUID:
    dock.seen(BACK)
    return case_id


parked = pytest.mark.parametrize("parked", [silent, astray])


@parked
@pytest.mark.parametrize("goods", [a_return, an_exchange, a_repair])
def test_a_carrier_that_has_brought_them_gets_the_case_going(
    bench: Bench, goods: Goods, parked: Parked
) -> None:
    case_id = parked(bench, goods(bench))
    assert bench.stands(case_id)[0] == "needs_attention"
    bench.seen(HERE, LATER)
    here = ("in_repair", "technician") if goods is a_repair else INSPECTION
    assert bench.stands(case_id)[:2] == here
    assert bench.case(case_id).attention is None


@parked
@pytest.mark.parametrize("goods", [a_return, an_exchange])
def test_a_warehouse_that_has_them_counts_them(bench: Bench, goods: Goods, parked: Parked) -> None:
    case_id = parked(bench, goods(bench))
    bench.inspect(case_id, 2, 2, LATER)
    assert bench.stands(case_id)[0] == "paying"
    assert bench.till.pay(case_id).outcome == "refunded"


@parked
def test_a_technician_who_has_it_diagnoses_it(bench: Bench, parked: Parked) -> None:
    case_id = parked(bench, a_repair(bench))
    bench.diagnose(case_id, COVERED, LATER)
    assert bench.stands(case_id)[0] == "in_repair"


@parked
def test_an_empty_box_goes_to_the_auditor(bench: Bench, parked: Parked) -> None:
    case_id = parked(bench, a_return(bench))
    bench.count(case_id, [], LATER)
    assert bench.stands(case_id) == ("awaiting_inspection", "auditor", 0)


def test_a_parcel_that_only_moves_on_its_way_back_stays_with_a_person(bench: Bench) -> None:
    case_id = astray(bench, a_return(bench))
    bench.seen(MOVING, LATER)
    assert bench.stands(case_id)[0] == "needs_attention"


@pytest.fixture
def going_back(bench: Bench) -> UUID:
    """A return that was counted before its carrier said so, and nothing accepted."""
    case_id = a_return(bench)
    bench.seen(PICKED_UP)
    bench.inspect(case_id, 2, 0)
    bench.offer(case_id, 0)
    bench.done(case_id, booking("OUT1"), NOW + MINUTE)
    return case_id


def test_a_late_word_about_goods_that_were_counted_changes_nothing(
    bench: Bench, going_back: UUID
) -> None:
    bench.seen(PICKED_UP, NOW + MINUTE, number="OUT1")
    bench.days_pass(going_back, 11)
    bench.seen(HERE, NOW)
    assert bench.case(going_back).attention == "parcel_silent"


def test_what_comes_back_to_the_shop_has_not_reached_its_buyer(
    bench: Bench, going_back: UUID
) -> None:
    bench.seen(BACK, NOW + MINUTE, number="OUT1")
    bench.seen(HERE, LATER, number="OUT1")
    assert bench.case(going_back).attention == "parcel_astray"
