"""Does a replacement cost what was said, however few of its units are given?"""

from hypothesis import given
from hypothesis import strategies as st

from domain.exchanges import Difference, price_of
from domain.units import Span

PRICES = st.integers(0, 10**15)


@given(price=PRICES, sizes=st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_however_units_are_parted_the_parts_sum_to_the_price(price: int, sizes: list[int]) -> None:
    parts, first = 0, 1
    for size in sizes:
        parts += price_of(price, sum(sizes), Span(first, first + size - 1))
        first += size
    assert parts == price


@given(price=PRICES, quantity=st.integers(1, 10**6), data=st.data())
def test_some_units_cost_no_more_than_all_and_never_less_than_nothing(
    price: int, quantity: int, data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, quantity))
    some = price_of(price, quantity, Span(1, n))
    assert 0 <= some <= price
    assert abs(some * quantity - price * n) * 2 <= quantity  # half a minor unit at most


@given(price=PRICES, credit=PRICES)
def test_only_one_side_owes_and_what_it_owes_makes_them_equal(price: int, credit: int) -> None:
    due = Difference(price, credit)
    assert credit + due.buyer_owes == price + due.shop_owes
    assert 0 in (due.buyer_owes, due.shop_owes)


def test_halves_go_up() -> None:
    assert price_of(1001, 2, Span(1, 1)) == 501
