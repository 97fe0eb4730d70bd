"""A repair on the store: what the words of technician, buyer, shop and carrier make of it."""

from datetime import timedelta
from importlib.resources import files
from uuid import UUID

import pytest

from domain.parcels import ParcelStatus
from domain.people import Role
from domain.policy import parse
from store.goods import stock
from tests.shop import NOW, Shop, order_body, repair_body, return_body
from tests.store.bench import COVERED, HOPELESS, NOT_COVERED, Bench
from tests.store.dock import NO_ANSWER, REFUSED, booking
from tests.store.till import Till, refused

DAY = timedelta(days=1)
HERE = ParcelStatus.DELIVERED


@pytest.fixture
def bench(till: Till) -> Bench:
    return Bench(till)


@pytest.fixture
def here(bench: Bench) -> UUID:
    """A unit for 10.00, serial A1, with the technician."""
    bench.sold()
    return bench.brought()


def test_a_unit_that_came_in_waits_three_working_days_for_its_diagnosis(
    bench: Bench, here: UUID
) -> None:
    assert bench.stands(here) == ("in_repair", "technician", 0)
    assert bench.case(here).due_at == NOW + 3 * DAY
    bench.days_pass(here, 3)
    assert bench.stands(here) == ("in_repair", "technician", 0)
    assert bench.till.happened(here)[-1] == "escalated"


def test_what_is_covered_is_repaired_sent_back_and_the_buyers_again(
    bench: Bench, here: UUID
) -> None:
    bench.diagnose(here, COVERED)
    assert bench.stands(here) == ("in_repair", "technician", 0)
    assert bench.case(here).due_at == NOW + 14 * DAY
    work = bench.effect(here)
    assert work.work is not None
    assert (work.action, work.work.sku, work.work.serial) == ("order_repair", "SKU1", "A1")
    bench.done(here)
    bench.repaired(here)
    assert bench.stands(here) == ("shipping", "carrier", 0)
    assert [(piece.sku, piece.quantity) for piece in bench.effect(here).pieces] == [("SKU1", 1)]
    case = bench.back(here)
    assert (case.stage, case.outcome, case.paid) == ("completed", "repaired", 0)
    units = bench.till.units("o1")
    assert (units.claimed, units.settled, units.free) == (0, 0, 1)


def test_a_repaired_unit_may_be_asked_for_again(bench: Bench) -> None:
    bench.sold()
    bench.once_repaired(1, NOW)
    later = bench.asked()
    assert bench.case(later).total == 1000


def test_a_unit_may_be_diagnosed_before_its_carrier_says_that_it_is_here(bench: Bench) -> None:
    bench.sold()
    case_id = bench.asked()
    bench.diagnose(case_id, COVERED)
    assert bench.stands(case_id) == ("in_repair", "technician", 0)
    assert bench.effects(case_id) == [("book_pickup", "cancelled"), ("order_repair", "planned")]
    with refused("too-late"):
        bench.shop.cancel(case_id)


def test_a_pickup_that_is_booked_while_the_unit_is_here_is_called_off(bench: Bench) -> None:
    bench.sold()
    case_id = bench.collected(bench.asked(), "IN1")
    bench.diagnose(case_id, COVERED)
    bench.seen(HERE, number="IN1")
    assert bench.stands(case_id) == ("in_repair", "technician", 0)


def test_a_warranty_that_is_over_covers_nothing(bench: Bench) -> None:
    bench.sold(warranty_until="2026-11-23")
    case_id = bench.brought()
    with refused("not-covered"):
        bench.diagnose(case_id, COVERED)
    bench.diagnose(case_id, NOT_COVERED)
    assert bench.stands(case_id) == ("awaiting_buyer", "buyer", 0)


def test_a_warranty_covers_what_was_asked_for_on_its_last_day(bench: Bench) -> None:
    bench.sold(warranty_until=str(NOW.date()))
    case_id = bench.brought()
    bench.diagnose(case_id, COVERED, NOW + 5 * DAY)
    assert bench.stands(case_id) == ("in_repair", "technician", 0)


def test_a_serial_that_was_not_sold_is_refused(bench: Bench, here: UUID) -> None:
    with refused("unknown-serial"):
        bench.diagnose(here, COVERED, serial="B9")
    with refused("unknown-serial"):
        bench.diagnose(here, COVERED, serial=None)
    assert bench.stands(here) == ("in_repair", "technician", 0)


