"""What is a text? Storable, composed one way, free of card numbers, and not blank where it counts.

Marks for the fields of messages, in this order: `Annotated[str, StringConstraints(...), COMPOSED,
FREE_TEXT, VISIBLE]`.
"""

import unicodedata

from pydantic import AfterValidator, BeforeValidator

from domain.card_numbers import holds_card_number
from domain.characters import is_blank
from domain.refusals import Refusal, Why

LONGEST = 5_000
"""Characters of the longest text that is taken. Longer ones are refused before they cost time."""


def storable(text: str) -> str:
    """PostgreSQL and UTF-8 have no place for NUL and lone surrogates."""
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("must not contain NUL or unpaired surrogates")
    return text


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
