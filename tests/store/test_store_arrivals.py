"""Parcels that arrive although no case waits for them: seen, counted, sent back or kept."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from domain.parcels import ParcelStatus
from tests.shop import NOW, exchange_body, order_body
from tests.store.bench import COVERED, Bench
from tests.store.dock import MINUTE, REFUSED, booking
from tests.store.till import Till, refused

PICKED_UP, HERE, BACK = (
    ParcelStatus.PICKED_UP,
    ParcelStatus.DELIVERED,
    ParcelStatus.RETURN_TO_SENDER,
)
LATER = NOW + timedelta(days=20)
NOT_OURS = {"line": 1, "received": 2, "accepted": 0, "reason": "cancelled"}
RETURNED = {**NOT_OURS, "disposition": "send_back"}


@pytest.fixture
def bench(till: Till) -> Bench:
    return Bench(till)


def cancelled(bench: Bench, case_id: UUID) -> None:
    bench.shop.cancel(case_id)
    bench.done(case_id)  # the pickup is called off, in vain


def expired(bench: Bench, case_id: UUID) -> None:
    bench.days_pass(case_id, 8)
    bench.done(case_id)


def given_up(bench: Bench, case_id: UUID) -> None:
    bench.seen(PICKED_UP)
    bench.days_pass(case_id, 10)
    bench.shop.resume(case_id, action="give_up")


def lost(bench: Bench, case_id: UUID) -> None:
    bench.seen(PICKED_UP)
    bench.days_pass(case_id, 10)
    bench.lose(case_id)
    bench.till.pay(case_id)


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


Ends = Callable[[Bench, UUID], None]
Goods = Callable[[Bench], UUID]


@pytest.fixture
def closed(bench: Bench) -> UUID:
    """A cancelled return whose parcel has arrived."""
    case_id = a_return(bench)
    cancelled(bench, case_id)
    bench.seen(HERE, LATER)
    return case_id


@pytest.mark.parametrize("ends", [cancelled, expired, given_up, lost])
@pytest.mark.parametrize("goods", [a_return, an_exchange, a_repair])
def test_what_arrives_for_a_closed_case_is_an_event_and_changes_nothing_else(
    bench: Bench, goods: Goods, ends: Ends
) -> None:
    case_id = goods(bench)
    ends(bench, case_id)
    before = bench.case(case_id)
    for _ in range(2):
        bench.seen(HERE, LATER)
    case = bench.case(case_id)
    assert (case.stage, case.outcome, case.paid) == (before.stage, before.outcome, before.paid)
    assert [event.what for event in bench.till.events(case_id)].count("arrived_unexpected") == 1
    assert [(a.arrived_at, a.counted_at, a.action) for a in bench.arrivals(case_id)] == [
        (LATER, None, None)
    ]


def test_it_is_counted_and_sent_back_by_a_carrier(bench: Bench, closed: UUID) -> None:
    bench.count(closed, [RETURNED], LATER, inspection_id="i-1")
    bench.count(closed, [RETURNED], LATER, inspection_id="i-1")
    request = bench.effect(closed, LATER)
    assert (request.action, [p.quantity for p in request.pieces]) == ("send_parcel", [2])
    bench.said(request, booking("OUT1"), LATER)
    bench.seen(HERE, LATER + MINUTE, "OUT1")
    assert [a.action for a in bench.arrivals(closed)] == ["send_back"]
    assert bench.stands(closed)[0] == "cancelled"
    assert bench.till.happened(closed)[-4:] == [
        "arrival_counted",
        "arrival_sent_back",
        "dispatched",
        "parcel_delivered",
    ]


def test_what_was_only_counted_waits_for_a_lead(bench: Bench, closed: UUID) -> None:
    with refused("not-awaited"):
        bench.decide(closed, "keep")
    bench.count(closed, [NOT_OURS], LATER)
    with refused("forbidden"):
        bench.decide(closed, "keep", bench.shop.warehouse)
    bench.decide(closed, "keep")
    bench.decide(closed, "keep")
    assert [a.action for a in bench.arrivals(closed)] == ["keep"]
    assert bench.till.happened(closed)[-1] == "arrival_kept"
    assert bench.idle(closed)


def test_nothing_of_it_is_accepted(bench: Bench, closed: UUID) -> None:
    with refused("units-not-available"):
        bench.inspect(closed, 2, 2, LATER)
    with refused("unknown-line"):
        bench.count(closed, [{**RETURNED, "line": 7}], LATER)
    assert bench.till.units("o1").free == 2


def test_a_carrier_that_does_not_take_it_back_leaves_it_to_be_decided_again(
    bench: Bench, closed: UUID
) -> None:
    bench.count(closed, [RETURNED], LATER)
    bench.done(closed, REFUSED, LATER)
    assert bench.till.happened(closed)[-1] == "dispatch_refused"
    bench.decide(closed, "send_back", bench.shop.warehouse, LATER)
    assert bench.effect(closed, LATER).action == "send_parcel"


def test_an_empty_box_is_not_sent_back(bench: Bench, closed: UUID) -> None:
    bench.count(closed, [], LATER)
    with refused("not-awaited"):
        bench.decide(closed, "send_back")
    bench.decide(closed, "keep")


def test_the_warehouse_may_have_it_before_its_carrier_says_so(bench: Bench) -> None:
    case_id = a_return(bench)
    cancelled(bench, case_id)
    bench.count(case_id, [RETURNED], LATER)
    bench.seen(HERE, LATER)
    assert [a.action for a in bench.arrivals(case_id)] == ["send_back"]
    with refused("not-awaited"):
        bench.count(case_id, [RETURNED], LATER)


def test_what_turns_back_before_it_was_counted_is_nothing_to_count(
    bench: Bench, closed: UUID
) -> None:
    bench.seen(BACK, LATER + MINUTE)
    assert [a.action for a in bench.arrivals(closed)] == ["gone_back"]


def completed(bench: Bench) -> UUID:
    case_id = a_return(bench)
    bench.ship(case_id)
    bench.done(case_id)
    bench.seen(HERE, NOW + MINUTE, "OWN1", "post")
    bench.inspect(case_id, 2, 2, NOW + 2 * MINUTE)
    bench.till.pay(case_id)
    bench.done(case_id)  # they are put back
    return case_id


def test_a_second_parcel_of_a_completed_return_is_counted_too(bench: Bench) -> None:
    case_id = completed(bench)
    bench.seen(HERE, LATER, "TRK1")
    assert len(bench.arrivals(case_id)) == 1
    bench.count(case_id, [RETURNED], LATER)
    assert [p.quantity for p in bench.effect(case_id, LATER).pieces] == [2]


def test_a_second_box_of_a_case_that_is_open_is_decided_on_once_it_is_closed(bench: Bench) -> None:
    case_id = a_return(bench)
    bench.ship(case_id)
    bench.done(case_id)
    bench.seen(HERE, NOW + MINUTE, "OWN1", "post")
    bench.inspect(case_id, 2, 2, NOW + 2 * MINUTE)
    bench.seen(HERE, LATER, "TRK1")
    bench.count(case_id, [NOT_OURS], LATER)
    with refused("not-awaited"):
        bench.decide(case_id, "keep")
    bench.till.pay(case_id)
    bench.decide(case_id, "keep")


def test_a_parcel_that_arrives_a_second_time_is_seen(bench: Bench) -> None:
    case_id = a_return(bench)
    bench.seen(HERE, NOW)
    bench.inspect(case_id, 2, 2)
    bench.till.pay(case_id)
    bench.seen(BACK, LATER)
    bench.seen(HERE, LATER + timedelta(days=1))
    assert len(bench.arrivals(case_id)) == 1


@pytest.mark.parametrize("reported", [NOW - MINUTE, NOW + timedelta(hours=13)])
def test_what_was_counted_before_its_carrier_spoke_of_it_is_no_second_parcel(
    bench: Bench, reported: object
) -> None:
    case_id = a_return(bench)
    bench.inspect(case_id, 2, 2)
    bench.till.pay(case_id)
    bench.seen(HERE, reported, now=LATER)  # type: ignore[arg-type]
    assert bench.arrivals(case_id) == []


def test_a_unit_that_was_diagnosed_and_comes_twice_is_no_surprise(bench: Bench) -> None:
    case_id = a_repair(bench)
    bench.diagnose(case_id, COVERED)
    bench.seen(HERE, NOW)
    assert bench.arrivals(case_id) == []


def test_what_its_buyer_has_been_paid_for_as_lost_and_gets_is_an_event(bench: Bench) -> None:
    case_id = a_return(bench)
    bench.inspect(case_id, 2, 0)
    bench.offer(case_id, 0)
    bench.done(case_id, booking("OUT1"))
    bench.seen(PICKED_UP, number="OUT1")
    bench.days_pass(case_id, 10)
    bench.lose(case_id)
    bench.till.pay(case_id)
    bench.seen(HERE, LATER, "OUT1")
    assert bench.till.happened(case_id)[-1] == "parcel_delivered"