def test_a_line_without_serials_asks_for_none(bench: Bench) -> None:
    bench.sold(serials=[])
    case_id = bench.brought()
    bench.diagnose(case_id, COVERED, serial=None)
    bench.done(case_id)
    bench.repaired(case_id, None)
    assert bench.back(case_id).outcome == "repaired"


def test_a_diagnosis_names_its_line_where_there_are_several(bench: Bench) -> None:
    bench.shop.sell("o1", order_body((1, 600), (1, 400)))
    case_id = bench.shop.apply(repair_body((1, 1), (2, 1))).case_id
    bench.shop.approve(case_id)
    for line in (None, 3):
        with refused("unknown-line"):
            bench.diagnose(case_id, COVERED, serial=None, line=line)
    bench.diagnose(case_id, COVERED, serial=None, line=2)
    work = bench.effect(case_id).work
    assert work is not None
    assert work.sku == "SKU2"


def test_the_same_diagnosis_again_changes_nothing(bench: Bench, here: UUID) -> None:
    bench.diagnose(here, COVERED, diagnosis_id="d-1")
    version = bench.case(here).version
    bench.diagnose(here, COVERED, diagnosis_id="d-1")
    assert bench.case(here).version == version
    with refused("diagnosis-id-reused"):
        bench.diagnose(here, HOPELESS, diagnosis_id="d-1")


def test_nothing_is_diagnosed_before_the_approval_or_of_another_kind(bench: Bench) -> None:
    bench.sold()
    case_id = bench.shop.apply(repair_body((1, 1))).case_id
    with refused("not-awaited"):
        bench.diagnose(case_id, COVERED)
    bench.shop.sell("o2", order_body((1, 100)))
    returned = bench.shop.apply(return_body((1, 1), order_id="o2")).case_id
    bench.shop.approve(returned)
    with refused("not-awaited"):
        bench.diagnose(returned, COVERED)


def test_what_is_not_covered_is_quoted_and_repaired_once_the_buyer_agrees(
    bench: Bench, here: UUID
) -> None:
    bench.diagnose(here, NOT_COVERED)
    assert bench.stands(here) == ("awaiting_buyer", "buyer", 0)
    assert bench.case(here).due_at == NOW + 7 * DAY
    bench.quote(here, True)
    assert bench.stands(here) == ("in_repair", "technician", 0)
    assert bench.effect(here).action == "order_repair"


@pytest.fixture
def before(shop: Shop) -> Bench:
    """A shop that wants its money before it repairs, and a fee for a diagnosis."""
    text = (files("domain") / "policy.toml").read_text(encoding="utf-8")
    text = text.replace('pay = "after"', 'pay = "before"')
    text = text.replace("diagnosis_fee = {}", "diagnosis_fee = { GBP = 1500 }")
    shop.policy = parse(text)
    return Bench(Till(shop))


def test_a_repaired_unit_is_sent_once_its_buyer_has_paid(bench: Bench, here: UUID) -> None:
    bench.diagnose(here, NOT_COVERED)
    bench.quote(here, True)
    bench.done(here)
    bench.repaired(here)
    assert bench.stands(here) == ("awaiting_buyer", "buyer", 0)
    assert bench.case(here).due_at == NOW + 7 * DAY
    bench.bill(here)
    bench.pay(here)
    assert bench.stands(here) == ("shipping", "carrier", 0)
    assert bench.back(here).outcome == "repaired"


def test_a_repaired_unit_that_is_not_paid_for_is_a_persons(bench: Bench, here: UUID) -> None:
    bench.diagnose(here, NOT_COVERED)
    bench.quote(here, True)
    bench.done(here)
    bench.repaired(here)
    bench.bill(here)
    case = bench.leave_unpaid(here, 7)
    assert (case.stage, case.attention) == ("needs_attention", "repair_unpaid")
    with refused("not-awaited"):
        bench.shop.resume(here, action="settle", reference="cash")
    bench.shop.resume(here, action="retry", note="they called", now=NOW + 8 * DAY)
    bench.bill(here, NOW + 8 * DAY)
    bench.pay(here, NOW + 8 * DAY)
    assert bench.back(here, now=NOW + 8 * DAY).outcome == "repaired"


