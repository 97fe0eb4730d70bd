"""What becomes of units and shipping when a case ends?"""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from store.tables import Case, UnitCredit
from store.units import to_span
from tests.shop import Shop, order_body, request_body
from tests.store.till import DECLINED, PAID, TWO_CARDS, Till, refused


def paid_back(till: Till, *lines: tuple[int, int], **request: Any) -> int:
    """Open, approve and pay a case; what it paid."""
    case = till.shop.apply(request_body(*lines, **request))
    till.shop.approve(case.case_id)
    return till.pay(case.case_id).paid


def credits(shop: Shop) -> list[tuple[tuple[int, int], int, int]]:
    with shop.session() as session:
        rows = session.scalars(select(UnitCredit).order_by(UnitCredit.units))
        return [(to_span(row.units), row.paid, row.tax) for row in rows]


def taxes(shop: Shop) -> int:
    """The tax in everything that was paid back."""
    with shop.session() as session:
        return sum(session.scalars(select(Case.tax)))


def test_a_case_paid_in_full_settles_its_units_for_good(till: Till) -> None:
    till.shop.sell("o1", order_body((3, 1000)))
    case_id = till.shop.apply(request_body((1, 2))).case_id
    till.shop.approve(case_id)
    case = till.pay(case_id)
    assert (case.stage, case.outcome, case.paid) == ("completed", "refunded", 667)
    count = till.units()
    assert (count.claimed, count.settled, count.free) == (0, 2, 1)
    with refused("units-not-available"):
        till.shop.apply(request_body((1, 2)))
    assert credits(till.shop) == []


def test_a_part_payment_settles_money_and_not_units(till: Till) -> None:
    till.shop.sell("o1", order_body((2, 1000, 200)))
    assert paid_back(till, (1, 1), amount=500 - 1) == 499
    assert till.units().free == 2
    assert credits(till.shop) == [((1, 1), 499, 100)]
    with refused("amount-too-high"):
        till.shop.apply(request_body((1, 1), amount=2))
    assert paid_back(till, (1, 2)) == 501
    assert till.units().settled == 2


def test_goodwill_of_5_and_a_later_return_pay_what_was_paid(till: Till) -> None:
    till.shop.sell("o1", order_body((6, 15300, 2550)))
    goodwill = paid_back(till, (1, 2), amount=500)
    later = paid_back(till, (1, 1))
    rest = paid_back(till, (1, 5))
    assert (goodwill, later, goodwill + later + rest) == (500, 2300, 15300)
    assert taxes(till.shop) == 2550


def test_an_amount_lowered_by_the_auditor_is_a_part_payment_too(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 1000)))
    case_id = till.shop.apply(request_body((1, 1))).case_id
    till.shop.approve(case_id, amount=400)
    assert till.pay(case_id).paid == 400
    assert paid_back(till, (1, 1)) == 600


def test_a_credit_parts_where_a_later_case_begins_and_keeps_its_sum(till: Till) -> None:
    till.shop.sell("o1", order_body((10, 17925, 2988)))
    paid_back(till, (1, 3), amount=500)
    case = till.shop.apply(request_body((1, 1)))
    assert credits(till.shop) == [((1, 1), 167, 28), ((2, 3), 333, 55)]
    till.shop.cancel(case.case_id)
    assert credits(till.shop) == [((1, 1), 167, 28), ((2, 3), 333, 55)]
    assert paid_back(till, (1, 10)) == 17925 - 500


def test_a_second_part_payment_adds_to_the_credit_of_the_first(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 1000, 200)))
    for amount in (300, 300, 399):
        paid_back(till, (1, 1), amount=amount)
    assert credits(till.shop) == [((1, 1), 999, 200)]
    assert paid_back(till, (1, 1)) == 1
    with refused("units-not-available"):
        till.shop.apply(request_body((1, 1)))


