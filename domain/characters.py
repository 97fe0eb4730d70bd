"""Which characters are seen? Their category in Unicode tells, but for a few."""

import unicodedata

BLANKS = frozenset(
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers, letters by their category
    "\u2800\U0001d159"  # a braille pattern without dots, a note without a head
    "\ufffc"  # stands for an object that is not there
    "\U00013441\U00013442"  # blanks between hieroglyphs
)
"""Letters and symbols that show nothing."""

IGNORABLE = ((0x2065, 0x2065), (0xFDD0, 0xFDEF), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF))
"""Code points without a character, of which nothing will ever be seen."""


def is_blank(text: str) -> bool:
    """True if nothing of it can be seen: spaces, controls, joiners, fillers, marks on nothing."""
    return not any(is_visible(char) for char in text)


def is_visible(char: str) -> bool:
    """True if this character shows something by itself, as far as anybody knows."""
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