def test_where_the_shop_wants_its_money_first_the_work_waits_for_it(before: Bench) -> None:
    before.sold()
    case_id = before.brought()
    before.diagnose(case_id, NOT_COVERED)
    before.quote(case_id, True)
    assert before.stands(case_id) == ("awaiting_buyer", "buyer", 0)
    before.bill(case_id)
    with refused("not-awaited"):
        before.diagnose(case_id, COVERED)
    before.pay(case_id)
    assert before.effect(case_id).action == "order_repair"
    before.done(case_id)
    before.repaired(case_id)
    assert before.stands(case_id) == ("shipping", "carrier", 0)
    assert before.back(case_id).outcome == "repaired"


def test_a_repair_that_is_not_paid_for_beforehand_is_not_made(before: Bench) -> None:
    before.sold()
    case_id = before.brought()
    before.diagnose(case_id, NOT_COVERED)
    before.quote(case_id, True)
    before.bill(case_id)
    assert before.leave_unpaid(case_id, 7).stage == "shipping"
    assert before.back(case_id, now=NOW + 7 * DAY).outcome == "sent_back"


def test_a_repair_that_was_paid_for_in_vain_is_paid_back(before: Bench) -> None:
    before.sold()
    case_id = before.brought()
    before.diagnose(case_id, NOT_COVERED)
    before.quote(case_id, True)
    before.bill(case_id)
    before.pay(case_id)
    before.done(case_id)
    before.diagnose(case_id, HOPELESS)
    assert before.effect(case_id).action == "refund_bill"
    before.done(case_id)
    before.choose(case_id, "refund")
    assert before.till.pay(case_id).paid == 1000
    assert "bill_paid_back" in before.till.happened(case_id)


@pytest.mark.parametrize("paid", [True, False])
def test_a_declined_quote_may_cost_a_fee_that_holds_the_unit_back_for_some_days_only(
    before: Bench, paid: bool
) -> None:
    before.sold()
    case_id = before.brought()
    before.diagnose(case_id, NOT_COVERED)
    before.quote(case_id, False)
    assert before.stands(case_id) == ("awaiting_buyer", "buyer", 0)
    before.bill(case_id)
    if paid:
        before.pay(case_id)
    else:
        before.leave_unpaid(case_id, 7)
    assert before.stands(case_id) == ("shipping", "carrier", 0)
    assert before.back(case_id, now=NOW + 7 * DAY).outcome == "sent_back"


def test_a_buyer_who_owes_a_fee_has_nothing_to_choose(before: Bench) -> None:
    before.sold()
    case_id = before.brought()
    before.diagnose(case_id, NOT_COVERED)
    before.quote(case_id, False)
    with refused("not-awaited"):
        before.choose(case_id, "refund")
    with refused("not-awaited"):
        before.diagnose(case_id, HOPELESS)


def test_a_new_diagnosis_replaces_a_quote_that_nobody_has_answered(
    bench: Bench, here: UUID
) -> None:
    bench.diagnose(here, NOT_COVERED)
    bench.diagnose(here, NOT_COVERED, parts=1000)
    with refused("version-conflict"):
        bench.quote(here, True, version=1)
    bench.quote(here, True, version=2)
    bench.quote(here, True, version=2)
    assert bench.stands(here) == ("in_repair", "technician", 0)
    with refused("already-answered"):
        bench.quote(here, False)


def test_a_new_diagnosis_can_find_that_it_was_covered_after_all(bench: Bench, here: UUID) -> None:
    bench.diagnose(here, NOT_COVERED)
    bench.diagnose(here, COVERED)
    assert bench.stands(here) == ("in_repair", "technician", 0)
    with refused("already-answered"):
        bench.quote(here, True)


def test_a_quote_that_is_declined_sends_the_unit_back(bench: Bench, here: UUID) -> None:
    bench.diagnose(here, NOT_COVERED)
    bench.quote(here, False)
    assert bench.stands(here) == ("shipping", "carrier", 0)
    case = bench.back(here)
    assert (case.stage, case.outcome) == ("completed", "sent_back")
    assert bench.till.units("o1").free == 1


def test_a_quote_without_an_answer_in_seven_days_sends_the_unit_back(
    bench: Bench, here: UUID
) -> None:
    bench.diagnose(here, NOT_COVERED)
    bench.days_pass(here, 6)
    assert bench.till.happened(here)[-1] == "reminded"
    assert bench.days_pass(here, 7).stage == "shipping"
    assert bench.back(here, now=NOW + 7 * DAY).outcome == "sent_back"


def test_nobody_answers_a_quote_that_was_not_made(bench: Bench, here: UUID) -> None:
    with refused("not-awaited"):
        bench.quote(here, True)
    bench.diagnose(here, HOPELESS)
    with refused("not-awaited"):
        bench.quote(here, True)


