"""Do cases pay what the design's own examples say?"""

import pytest

from domain.amounts import (
    Credit,
    Line,
    Piece,
    Shipping,
    Tender,
    allocate,
    credited,
    due,
    entitlement,
    pieces,
    share,
    split,
    split_at,
    tax_worth,
    worth,
)
from domain.units import Span

TEN = Line(1, quantity=10, paid=17925)
NO_SHIPPING = Shipping()


def test_ten_units_paid_17925_are_worth_1793_and_1792_in_turn() -> None:
    assert [worth(TEN, Span(i, i)) for i in range(1, 11)] == [1793, 1792] * 5


def test_three_units_and_then_seven_pay_5378_and_12547() -> None:
    first, second = worth(TEN, Span(1, 3)), worth(TEN, Span(4, 10))
    assert (first, second, first + second) == (5378, 12547, 17925)


def test_a_goodwill_refund_and_a_later_return_of_the_unit_pay_what_was_paid_for_it() -> None:
    line = Line(1, quantity=3, paid=4000, tax=667)
    unit = Piece(line, Span(1, 1))
    goodwill = due([unit], NO_SHIPPING, granted=0, amount=500)
    later = due([Piece(line, unit.units, credited(unit, 500))], NO_SHIPPING, granted=0)
    assert goodwill.total + later.total == worth(line, unit.units) == 1333
    assert goodwill.tax + later.tax == tax_worth(line, unit.units) == 222


@pytest.mark.parametrize(
    ("amount", "shares"),
    [(0, [0, 0, 0]), (1, [0, 1, 0]), (100, [33, 34, 33]), (299, [100, 99, 100]), (300, [100] * 3)],
)
def test_an_amount_is_shared_by_worth(amount: int, shares: list[int]) -> None:
    line = Line(1, quantity=3, paid=300)
    over = [Piece(line, Span(i, i)) for i in (1, 2, 3)]
    assert share(amount, over) == shares


def test_units_that_are_worth_nothing_get_no_share() -> None:
    gift, goods = Piece(Line(1, 1, 0), Span(1, 1)), Piece(Line(2, 1, 10), Span(1, 1))
    assert share(7, [gift, goods]) == [0, 7]
    assert share(0, [gift]) == [0]


def test_a_credit_parts_by_worth_and_the_second_part_carries_the_rest() -> None:
    line = Line(1, quantity=10, paid=17925, tax=2988)
    whole = Credit(Span(1, 3), paid=500, tax=83)
    first, second = split(line, whole, 2)
    assert (first.units, second.units) == (Span(1, 1), Span(2, 3))
    assert (first.paid, second.paid) == (167, 333)  # h(500 * 1793 / 5378)
    assert (first.tax, second.tax) == (28, 55)


def test_a_credit_of_units_that_were_free_of_charge_parts_into_nothing() -> None:
    gift = Line(1, quantity=4, paid=0)
    parts = split(gift, Credit(Span(1, 4), paid=0, tax=0), 3)
    assert [(part.units, part.paid, part.tax) for part in parts] == [
        (Span(1, 2), 0, 0),
        (Span(3, 4), 0, 0),
    ]


def test_credits_are_parted_only_where_a_claim_begins_or_ends() -> None:
    credits = [Credit(Span(1, 4), 40, 0), Credit(Span(6, 9), 40, 0)]
    line = Line(1, quantity=10, paid=1000)
    parted = split_at(line, credits, [Span(3, 5), Span(7, 7)])
    assert [c.units for c in parted] == [
        Span(1, 2), Span(3, 4), Span(6, 6), Span(7, 7), Span(8, 9)
    ]  # fmt: skip
    assert sum(c.paid for c in parted) == 80


def test_a_case_is_cut_into_pieces_of_one_credit_or_none() -> None:
    line = Line(1, quantity=10, paid=1000)
    credits = [Credit(Span(3, 4), 40, 0), Credit(Span(8, 8), 10, 0)]
    cut = pieces(line, [Span(2, 5), Span(8, 9)], credits)
    assert [(p.units, p.worth) for p in cut] == [
        (Span(2, 2), 100),
        (Span(3, 4), 160),
        (Span(5, 5), 100),
        (Span(8, 8), 90),
        (Span(9, 9), 100),
    ]


def test_a_lower_amount_is_taken_as_items_first_and_shipping_last() -> None:
    goods = [Piece(Line(1, quantity=1, paid=1000, tax=200), Span(1, 1))]
    shipping = Shipping(paid=300, tax=60)
    assert entitlement(goods, 300) == 1300
    split_of = {
        amount: (what.items, what.shipping)
        for amount in (1, 1000, 1001, 1300)
        for what in [due(goods, shipping, granted=300, amount=amount)]
    }
    assert split_of == {1: (1, 0), 1000: (1000, 0), 1001: (1000, 1), 1300: (1000, 300)}


def test_tax_of_shipping_is_paid_back_once_over_several_cases() -> None:
    first = Shipping(paid=500, tax=83)
    tax = first.tax_of(200)
    second = Shipping(paid=500, tax=83, given=200, given_tax=tax)
    assert (tax, second.left, second.tax_of(300)) == (33, 300, 50)


def test_shipping_that_other_cases_hold_or_had_is_not_left() -> None:
    assert Shipping(paid=500, given=200, held=250).left == 50


def test_an_order_without_shipping_owes_no_tax_on_it() -> None:
    assert Shipping().tax_of(0) == 0


@pytest.mark.parametrize(
    ("total", "parts"),
    [
        (1, [("a", 1)]),
        (100, [("a", 100)]),
        (101, [("a", 100), ("c", 1)]),
        (150, [("a", 100), ("c", 50)]),
        (151, None),
    ],
)
def test_payments_pay_in_their_order_and_never_short(
    total: int, parts: list[tuple[str, int]] | None
) -> None:
    assert allocate(total, [Tender("a", 100), Tender("b", 0), Tender("c", 50)]) == parts


def test_every_step_of_an_amount_is_kept_in_words() -> None:
    line = Line(1, quantity=6, paid=1530)
    over = [Piece(line, Span(1, 2), Credit(Span(1, 2), 100, 0)), Piece(line, Span(3, 3))]
    what = due(over, Shipping(paid=300, given=50), granted=250, amount=600)
    assert what.steps == (
        "line 1: units 1-2 of 6, paid 1530 -> 510, less 100 paid back before -> 410",
        "line 1: units 3 of 6, paid 1530 -> 255",
        "shipping: 250 left of 300",
        "asked for 600 of 915",
    )


def test_tax_on_units_of_no_price_goes_with_the_case_that_settles_them() -> None:
    line = Line(1, quantity=10, paid=3, tax=2)  # unit 3 costs nothing and carries 1 of tax
    unit = Piece(line, Span(3, 3))
    other = Piece(Line(2, quantity=1, paid=100), Span(1, 1))
    assert (unit.entitled, tax_worth(line, unit.units)) == (0, 1)
    assert due([unit, other], NO_SHIPPING, granted=0, amount=50).tax == 0
    assert due([unit, other], NO_SHIPPING, granted=0).tax == 1
