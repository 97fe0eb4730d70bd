"""A gateway takes a success back: what becomes of the money, the units and the case?"""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.shop import NOW, order_body, request_body
from tests.store.till import DECLINED, PAID, TWO_CARDS, Till, refused

LATER = NOW + timedelta(days=3)


@pytest.fixture
def reversed_case(till: Till) -> UUID:
    """A case for 10.00 that was completed, and then its refund was taken back."""
    case_id = till.approved()
    till.pay(case_id)
    till.reverse(case_id, LATER)
    return case_id


def test_the_case_comes_back_for_a_person_and_its_money_to_the_books(
    till: Till, reversed_case: UUID
) -> None:
    case = till.shop.read(reversed_case)
    assert (case.stage, case.attention, case.waiting_for) == (
        "needs_attention",
        "payout_reversed",
        "operator",
    )
    assert (case.paid, case.closed_at, case.outcome) == (0, None, None)
    assert case.due_at == LATER + timedelta(hours=24)
    (payout,) = till.payouts(reversed_case)
    assert (payout.state, payout.code) == ("reversed", "lost_or_stolen_card")
    assert till.money() == [(0, 0)]
    assert till.units().claimed == 2
    event = till.events(reversed_case)[-1]
    assert (event.what, event.from_stage, event.to_stage) == (
        "payout_reversed",
        "completed",
        "needs_attention",
    )


def test_reporting_it_again_reverses_nothing_more(till: Till, reversed_case: UUID) -> None:
    version = till.shop.read(reversed_case).version
    till.report(till.payouts(reversed_case)[0], "failed")
    till.begin(reversed_case)
    assert till.shop.read(reversed_case).version == version


def test_retry_pays_it_anew(till: Till, reversed_case: UUID) -> None:
    till.shop.resume(reversed_case, action="retry")
    case = till.pay(reversed_case)
    assert (case.stage, case.outcome, case.paid) == ("completed", "refunded", 1000)
    assert [(p.n, p.state) for p in till.payouts(reversed_case)] == [(1, "reversed"), (2, "paid")]
    assert till.money() == [(0, 1000)]
    assert till.units().settled == 2


def test_settle_books_it_as_paid_elsewhere(till: Till, reversed_case: UUID) -> None:
    case = till.shop.resume(reversed_case, action="settle", reference="bank 7")
    assert (case.outcome, case.paid) == ("settled_manually", 1000)
    assert till.money() == [(0, 1000)]


def test_give_up_releases_the_units(till: Till, reversed_case: UUID) -> None:
    case = till.shop.resume(reversed_case, action="give_up")
    assert (case.outcome, case.paid) == ("given_up", 0)
    assert till.units().free == 2
    assert till.shop.apply(request_body((1, 2))).total == 1000


def test_reroute_pays_it_another_way(till: Till, reversed_case: UUID) -> None:
    for actor in (till.shop.operator, till.shop.lead):
        till.shop.resume(
            reversed_case,
            actor,
            LATER + timedelta(hours=1),
            action="reroute",
            payout_to={"kind": "store_credit"},
        )
    till.begin(reversed_case)
    assert till.complete(reversed_case).paid == 1000
    assert [(p.way, p.state) for p in till.payouts(reversed_case)] == [
        ("original", "reversed"),
        ("store_credit", "paid"),
    ]


def test_it_may_be_taken_back_twice(till: Till, reversed_case: UUID) -> None:
    till.shop.resume(reversed_case, action="retry")
    till.pay(reversed_case)
    till.reverse(reversed_case, LATER)
    assert till.money() == [(0, 0)]
    till.shop.resume(reversed_case, action="retry")
    assert till.pay(reversed_case).paid == 1000


def test_shipping_comes_back_with_it(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 1000, 200), shipping=(300, 60)))
    case_id = till.shop.apply(request_body((1, 1), include_shipping=True)).case_id
    till.shop.approve(case_id)
    till.pay(case_id)
    till.reverse(case_id)
    order = till.order().order
    assert (order.shipping_reserved, order.shipping_refunded, order.shipping_refunded_tax) == (
        300,
        0,
        0,
    )
    till.shop.resume(case_id, action="retry")
    case = till.pay(case_id)
    assert (case.paid, case.tax) == (1300, 260)
    assert till.order().order.shipping_refunded == 300