@pytest.mark.parametrize("end", ["cancel", "reject"])
def test_a_case_that_comes_to_nothing_sets_units_free_at_their_old_worth(
    till: Till, end: str
) -> None:
    till.shop.sell("o1", order_body((2, 1000)))
    case_id = till.shop.apply(request_body((1, 2))).case_id
    getattr(till.shop, end)(case_id)
    assert till.units().free == 2
    assert credits(till.shop) == []
    assert till.shop.apply(request_body((1, 2))).total == 1000


def test_units_without_a_price_are_free_again_too(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 0), shipping=(300, 0)))
    case_id = till.shop.apply(request_body((1, 1), include_shipping=True)).case_id
    till.shop.reject(case_id)
    assert till.units().free == 1
    assert till.shop.apply(request_body((1, 1), include_shipping=True)).total == 300


def test_shipping_that_was_not_paid_out_is_free_again(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 1000, 200), shipping=(300, 60)))
    case_id = till.shop.apply(request_body((1, 1), include_shipping=True)).case_id
    till.shop.approve(case_id, amount=1100)
    case = till.pay(case_id)
    order = till.order().order
    assert (case.paid, case.tax) == (1100, 220)
    assert (order.shipping_reserved, order.shipping_refunded, order.shipping_refunded_tax) == (
        0,
        100,
        20,
    )


def test_all_the_shipping_that_is_left_is_reserved_however_little_is_asked_for(till: Till) -> None:
    till.shop.sell("o1", order_body((2, 1000), shipping=(300, 0)))
    body = request_body((1, 1), include_shipping=True, amount=600)
    case_id = till.shop.apply(body).case_id
    assert till.order().order.shipping_reserved == 300
    with refused("shipping-not-refundable"):
        till.shop.apply(request_body((1, 1), include_shipping=True))
    till.shop.approve(case_id)
    till.pay(case_id)
    order = till.order().order
    assert (order.shipping_reserved, order.shipping_refunded) == (0, 100)
    assert till.shop.apply(request_body((1, 1), include_shipping=True)).shipping == 200


def test_a_refund_short_of_its_shipping_leaves_its_units_free_for_the_rest(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 1000, 200), shipping=(300, 60)))
    case_id = till.shop.apply(request_body((1, 1), include_shipping=True)).case_id
    till.shop.approve(case_id, amount=1100)
    till.pay(case_id)
    assert till.units().free == 1
    rest = till.shop.apply(request_body((1, 1), include_shipping=True))
    assert (rest.items, rest.shipping, rest.tax) == (0, 200, 40)
    till.shop.approve(rest.case_id)
    till.pay(rest.case_id)
    assert till.units().settled == 1
    assert till.money() == [(0, 1300)]


def test_tax_of_units_without_a_price_is_paid_back_once(till: Till) -> None:
    # Units 1-2 of line 1 cost nothing; unit 3 costs nothing and carries 1 of tax.
    till.shop.sell("o1", order_body((10, 3, 2), (1, 100)))
    paid_back(till, (1, 3), (2, 1), amount=50)
    paid_back(till, (1, 3), (2, 1))
    paid_back(till, (1, 7))
    assert taxes(till.shop) == 2


def test_a_case_given_up_after_a_part_was_paid_credits_that_part(till: Till) -> None:
    case_id: UUID = till.approved(payments=TWO_CARDS)
    till.step(case_id, PAID)
    till.step(case_id, DECLINED)
    till.shop.resume(case_id, action="give_up")
    assert till.units().free == 2
    assert sum(paid for _, paid, _ in credits(till.shop)) == 600
    assert paid_back(till, (1, 2)) == 400
    assert till.money() == [(0, 600), (0, 400)]


def test_a_case_is_not_complete_before_it_has_paid(till: Till) -> None:
    case_id = till.approved()
    assert till.complete(case_id).stage == "paying"
    till.call(case_id)
    assert till.complete(case_id).stage == "paying"
    assert till.happened(case_id)[-1] == "payout_reserved"
