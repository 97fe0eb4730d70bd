"""Is a card number found however it is written, and is nothing else taken for one?"""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.card_numbers import holds_card_number

VISA = "4111111111111111"


def luhn_completed(digits: str) -> str:
    """`digits` and the check digit that makes them pass Luhn."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


@pytest.mark.parametrize(
    "number",
    [
        "378282246310005",  # American Express
        "30569309025904",  # Diners Club
        "3530111333300000",  # JCB
        VISA,
        "4222222222222",  # 13 digits
        "5555555555554444",  # Mastercard
        "2221000000000009",
        "2720999999999996",
        "6011111111111117",  # Discover
        "6200000000000000000",  # UnionPay, 19 digits
        "6759649826438453",  # Maestro
    ],
)
def test_every_scheme_is_known(number: str) -> None:
    assert holds_card_number(f"please use {number}, thanks")


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111–1111—1111‐1111",  # dashes of other lengths
        "4111−1111−1111−1111",  # minus signs
        "4111\u00a01111\u20091111\n1111",
        "4111 - 1111 . 1111   1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "card:4111111111111111.",
        "４１１１１１１１１１１１１１１１",  # full width
        "٤١١١١١١١١١١١١١١١",  # Arabic-Indic
        "४१११११११११११११११",  # Devanagari
        "4111\u200b1111\u200c1111\u20601111",  # invisible characters
        "4111\u00ad1111\u00ad1111\u00ad1111",
        "④①①1111111111111",  # circled
        "12 4111 1111 1111 1111 08 27",  # among other groups
        "order 17 4111111111111111",
    ],
)
def test_separators_and_scripts_hide_nothing(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no digits at all",
        "4111111111111112",  # fails Luhn
        "1111111111111117",  # no scheme begins with 1
        "0000000000000000",
        "2220999999999998",  # just below Mastercard's range
        "2721000000000004",  # just above it
        "411111111111",  # 12 digits
        "41111111111111111110",  # 20 digits hold no card of 16
        "order 536365, credit note C536379, line 1",
        "+44 1632 960001",
        "020 7946 0018 or 07700 900123",
        "0198c7f0-6c1e-7cc4-a5c3-3b1c2b2f0e11",
        "2010-12-01T08:26:00Z",
        "41111111,11111111",  # a comma parts
        "4111a1111b1111c1111",
        "4111/1111/1111/1111",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not holds_card_number(text)


@given(
    st.sampled_from("3456"),
    st.integers(11, 17),
    st.randoms(use_true_random=False),
    st.sampled_from(["", " ", "-", ".", " - ", "\u200b"]),
    st.integers(1, 6),
)
def test_any_valid_number_in_any_grouping_is_found(
    first: str, more: int, chance: random.Random, separator: str, size: int
) -> None:
    number = luhn_completed(first + "".join(str(chance.randrange(10)) for _ in range(more)))
    groups = [number[i : i + size] for i in range(0, len(number), size)]
    assert holds_card_number(f"pay to {separator.join(groups)} please")


@given(st.text(max_size=200))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert holds_card_number(text) in (True, False)
