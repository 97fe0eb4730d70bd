"""Is a card number found however it is written, and is nothing else taken for one?"""

import random
from time import process_time

import pytest
from hypothesis import assume, given
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


CARDS = {
    "Visa": VISA,
    "Visa of 13": "4222222222222",
    "Visa of 19": "4000000000000000006",
    "Mastercard": "5555555555554444",
    "Mastercard, lowest": "2221000000000009",
    "Mastercard, highest": "2720999999999996",
    "American Express": "378282246310005",
    "American Express 34": "341111111111111",
    "Discover": "6011111111111117",
    "Discover 65": "6500000000000002",
    "UnionPay": "6212345678901232",
    "UnionPay of 17": "62123456789012347",
    "UnionPay of 19": "6200000000000000000",
    "Maestro 50": "5000550000000029",
    "Maestro 67": "6759649826438453",
    "Maestro of 18": "675964982643845367",
    "JCB": "3530111333300000",
    "JCB, lowest": "3528000000000007",
    "Diners Club": "30569309025904",
    "Diners Club 36": "36006666333344",
    "Diners Club 38": "38520000023237",
    "Diners Club of 16": "3056930009020004",
}


@pytest.mark.parametrize("number", CARDS.values(), ids=CARDS.keys())
@pytest.mark.parametrize(
    "context", ["please use {}, thanks", "IMEI {}", "EAN {}", "serial no. {}", "order {} of today"]
)
def test_a_card_number_is_one_whatever_stands_around_it(number: str, context: str) -> None:
    assert holds_card_number(context.format(number))


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
        "4111·1111•1111・1111",  # dots of other heights
        "4111➖1111─1111⁃1111",
        "4\u0332111\u0332 1111 1111 1111",  # underlined
        "4\ufe0f\u20e3" + "1\ufe0f\u20e3" * 15,  # keys
        "❹➊➊➊1111 1111 1111",
        "4111\u31641111\u28001111\u00001111",  # blanks
        "12 4111 1111 1111 1111 08 27",  # among other groups
        "3782 822463 10005",  # as American Express prints it
        "3056 930902 5904",  # and Diners Club
        "622202 1234567890128",  # and UnionPay, the issuer's six digits first
        "order 17 4111111111111111",
    ],
)
def test_separators_and_scripts_hide_nothing(text: str) -> None:
    assert holds_card_number(text)


HONEST = (
    "",
    "no digits at all",
    "4111111111111112",  # fails Luhn
    "1111111111111117",  # no issuer begins with 1
    "0000000000000000",
    "2220999999999998",  # just below Mastercard's range
    "2721000000000004",  # just above it
    "3527000000000008",  # and JCB's
    "3590000000000002",
    "3060000000000008",  # and that of Diners Club
    "411111111111",  # 12 digits
    "41111111111111111110",  # 20 digits hold no card of 16
    "41111111111116",  # Visa has no 14
    "5555555555554443",  # fails Luhn
    "55555555555554",  # Mastercard has no 14
    "34111111111112",  # American Express has no 14
    "IMEI 490154203237518",
    "The phone 356938035643809 does not charge.",
    "IMEI1: 356938035643809 IMEI2: 356938035643817",
    "356938035643809 / 356938035643817",
    "356938035643809 356938035643817",
    "IMEI 35-693803-564380-9",
    "IMEI 352099001761481 2 scratches",
    "IMEI 352099001761481 16 GB",
    "IMEI 353918058475523, 12.50",
    "EAN 4006381333931",
    "4006381333931",  # passes Luhn too
    "STABILO 4006381333931 5012345678900",
    "EAN 4012345678901 19.99",
    "4 006381 333931",  # as printed below the bars
    "EAN 4006381333931 x 100",
    "5012345678900 12.99",
    "GTIN 5901234123457 100",
    "ISBN 978-3-16-148410-0",
    "GTIN-8 96385074, UPC 036000291452",
    "order 536365, credit note C536379, line 1",
    "orders 536365 536366 536367 and 536368",
    "+44 1632 960001",
    "+44 20 7946 0018, +44 7700 900123",
    "020 7946 0018 or 07700 900123",
    "came 2026-11-24 08.30 - 12.45, called 020 7946 0018",
    "24.11.2026 - 26.11.2026",
    "0198c7f0-6c1e-7cc4-a5c3-3b1c2b2f0e11",
    "2010-12-01T08:26:00Z",
    "DE89 3704 0044 0532 0130 00",  # an IBAN
    "1Z999AA10123456784, 00340434161094042557",  # parcels
    "41111111,11111111",  # a comma parts
    "4111a1111b1111c1111",
    "4111/1111/1111/1111",
)