def test_the_unit_that_leaves_is_the_one_that_came(bench: Bench, here: UUID) -> None:
    bench.diagnose(here, COVERED)
    for serial in ("A2", None):
        with refused("wrong-serial"):
            bench.repaired(here, serial)
    bench.repaired(here, "A1")
    bench.repaired(here, "A1")
    with refused("already-repaired"):
        bench.repaired(here, "A2", swapped=True)


def test_a_unit_that_was_swapped_is_known_by_its_new_serial_afterwards(
    bench: Bench, here: UUID
) -> None:
    bench.diagnose(here, COVERED)
    with refused("wrong-serial"):
        bench.repaired(here, "A1", swapped=True)
    bench.repaired(here, "N7", swapped=True)
    assert bench.back(here).outcome == "repaired"
    again = bench.brought(number="IN2")
    bench.diagnose(again, COVERED, serial="N7")
    assert bench.stands(again) == ("in_repair", "technician", 0)


def test_nothing_is_repaired_that_was_not_ordered(bench: Bench, here: UUID) -> None:
    with refused("not-awaited"):
        bench.repaired(here)
    bench.diagnose(here, NOT_COVERED)
    with refused("not-awaited"):
        bench.repaired(here)


def test_work_that_a_shop_refuses_is_the_technicians_again(bench: Bench, here: UUID) -> None:
    bench.diagnose(here, COVERED)
    bench.done(here, REFUSED)
    assert bench.till.happened(here)[-1] == "work_refused"
    assert bench.case(here).due_at == NOW + 3 * DAY
    with refused("not-awaited"):
        bench.repaired(here)
    bench.diagnose(here, COVERED, fault="another shop")
    assert bench.effects(here)[-2:] == [("order_repair", "cancelled"), ("order_repair", "planned")]


def test_a_shops_lost_answer_is_asked_about_and_work_is_never_ordered_again(
    bench: Bench, here: UUID
) -> None:
    bench.diagnose(here, COVERED)
    assert bench.done(here, NO_ANSWER).wake_after == 1
    assert bench.effect(here).move == "ask"


def test_a_repair_that_takes_too_long_is_escalated(bench: Bench, here: UUID) -> None:
    bench.diagnose(here, COVERED)
    bench.done(here)
    bench.days_pass(here, 14)
    assert bench.till.happened(here)[-1] == "escalated"
    assert bench.stands(here) == ("in_repair", "technician", 0)


def test_work_that_is_under_way_is_not_diagnosed_again_unless_it_is_in_vain(
    bench: Bench, here: UUID
) -> None:
    bench.diagnose(here, COVERED)
    bench.done(here)
    with refused("not-awaited"):
        bench.diagnose(here, NOT_COVERED)
    bench.diagnose(here, HOPELESS)
    assert bench.stands(here) == ("awaiting_buyer", "buyer", 0)


def test_what_cannot_be_repaired_is_refunded_if_the_buyer_chooses_so(
    bench: Bench, here: UUID
) -> None:
    bench.diagnose(here, HOPELESS)
    assert bench.case(here).due_at == NOW + 7 * DAY
    with refused("not-awaited"):
        bench.choose(here, "repair")
    bench.choose(here, "refund")
    bench.choose(here, "refund")
    with refused("already-answered"):
        bench.choose(here, "store_credit")
    assert bench.stands(here) == ("paying", "gateway", 0)
    case = bench.till.pay(here)
    assert (case.stage, case.outcome, case.paid) == ("completed", "refunded", 1000)
    assert bench.till.units("o1").settled == 1


def test_what_the_buyer_chose_beforehand_is_not_asked_again(bench: Bench) -> None:
    bench.sold()
    case_id = bench.brought(fallback=["store_credit"])
    bench.diagnose(case_id, HOPELESS)
    assert bench.stands(case_id) == ("paying", "gateway", 0)
    bench.till.pay(case_id)
    assert bench.till.payouts(case_id)[0].way == "store_credit"


def test_a_choice_that_is_not_made_in_time_is_a_refund(bench: Bench, here: UUID) -> None:
    bench.diagnose(here, HOPELESS)
    assert bench.days_pass(here, 7).stage == "paying"
    assert bench.till.pay(here).outcome == "refunded"


def test_what_is_hopeless_before_its_carrier_says_it_is_here_may_need_a_second_audit(
    bench: Bench,
) -> None:
    bench.sold()
    case_id = bench.shop.apply(repair_body((1, 1), fallback=["refund"])).case_id
    bench.shop.approve(case_id, amount=400)
    bench.diagnose(case_id, HOPELESS)
    assert bench.stands(case_id) == ("awaiting_second_audit", "auditor", 0)


