"""Is there a card number in this text? One that is refused at the door is stored nowhere."""

import unicodedata
from itertools import accumulate

LENGTHS = range(13, 20)


def holds_card_number(text: str) -> bool:
    """True if whole groups of digits, joined over spaces, dots and dashes, make a card number:
    13 to 19 digits that begin as one of the schemes does and pass Luhn (ISO/IEC 7812-1).
    """
    return any(_is_card(run) for groups in _runs(text) for run in _joined(groups))


def _runs(text: str) -> list[list[str]]:
    """Groups of digits that only separators part: `[["4111", "1111", ...], ...]`."""
    runs: list[list[str]] = [[]]
    open_group = False
    for char in unicodedata.normalize("NFKC", text):
        if char.isdecimal():
            if not open_group:
                runs[-1].append("")
            runs[-1][-1] += str(unicodedata.decimal(char))
            open_group = True
        elif _separates(char):
            open_group = False
        elif unicodedata.category(char) != "Cf":  # an invisible character parts nothing
            runs.append([])
            open_group = False
    return [groups for groups in runs if groups]


def _separates(char: str) -> bool:
    return char.isspace() or char in ".\u2212" or unicodedata.category(char) == "Pd"


def _joined(groups: list[str]) -> list[str]:
    """Every concatenation of neighbouring groups that has the length of a card number."""
    found = []
    for start in range(len(groups)):
        for run in accumulate(groups[start : start + max(LENGTHS)]):
            if len(run) > max(LENGTHS):
                break
            if len(run) in LENGTHS:
                found.append(run)
    return found


def _is_card(digits: str) -> bool:
    return (digits[0] in "3456" or 2221 <= int(digits[:4]) <= 2720) and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0
