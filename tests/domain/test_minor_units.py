"""Do minor units round and read as they should, in every currency?"""

from decimal import ROUND_HALF_UP, Context, Decimal

import iso4217
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.money import EXPONENTS, MAX_AMOUNT, half_up, readable

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


@given(st.integers(0, MAX_AMOUNT * 10**9), st.integers(1, 10**9))
@example(1, 2)
@example(3, 2)
@example(5, 10)
@example(4_999_999, 10_000_000)
def test_halves_round_up_as_in_decimal_arithmetic(numerator: int, denominator: int) -> None:
    exact = EXACT.divide(Decimal(numerator), Decimal(denominator))
    assert half_up(numerator, denominator) == exact.to_integral_value(context=EXACT)


def test_every_currency_in_use_has_the_digits_that_iso_4217_gives_it() -> None:
    in_use = {c.code: c.exponent for c in iso4217.Currency if c.exponent is not None}
    assert {code: EXPONENTS.get(code, 2) for code in in_use} == in_use
    assert EXPONENTS.keys() <= in_use.keys()


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1530, "GBP", "15.30 GBP"),
        (1530, "JPY", "1530 JPY"),
        (1530, "KWD", "1.530 KWD"),
        (15300, "CLF", "1.5300 CLF"),
        (5, "GBP", "0.05 GBP"),
        (0, "GBP", "0.00 GBP"),
        (-5, "GBP", "-0.05 GBP"),
        (-1530, "GBP", "-15.30 GBP"),
        (-1530, "JPY", "-1530 JPY"),
    ],
)
def test_a_person_reads_major_units(amount: int, currency: str, text: str) -> None:
    assert readable(amount, currency) == text