def test_a_refund_above_what_was_approved_needs_a_second_audit(bench: Bench) -> None:
    bench.sold()
    case_id = bench.shop.apply(repair_body((1, 1))).case_id
    bench.shop.approve(case_id, amount=400)
    bench.diagnose(case_id, HOPELESS)
    bench.choose(case_id, "refund")
    assert bench.stands(case_id) == ("awaiting_second_audit", "auditor", 0)
    with refused("four-eyes"):
        bench.shop.approve(case_id)
    bench.shop.approve(case_id, bench.shop.other_lead)
    assert bench.till.pay(case_id).paid == 1000


@pytest.mark.parametrize("remedy", ["refund", "swap"])
def test_a_choice_that_is_rejected_sends_the_unit_back(bench: Bench, remedy: str) -> None:
    bench.sold()
    case_id = bench.shop.apply(repair_body((1, 1))).case_id
    bench.shop.approve(case_id, amount=400)
    bench.diagnose(case_id, HOPELESS)
    bench.choose(case_id, remedy)
    bench.shop.reject(case_id, bench.shop.other_lead)
    assert bench.stands(case_id) == ("shipping", "carrier", 0)
    while not bench.idle(case_id):
        bench.done(case_id, booking("BACK1"))
    bench.seen(ParcelStatus.DELIVERED, number="BACK1")
    case = bench.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ("rejected", "rejected", 0)
    assert bench.till.units("o1").free == bench.till.units("o1").bought


def test_a_refund_of_what_was_approved_needs_none(bench: Bench, here: UUID) -> None:
    bench.diagnose(here, HOPELESS)
    bench.choose(here, "refund")
    assert bench.till.happened(here).count("approved") == 1


def test_the_third_failure_of_a_serial_lets_the_buyer_choose(bench: Bench) -> None:
    bench.sold()
    bench.once_repaired(1, NOW - 300 * DAY)
    bench.once_repaired(2, NOW - 10 * DAY)
    case_id = bench.brought(number="IN3")
    bench.diagnose(case_id, COVERED)
    assert bench.stands(case_id) == ("awaiting_buyer", "buyer", 0)
    bench.choose(case_id, "refund")
    assert bench.till.pay(case_id).outcome == "refunded"


def test_a_buyer_may_have_a_unit_repaired_a_third_time(bench: Bench) -> None:
    bench.sold()
    bench.once_repaired(1, NOW - 300 * DAY)
    bench.once_repaired(2, NOW - 10 * DAY)
    case_id = bench.brought(number="IN3")
    bench.diagnose(case_id, COVERED)
    bench.choose(case_id, "repair")
    assert bench.effect(case_id).action == "order_repair"


def test_a_third_repair_that_is_in_vain_lets_the_buyer_choose_again(bench: Bench) -> None:
    bench.sold()
    bench.once_repaired(1, NOW - 300 * DAY)
    bench.once_repaired(2, NOW - 10 * DAY)
    case_id = bench.brought(number="IN3")
    bench.diagnose(case_id, COVERED)
    bench.choose(case_id, "repair")
    bench.done(case_id)
    bench.diagnose(case_id, HOPELESS)
    bench.choose(case_id, "refund")
    assert bench.till.pay(case_id).outcome == "refunded"


def test_failures_longer_ago_than_the_policy_looks_do_not_count(bench: Bench) -> None:
    bench.sold()
    bench.once_repaired(1, NOW - 366 * DAY)
    bench.once_repaired(2, NOW - 10 * DAY)
    case_id = bench.brought(number="IN3")
    bench.diagnose(case_id, COVERED)
    assert bench.stands(case_id) == ("in_repair", "technician", 0)


def test_a_unit_lost_on_its_way_back_is_paid_for(bench: Bench, here: UUID) -> None:
    bench.diagnose(here, COVERED)
    bench.done(here)
    bench.repaired(here)
    bench.done(here, booking("OUT1"))
    bench.seen(ParcelStatus.IN_TRANSIT, number="OUT1")
    bench.days_pass(here, 10)
    bench.lose(here)
    case = bench.till.pay(here)
    assert (case.stage, case.paid) == ("completed", 1000)
    assert bench.till.units("o1").settled == 1