@pytest.mark.parametrize("text", HONEST, ids=ascii)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not holds_card_number(text)


PREFIXES = {
    **{str(n): (13, 16, 19) for n in range(4, 5)},
    **{str(n): (16,) for n in (*range(51, 56), *range(2221, 2721))},
    **{str(n): (15,) for n in (34, 37)},
    **{str(n): (16, 17, 18, 19) for n in (50, *range(56, 70), *range(3528, 3590))},
    **{str(n): (14, 16, 17, 18, 19) for n in (*range(300, 306), 36, 38, 39)},
}
"""The contract's table."""


def is_gtin(digits: str) -> bool:
    weighted = sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(digits))
    return len(digits) == 13 and weighted % 10 == 0


@given(
    st.sampled_from(sorted(PREFIXES)),
    st.integers(0, 4),
    st.randoms(use_true_random=False),
    st.sampled_from(["", " ", "-", ".", " - ", "\u200b", "\n", "·", "\u3164"]),
    st.integers(1, 6),
)
def test_any_valid_number_in_any_grouping_is_found(
    prefix: str, which: int, chance: random.Random, separator: str, size: int
) -> None:
    lengths = PREFIXES[prefix]
    more = lengths[which % len(lengths)] - len(prefix) - 1
    number = luhn_completed(prefix + "".join(str(chance.randrange(10)) for _ in range(more)))
    groups = [number[i : i + size] for i in range(0, len(number), size)]
    assume(not is_gtin(number))
    assert holds_card_number(f"pay to {separator.join(groups)} please")


@given(st.text("0123456789", min_size=1, max_size=22), st.booleans())
def test_a_number_of_no_issuer_is_none(digits: str, completed: bool) -> None:
    number = luhn_completed(digits) if completed else digits
    fits = any(
        number.startswith(prefix) and len(number) in lengths for prefix, lengths in PREFIXES.items()
    )
    right = fits and luhn_completed(number[:-1]) == number and not is_gtin(number)
    assert holds_card_number(f"no. {number}") == right


@given(st.integers(0, 10**12 - 1), st.integers(0, 10**6))
def test_an_article_and_what_stands_beside_it_are_no_card(article: int, beside: int) -> None:
    digits = f"{article:012}"
    check = -sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(digits)) % 10
    assert not holds_card_number(f"{digits}{check}")
    assert not holds_card_number(f"{digits}{check} {beside}")


@given(st.integers(0, 10**14 - 1), st.integers(0, 10**4))
def test_a_device_and_what_stands_beside_it_are_no_card(device: int, beside: int) -> None:
    imei = luhn_completed(f"{device:014}")
    assume(imei[:2] not in ("34", "37"))
    assert not holds_card_number(f"{imei} {beside}")


@pytest.mark.parametrize("text", ["4 ", "6 6", "6", "\u0301\u0316", "6\u200b", "\ufdfa"])
def test_a_long_text_is_searched_in_no_time(text: str) -> None:
    before = process_time()
    holds_card_number((text * 5_000)[:5_000])
    assert process_time() - before < 2  # a hundredth of it where nothing else runs


@given(st.text(max_size=200))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert holds_card_number(text) in (True, False)
