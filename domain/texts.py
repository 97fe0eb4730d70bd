"""What is a text? Storable, composed one way, free of card numbers, and not blank where it counts.

Marks for the fields of messages, in this order: `Annotated[str, StringConstraints(...), COMPOSED,
FREE_TEXT, VISIBLE]`.
"""

import unicodedata

from pydantic import AfterValidator, BeforeValidator

from domain.card_numbers import holds_card_number
from domain.refusals import Refusal, Why

LONGEST = 5_000
"""Characters of the longest text that is taken. Longer ones are refused before they cost time."""

BLANKS = frozenset(
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers, letters by their category
    "\u2800\U0001d159"  # a braille pattern without dots, a note without a head
    "\ufffc"  # stands for an object that is not there
    "\U00013441\U00013442"  # blanks between hieroglyphs
)
"""Letters and symbols that show nothing."""

IGNORABLE = ((0x2065, 0x2065), (0xFDD0, 0xFDEF), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF))
"""Code points without a character, of which nothing will ever be seen."""


def storable(text: str) -> str:
    """PostgreSQL and UTF-8 have no place for NUL and lone surrogates."""
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("must not contain NUL or unpaired surrogates")
    return text


def is_blank(text: str) -> bool:
    """True if nothing of it can be seen: spaces, controls, joiners, fillers, marks on nothing."""
    return not any(_is_visible(char) for char in text)


def _is_visible(char: str) -> bool:
    match unicodedata.category(char)[0]:
        case "L" | "N" | "P" | "S":
            return char not in BLANKS
        case "C":  # of what Unicode may have named since: the newest pictures
            return unicodedata.category(char) == "Cn" and not _is_ignorable(ord(char))
        case _:
            return False


def _is_ignorable(code: int) -> bool:
    nothing = code & 0xFFFE == 0xFFFE or chr(code) in BLANKS
    return nothing or any(first <= code <= last for first, last in IGNORABLE)


def _composed(text: object) -> object:
    if isinstance(text, str) and len(text) <= LONGEST:
        return unicodedata.normalize("NFC", text)
    return text


def _searched(text: str) -> str:
    if holds_card_number(storable(text)):
        raise Refusal(Why.CARD_NUMBER)
    return text


def _visible(text: str) -> str:
    if is_blank(text):
        raise ValueError("must hold a character that can be seen")
    return text


def _nothing_if_blank(text: str) -> str:
    return "" if is_blank(text) else text


COMPOSED = BeforeValidator(_composed)
"""NFC, so that what looks alike is alike. Comes before the length is judged."""

STORABLE = AfterValidator(storable)

FREE_TEXT = AfterValidator(_searched)
"""Searched for card numbers. Its length is limited before, never after: the search takes time."""

VISIBLE = AfterValidator(_visible)
"""For a text that is required."""

BLANK_IS_NOTHING = AfterValidator(_nothing_if_blank)
"""For a text that may be left out: who sees nothing has written nothing."""