def test_a_repair_that_was_paid_for_and_lost_on_its_way_back_is_paid_back(before: Bench) -> None:
    before.sold()
    case_id = before.brought()
    before.diagnose(case_id, NOT_COVERED)
    before.quote(case_id, True)
    before.bill(case_id)
    before.pay(case_id)
    before.done(case_id)
    before.repaired(case_id)
    before.done(case_id, booking("OUT1"))
    before.seen(ParcelStatus.IN_TRANSIT, number="OUT1")
    before.lose(case_id)
    assert before.effect(case_id).action == "refund_bill"
    before.done(case_id)
    case = before.till.pay(case_id)
    assert (case.outcome, case.paid) == ("refunded", 1000)


def test_a_swap_that_is_lost_on_its_way_is_refunded(bench: Bench, here: UUID) -> None:
    bench.stocked(1)
    bench.diagnose(here, HOPELESS)
    bench.choose(here, "swap")
    bench.done(here)
    bench.done(here)
    bench.done(here, booking("OUT1"))
    bench.seen(ParcelStatus.IN_TRANSIT, number="OUT1")
    bench.lose(here)
    case = bench.till.pay(here)
    assert (case.outcome, case.paid) == ("refunded", 1000)


def test_a_repair_is_not_inspected(bench: Bench, here: UUID) -> None:
    with refused("not-awaited"):
        bench.inspect(here, 1, 1)


def test_what_cannot_be_repaired_is_swapped_for_the_same_from_stock(
    bench: Bench, here: UUID
) -> None:
    bench.stocked(2)
    bench.diagnose(here, HOPELESS)
    bench.choose(here, "swap")
    assert bench.stands(here) == ("shipping", "carrier", 0)
    for action in ("hold_stock", "ship_stock", "send_parcel"):
        request = bench.effect(here)
        assert (request.action, [(p.sku, p.quantity) for p in request.pieces]) == (
            action,
            [("SKU1", 1)],
        )
        bench.done(here, booking("OUT1") if action == "send_parcel" else None)
    bench.seen(HERE, number="OUT1")
    case = bench.case(here)
    assert (case.stage, case.outcome, case.paid) == ("completed", "exchanged", 0)
    assert bench.on_shelf() == 1
    assert bench.till.units("o1").settled == 1


def test_a_used_unit_is_no_swap_for_what_cannot_be_repaired(bench: Bench, here: UUID) -> None:
    bench.shop.database.run(
        lambda s: stock.put(s, "demo", "SKU1", "resale", 1, actor="wanda", now=NOW)
    )
    bench.diagnose(here, HOPELESS)
    bench.choose(here, "swap")
    bench.done(here)
    assert bench.stands(here)[0] == "paying"


def test_a_swap_without_stock_is_what_the_buyer_would_have_next(bench: Bench) -> None:
    bench.sold()
    case_id = bench.brought(fallback=["swap", "store_credit"])
    bench.diagnose(case_id, HOPELESS)
    bench.done(case_id)
    assert bench.stands(case_id) == ("paying", "gateway", 0)
    bench.till.pay(case_id)
    assert bench.till.payouts(case_id)[0].way == "store_credit"


def test_a_swap_worth_more_than_was_approved_needs_a_second_audit(bench: Bench) -> None:
    bench.sold()
    case_id = bench.shop.apply(repair_body((1, 1))).case_id
    bench.shop.approve(case_id, amount=400)
    bench.diagnose(case_id, HOPELESS)
    bench.choose(case_id, "swap")
    assert bench.stands(case_id) == ("awaiting_second_audit", "auditor", 0)
    assert bench.idle(case_id)
    bench.shop.approve(case_id, bench.shop.other_lead)
    assert bench.stands(case_id) == ("shipping", "carrier", 0)
    assert bench.effect(case_id).action == "hold_stock"


def test_a_refund_for_a_swap_without_stock_needs_another_audit_if_nobody_agreed_to_as_much(
    bench: Bench,
) -> None:
    bench.sold()
    case_id = bench.shop.apply(repair_body((1, 1))).case_id
    bench.shop.approve(case_id, amount=400)
    bench.diagnose(case_id, HOPELESS)
    bench.choose(case_id, "swap")
    bench.shop.approve(case_id, bench.shop.other_lead, amount=700)
    bench.done(case_id)
    assert bench.stands(case_id) == ("awaiting_second_audit", "auditor", 0)
    third = bench.shop.hire("lou", Role.LEAD)
    bench.shop.approve(case_id, third)
    assert bench.till.pay(case_id).paid == 1000
