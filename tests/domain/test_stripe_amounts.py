"""Is every amount what Stripe takes it for, or refused?"""

import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import EXPONENTS, MAX_AMOUNT
from domain.refusals import Refusal, Why
from domain.stripe_amounts import expressible, from_stripe, in_minor_units, step, to_stripe

IN_USE = sorted(c.code for c in iso4217.Currency if c.exponent is not None)
OFFERED = [code for code in IN_USE if step(code)]

ZERO_DECIMAL = "BIF CLP DJF GNF JPY KMF KRW PYG RWF VND VUV XAF XOF XPF".split()


@pytest.mark.parametrize(
    ("amount", "currency", "stripe"),
    [
        (1530, "GBP", 1530),
        (1000, "ISK", 100_000),
        (5, "UGX", 500),
        (20_000, "MGA", 200),
        (3330, "KWD", 3330),
        (5120, "BHD", 5120),
        (1045, "HUF", 1045),
        (80_045, "TWD", 80_045),
        (700, "MRU", 700),
        (0, "KWD", 0),
        *((900, currency, 900) for currency in ZERO_DECIMAL),
    ],
)
def test_an_amount_is_sent_as_stripe_counts_it(amount: int, currency: str, stripe: int) -> None:
    assert to_stripe(amount, currency) == to_stripe(amount, currency.lower()) == stripe
    assert from_stripe(stripe, currency.lower()) == amount


@pytest.mark.parametrize(
    ("amount", "currency", "least"),
    [
        (20_001, "MGA", 100),
        (99, "MGA", 100),
        *((3333, currency, 10) for currency in ("BHD", "JOD", "KWD", "OMR", "TND")),
        *((1000, currency, None) for currency in ("IQD", "LYD", "CLF", "UYW", "UYI")),
    ],
)
def test_what_stripe_cannot_express_is_refused(
    amount: int, currency: str, least: int | None
) -> None:
    with pytest.raises(Refusal) as refused:
        to_stripe(amount, currency)
    assert refused.value.why is Why.AMOUNT_NOT_EXPRESSIBLE
    assert refused.value.extra == {"step": least}
    assert not expressible(amount, currency)


def test_a_part_of_a_minor_unit_is_read_as_it_is_and_never_rounded() -> None:
    assert in_minor_units(1050, "isk") * 2 == 21
    with pytest.raises(ValueError, match="no whole minor units"):
        from_stripe(1050, "isk")


def test_every_currency_of_other_digits_than_two_is_in_the_table_or_not_offered() -> None:
    unoffered = {code for code in IN_USE if step(code) is None}
    assert unoffered == {"CLF", "IQD", "LYD", "UYI", "UYW"}
    assert all(EXPONENTS.get(code, 2) != 2 for code in unoffered)


@given(st.integers(0, MAX_AMOUNT), st.sampled_from(OFFERED))
def test_an_amount_comes_back_as_it_went(amount: int, currency: str) -> None:
    least = step(currency)
    assert least is not None
    sent = to_stripe(amount * least, currency)
    assert from_stripe(sent, currency) == amount * least
    assert expressible(amount, currency) == (amount % least == 0)
