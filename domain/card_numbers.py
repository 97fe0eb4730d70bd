"""Is there a card number in this text? One that is refused at the door is stored nowhere.

What counts is the number alone, never the words around it (ISO/IEC 7812-1): the issuer's prefix, a
length that the issuer uses, and Luhn's check digit.
"""

import unicodedata
from functools import lru_cache
from itertools import accumulate

from domain.characters import is_visible

ISSUERS: tuple[tuple[tuple[range, ...], frozenset[int]], ...] = (
    ((range(4000, 5000),), frozenset({13, 16, 19})),  # Visa
    ((range(5100, 5600), range(2221, 2721)), frozenset({16})),  # Mastercard
    ((range(3400, 3500), range(3700, 3800)), frozenset({15})),  # American Express
    # Discover, UnionPay, Maestro
    ((range(5000, 5100), range(5600, 7000)), frozenset(range(16, 20))),
    ((range(3528, 3590),), frozenset(range(16, 20))),  # JCB
    # Diners Club
    (
        (range(3000, 3060), range(3600, 3700), range(3800, 4000)),
        frozenset({14, *range(16, 20)}),
    ),
)
"""The first four digits, and how long the numbers are that begin so. No two issuers share any."""

LENGTHS = {
    f"{first:04}": lengths for firsts, lengths in ISSUERS for some in firsts for first in some
}
SHORTEST, LONGEST = 13, 19
IMEI = 15
GTIN = 13
DOUBLED = dict(zip("0123456789", (0, 2, 4, 6, 8, 1, 3, 5, 7, 9), strict=True))
ISSUER_FIRST = 6
"""UnionPay prints the issuer's six digits apart from the other thirteen."""

DOTS = frozenset(".\u00b7\u2022\u2027\u2219\u22c5\u30fb\u3002")
DASHES = frozenset("\u02d7\u2043\u2212\u2500\u2501\u2796\u30fc")
"""Those that are none by their category. NFKC makes others into one of these."""


def holds_card_number(text: str) -> bool:
    """True if whole groups of digits, joined over spaces, dots and dashes, make a card number."""
    return any(_holds_card(groups) for groups in _runs(text) if len("".join(groups)) >= SHORTEST)


def _runs(text: str) -> list[list[str]]:
    """Groups of digits that only separators part: `[["4111", "1111", ...], ...]`."""
    plain = "".join(map(_plain, unicodedata.normalize("NFKC", text)))
    return [run.split() for run in plain.split("|")]


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """A digit in ASCII, a space for a separator, nothing for what parts nothing, a bar for all
    else.
    """
    digit = unicodedata.digit(char, None)
    category = unicodedata.category(char)
    if digit is not None:
        return str(digit)
    if category in ("Cf", "Mn", "Me"):  # joins nothing, or stands on a digit
        return ""
    listed = char in DOTS or char in DASHES
    return " " if listed or category == "Pd" or not is_visible(char) else "|"


def _holds_card(groups: list[str]) -> bool:
    """True if neighbouring groups make a card number.

    The number of a device or an article has its own meaning: what stands beside it, a quantity or
    a price, does not continue it.
    """
    digits = "".join(groups)
    ends = list(accumulate(map(len, groups)))
    own = [_is_own(group) for group in groups]
    for first, start in enumerate((0, *ends[:-1])):
        lengths = LENGTHS.get(digits[start : start + 4], ())
        for last in range(first, len(groups)) if lengths else ():
            size = ends[last] - start
            if size > LONGEST:
                break
            if size in lengths and _joins(groups, own, first, last):
                number = digits[start : ends[last]]
                if _luhn(number) and not _is_gtin(number):
                    return True
    return False


def _joins(groups: list[str], own: list[bool], first: int, last: int) -> bool:
    issuer_first = last == first + 1 and len(groups[first]) == ISSUER_FIRST
    return first == last or issuer_first or not (own[first] or own[last])


def _is_own(group: str) -> bool:
    """True of an IMEI and of a GTIN-13."""
    return (len(group) == IMEI and IMEI not in LENGTHS.get(group[:4], ())) or _is_gtin(group)


def _luhn(digits: str) -> bool:
    return (sum(map(int, digits[-1::-2])) + sum(map(DOUBLED.__getitem__, digits[-2::-2]))) % 10 == 0


def _is_gtin(digits: str) -> bool:
    """True of a valid GTIN-13, as articles bear it (GS1 General Specifications)."""
    if len(digits) != GTIN:
        return False
    return (sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))) % 10 == 0