def test_a_part_payment_taken_back_takes_its_credit_along(till: Till) -> None:
    case_id = till.approved(amount=400)
    till.pay(case_id)
    till.reverse(case_id)
    assert till.units().claimed == 2
    till.shop.resume(case_id, action="give_up")
    assert till.shop.apply(request_body((1, 2))).total == 1000


def test_one_of_two_payouts_taken_back_leaves_the_other(till: Till) -> None:
    case_id = till.approved(payments=TWO_CARDS)
    till.pay(case_id)
    till.reverse(case_id)
    assert till.shop.read(case_id).paid == 400
    assert till.money() == [(0, 0), (0, 400)]
    till.shop.resume(case_id, action="give_up")
    assert till.shop.apply(request_body((1, 2))).total == 600


def test_it_may_happen_while_the_other_payout_is_under_way(till: Till) -> None:
    case_id = till.approved(payments=TWO_CARDS)
    till.step(case_id, PAID)
    till.call(case_id)
    till.report(till.payouts(case_id)[0], "failed")
    till.reverse(case_id)
    assert till.shop.read(case_id).attention == "payout_reversed"
    with refused("payout-in-doubt"):
        till.shop.resume(case_id, action="give_up")
    till.step(case_id, PAID)
    till.shop.resume(case_id, action="retry")
    assert till.pay(case_id).paid == 1000


def test_a_payout_of_a_given_up_case_is_taken_back_quietly(till: Till) -> None:
    case_id = till.approved(payments=TWO_CARDS)
    till.step(case_id, PAID)
    till.step(case_id, DECLINED)
    till.shop.resume(case_id, action="give_up")
    till.reverse(case_id)
    case = till.shop.read(case_id)
    assert (case.stage, case.outcome, case.paid) == ("cancelled", "given_up", 0)
    assert till.units().free == 2
    assert till.shop.apply(request_body((1, 2))).total == 1000


class TestUnitsThatWentToOthers:
    """Two lines of 5.00; a case paid 4.00 for both, and other cases came after it."""

    @pytest.fixture
    def first(self, till: Till) -> UUID:
        till.shop.sell("o1", order_body((1, 500, 100), (1, 500, 100)))
        case_id = till.shop.apply(request_body((1, 1), (2, 1), amount=400)).case_id
        till.shop.approve(case_id)
        till.pay(case_id)
        return case_id

    def test_they_stay_there_with_the_credit_they_were_priced_with(
        self, till: Till, first: UUID
    ) -> None:
        other = till.shop.apply(request_body((1, 1)))
        till.reverse(first)
        till.shop.resume(first, action="retry")
        assert till.pay(first).paid == 400
        till.shop.approve(other.case_id)
        assert till.pay(other.case_id).paid == 300
        assert till.shop.apply(request_body((2, 1))).total == 300

    def test_all_of_them_may_have_gone(self, till: Till, first: UUID) -> None:
        till.shop.apply(request_body((1, 1), (2, 1)))
        till.reverse(first)
        till.shop.resume(first, action="retry")
        case = till.pay(first)
        assert (case.stage, case.paid) == ("completed", 400)

    def test_a_later_part_payment_of_the_same_units_keeps_its_credit(
        self, till: Till, first: UUID
    ) -> None:
        second = till.shop.apply(request_body((1, 1), (2, 1), amount=100)).case_id
        till.shop.approve(second)
        till.pay(second)
        till.reverse(first)
        till.shop.resume(first, action="give_up")
        assert till.shop.apply(request_body((1, 1), (2, 1))).total == 900


def test_what_another_case_drained_meanwhile_is_made_up_for_by_the_next_payment(
    till: Till,
) -> None:
    till.shop.sell("o1", order_body((2, 1000), payments=TWO_CARDS))
    first = till.shop.apply(request_body((1, 2), amount=800)).case_id
    till.shop.approve(first)
    till.pay(first)
    other = till.shop.apply(request_body((1, 1))).case_id  # worth 1.00 by now
    till.shop.approve(other)
    till.reverse(first)
    till.pay(other)
    assert till.money() == [(0, 100), (0, 200)]
    till.shop.resume(first, action="retry")
    assert till.pay(first).paid == 800
    assert till.money() == [(0, 600), (0, 300)]
