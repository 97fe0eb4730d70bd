"""A return on the store: what the words of buyer, carrier, warehouse and auditor make of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.parcels import ParcelStatus
from store.payouts import Call
from tests.shop import NOW, order_body, return_body
from tests.store.dock import NO_ANSWER, REFUSED, Dock, booking
from tests.store.till import PAID, Till, refused

CASH = [{"payment": "cash-7", "provider": "offline", "captured": 1000}]
PICKED_UP, MOVING, HERE = (
    ParcelStatus.PICKED_UP,
    ParcelStatus.IN_TRANSIT,
    ParcelStatus.DELIVERED,
)


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


@pytest.fixture
def inbound(dock: Dock) -> UUID:
    """Two units for 10.00, on their way by a pickup."""
    return dock.collected(dock.approved())


def test_an_approved_return_waits_for_the_buyer_and_has_a_pickup_booked(dock: Dock) -> None:
    case_id = dock.approved()
    assert dock.stands(case_id) == ("awaiting_parcel", "buyer", 0)
    assert dock.case(case_id).due_at == NOW + timedelta(days=7)
    assert dock.effect(case_id).action == "book_pickup"
    dock.done(case_id, booking("TRK1"))
    assert [(p.tracking_number, p.status) for p in dock.parcels(case_id)] == [("TRK1", "pending")]
    assert dock.idle(case_id)


def test_the_whole_way_from_pickup_to_money(dock: Dock, inbound: UUID) -> None:
    dock.seen(PICKED_UP)
    assert dock.stands(inbound) == ("awaiting_parcel", "carrier", 0)
    dock.seen(HERE, NOW + timedelta(days=2))
    assert dock.stands(inbound) == ("awaiting_inspection", "warehouse", 0)
    dock.inspect(inbound, 2, 2)
    assert dock.stands(inbound) == ("paying", "gateway", 0)
    case = dock.till.pay(inbound)
    assert (case.stage, case.outcome, case.paid) == ("completed", "refunded", 1000)
    assert dock.till.units("o1").settled == 2


def test_reports_in_the_wrong_order_and_twice_end_the_same(dock: Dock, inbound: UUID) -> None:
    later, last = NOW + timedelta(days=1), NOW + timedelta(days=2)
    dock.seen(HERE, last, event_id="evt_3")
    dock.seen(MOVING, later, event_id="evt_2")
    dock.seen(PICKED_UP, NOW, event_id="evt_1")
    dock.seen(HERE, last, event_id="evt_3")
    assert dock.stands(inbound) == ("awaiting_inspection", "warehouse", 0)
    assert dock.till.happened(inbound).count("parcel_delivered") == 1


def test_a_report_that_comes_before_the_bookings_answer_is_not_lost(dock: Dock) -> None:
    case_id = dock.approved()
    request = dock.effect(case_id)
    dock.seen(PICKED_UP)
    assert request.action == "book_pickup"
    dock.done(case_id, booking("TRK1"))
    assert dock.stands(case_id) == ("awaiting_parcel", "carrier", 0)


def test_a_parcel_that_is_here_before_its_carrier_says_so_is_inspected(
    dock: Dock, inbound: UUID
) -> None:
    dock.inspect(inbound, 2, 2)
    dock.seen(HERE, NOW)
    assert dock.stands(inbound) == ("paying", "gateway", 0)


def test_a_buyer_who_sends_the_goods_calls_the_pickup_off(dock: Dock, inbound: UUID) -> None:
    dock.ship(inbound)
    assert dock.effect(inbound).action == "cancel_pickup"
    assert dock.effect(inbound).of == "shp_TRK1"
    dock.done(inbound)
    assert [p.tracking_number for p in dock.parcels(inbound)] == ["TRK1", "OWN1"]
    dock.ship(inbound)
    assert len(dock.parcels(inbound)) == 2


def test_a_parcel_that_was_reported_before_the_buyer_named_it_is_on_its_way(
    dock: Dock, inbound: UUID
) -> None:
    dock.seen(PICKED_UP, number="OWN1", carrier="post")
    dock.ship(inbound)
    assert dock.stands(inbound) == ("awaiting_parcel", "carrier", 0)


def test_a_tracking_number_belongs_to_one_case(dock: Dock, inbound: UUID) -> None:
    dock.ship(inbound)
    dock.shop.sell("o2", order_body((1, 100)))
    other = dock.shop.apply(return_body((1, 1), order_id="o2")).case_id
    dock.shop.approve(other)
    with refused("parcel-known"):
        dock.ship(other)


def test_a_pickup_that_is_refused_leaves_it_to_the_buyer(dock: Dock) -> None:
    case_id = dock.approved()
    dock.done(case_id, REFUSED)
    assert dock.stands(case_id) == ("awaiting_parcel", "buyer", 0)
    assert dock.till.happened(case_id)[-1] == "pickup_refused"
    assert dock.idle(case_id)


def test_a_lost_answer_is_asked_about_and_never_booked_again(dock: Dock) -> None:
    case_id = dock.approved()
    assert dock.effect(case_id).move == "send"
    assert dock.done(case_id, NO_ANSWER).wake_after == 1
    assert dock.effect(case_id).move == "ask"


def test_a_cancelled_return_calls_its_pickup_off(dock: Dock, inbound: UUID) -> None:
    dock.shop.cancel(inbound)
    assert dock.stands(inbound)[0] == "cancelled"
    assert dock.effect(inbound).action == "cancel_pickup"
    dock.done(inbound)
    assert dock.till.units("o1").free == 2


def test_a_return_cancelled_while_its_pickup_is_booked_calls_it_off_afterwards(dock: Dock) -> None:
    case_id = dock.approved()
    dock.effect(case_id)
    dock.shop.cancel(case_id)
    dock.done(case_id, booking("TRK1"))
    assert dock.effect(case_id).action == "cancel_pickup"


def test_a_pickup_that_nobody_was_asked_for_is_simply_forgotten(dock: Dock) -> None:
    case_id = dock.approved()
    dock.shop.cancel(case_id)
    assert dock.idle(case_id)
    assert dock.effects(case_id) == [("book_pickup", "cancelled")]


def test_goods_that_were_received_cannot_be_cancelled(dock: Dock, inbound: UUID) -> None:
    dock.inspect(inbound, 2, 0)
    with refused("too-late"):
        dock.shop.cancel(inbound)


def test_a_buyer_who_sends_nothing_in_seven_days_loses_the_return(
    dock: Dock, inbound: UUID
) -> None:
    assert dock.days_pass(inbound, 6.5).stage == "awaiting_parcel"
    assert dock.till.happened(inbound)[-1] == "reminded"
    case = dock.days_pass(inbound, 7)
    assert (case.stage, case.outcome) == ("expired", "expired")
    assert dock.till.units("o1").free == 2
    assert dock.effect(inbound).action == "cancel_pickup"


def test_a_carrier_that_is_silent_for_ten_days_brings_a_person_in(
    dock: Dock, inbound: UUID
) -> None:
    dock.seen(PICKED_UP)
    case = dock.days_pass(inbound, 10)
    assert (case.stage, case.attention) == ("needs_attention", "parcel_silent")
    dock.shop.resume(inbound, action="retry", note="they search")
    assert dock.stands(inbound) == ("awaiting_parcel", "carrier", 0)


def test_a_parcel_that_turns_up_gets_its_case_going_again(dock: Dock, inbound: UUID) -> None:
    dock.seen(PICKED_UP)
    dock.days_pass(inbound, 10)
    dock.seen(HERE, NOW + timedelta(days=11))
    assert dock.stands(inbound) == ("awaiting_inspection", "warehouse", 0)


def test_a_parcel_lost_after_it_was_posted_is_paid_for(dock: Dock, inbound: UUID) -> None:
    dock.seen(PICKED_UP)
    dock.days_pass(inbound, 10)
    dock.lose(inbound)
    case = dock.till.pay(inbound)
    assert (case.stage, case.paid) == ("completed", 1000)
    assert dock.till.units("o1").settled == 2


def test_a_parcel_that_no_carrier_has_had_is_not_paid_for(dock: Dock, inbound: UUID) -> None:
    with refused("not-posted"):
        dock.lose(inbound)


def test_what_was_accepted_is_paid_and_the_missing_unit_is_free_again(
    dock: Dock, inbound: UUID
) -> None:
    dock.inspect(inbound, 1, 1)
    case = dock.till.pay(inbound)
    assert (case.stage, case.paid, case.total) == ("completed", 500, 500)
    units = dock.till.units("o1")
    assert (units.settled, units.free) == (1, 1)


def test_units_that_were_not_accepted_wait_for_an_auditors_offer(dock: Dock, inbound: UUID) -> None:
    dock.inspect(inbound, 2, 1)
    assert dock.stands(inbound) == ("awaiting_inspection", "auditor", 0)
    dock.offer(inbound, 200)
    assert dock.stands(inbound) == ("awaiting_buyer", "buyer", 0)
    assert dock.case(inbound).due_at == NOW + timedelta(days=7)


def test_an_offer_that_is_accepted_is_paid_and_the_unit_stays(dock: Dock, inbound: UUID) -> None:
    dock.inspect(inbound, 2, 1)
    dock.offer(inbound, 200)
    dock.answer(inbound, True)
    dock.answer(inbound, True)
    case = dock.till.pay(inbound)
    assert (case.stage, case.paid) == ("completed", 700)
    assert dock.till.units("o1").settled == 2


def test_an_offer_that_is_declined_pays_what_was_accepted_and_sends_the_rest_back(
    dock: Dock, inbound: UUID
) -> None:
    dock.inspect(inbound, 2, 1)
    dock.offer(inbound, 200)
    dock.answer(inbound, False)
    while isinstance(call := dock.till.begin(inbound), Call):
        dock.till.conclude(call, PAID)
    dock.till.complete(inbound)
    assert dock.stands(inbound) == ("shipping", "carrier", 500)
    dock.done(inbound)  # the accepted unit is put back
    assert dock.effect(inbound).pieces[0].quantity == 1
    dock.done(inbound, booking("BACK1"))
    dock.seen(HERE, NOW, number="BACK1")
    case = dock.case(inbound)
    assert (case.stage, case.outcome) == ("completed", "returned_and_refunded")
    units = dock.till.units("o1")
    assert (units.settled, units.free) == (1, 1)


def test_an_offer_of_nothing_sends_the_units_back_without_a_question(
    dock: Dock, inbound: UUID
) -> None:
    dock.inspect(inbound, 2, 0)
    dock.offer(inbound, 0)
    assert dock.stands(inbound) == ("shipping", "carrier", 0)
    dock.done(inbound, booking("BACK1"))
    dock.seen(HERE, NOW, number="BACK1")
    case = dock.case(inbound)
    assert (case.stage, case.outcome, case.paid) == ("completed", "sent_back", 0)
    assert dock.till.units("o1").free == 2


def test_an_offer_without_an_answer_in_seven_days_sends_the_units_back(
    dock: Dock, inbound: UUID
) -> None:
    dock.inspect(inbound, 2, 0)
    dock.offer(inbound, 300)
    assert dock.days_pass(inbound, 7).stage == "shipping"


def test_an_empty_box_is_rejected_by_an_auditor_and_pays_nothing(dock: Dock, inbound: UUID) -> None:
    dock.count(inbound, [], unlisted=[{"title": "a brick", "quantity": 1}])
    assert dock.stands(inbound) == ("awaiting_inspection", "auditor", 0)
    dock.offer(inbound, 0)
    case = dock.case(inbound)
    assert (case.stage, case.outcome, case.paid) == ("rejected", "rejected", 0)
    assert dock.till.units("o1").free == 2


def test_an_offer_is_at_most_what_the_units_are_worth(dock: Dock, inbound: UUID) -> None:
    dock.inspect(inbound, 2, 1)
    with refused("amount-too-high"):
        dock.offer(inbound, 501)


def test_the_goods_are_inspected_once(dock: Dock, inbound: UUID) -> None:
    dock.inspect(inbound, 2, 2, inspection_id="insp-1")
    version = dock.case(inbound).version
    dock.inspect(inbound, 2, 2, inspection_id="insp-1")
    assert dock.case(inbound).version == version
    with refused("already-inspected"):
        dock.inspect(inbound, 2, 0, inspection_id="insp-2")


def test_a_line_that_the_case_does_not_have_is_refused_and_nothing_is_counted(
    dock: Dock, inbound: UUID
) -> None:
    with refused("unknown-line"):
        dock.count(inbound, [{"line": 2, "received": 1, "accepted": 0, "reason": "foreign"}])
    with refused("units-not-available"):
        dock.inspect(inbound, 3, 3)
    assert dock.stands(inbound) == ("awaiting_parcel", "buyer", 0)


def test_a_lower_approval_caps_what_the_accepted_units_pay(dock: Dock) -> None:
    dock.shop.sell("o1", order_body((2, 1000)))
    case_id = dock.shop.apply(return_body((1, 2))).case_id
    dock.shop.approve(case_id, amount=400)
    dock.inspect(dock.collected(case_id), 2, 2)
    case = dock.till.pay(case_id)
    assert (case.stage, case.paid) == ("completed", 400)
    assert dock.till.units("o1").settled == 2


def test_a_return_that_is_worth_nothing_completes_without_a_payout(dock: Dock) -> None:
    dock.shop.sell("o1", order_body((1, 0), (1, 100)))
    case_id = dock.shop.apply(return_body((1, 1))).case_id
    dock.shop.approve(case_id)
    dock.inspect(dock.collected(case_id), 1, 1)
    case = dock.till.pay(case_id)
    assert (case.stage, case.paid, dock.till.payouts(case_id)) == ("completed", 0, [])


def test_shipping_is_paid_back_only_with_goods_that_came(dock: Dock) -> None:
    dock.shop.sell("o1", order_body((2, 1000), shipping=(300, 0)))
    request = return_body((1, 2), include_shipping=True)
    case_id = dock.shop.apply(request).case_id
    dock.shop.approve(case_id)
    dock.collected(case_id)
    dock.inspect(case_id, 2, 0)
    dock.offer(case_id, 0)
    assert dock.case(case_id).total == 0


def test_no_more_is_offered_than_was_approved(dock: Dock) -> None:
    dock.shop.sell("o1", order_body((2, 1000)))
    case_id = dock.shop.apply(return_body((1, 2))).case_id
    dock.shop.approve(case_id, amount=600)
    dock.collected(case_id)
    dock.inspect(case_id, 2, 1)
    with refused("amount-too-high"):
        dock.offer(case_id, 101)
    dock.offer(case_id, 100)
    dock.answer(case_id, accepted=True)
    assert dock.till.pay(case_id).paid == 600


def test_a_part_that_is_paid_by_hand_still_sends_the_rest_back(dock: Dock) -> None:
    dock.shop.sell("o1", order_body((2, 1000), payments=CASH))
    case_id = dock.shop.apply(return_body((1, 2))).case_id
    dock.shop.approve(case_id)
    dock.collected(case_id)
    dock.inspect(case_id, 2, 1)
    dock.offer(case_id, 0)
    dock.till.stands(case_id)
    dock.shop.resume(case_id, action="settle", reference="till-7")
    assert dock.stands(case_id) == ("shipping", "carrier", 500)
