"""Does this text lead out of the shop: links, addresses, numbers, however they are spelt?

Read in the text's bare form: full-width and Chinese digits made plain, what nobody can see left
out, letters spelt apart put together. What is found is told by its place in the text as it stands.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from domain.advice import Contact, ContactKind

CHINESE_DIGITS = {
    char: str(value)
    for value, chars in enumerate(
        ("零〇", "一壹", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for char in chars
}

APART = re.compile(r"(?<![a-z0-9])[a-z0-9@.:/](?:[ \-_*·]{1,2}[a-z0-9@.:/](?![a-z0-9])){3,}")
"""At least four single characters with signs between: `w e i x i n`, `1-3-8-0-0-...`."""

DOT = r"(?:\.|\s\.\s|\s?[(\[{]\s?(?:dot|点)\s?[)\]}]\s?|\sdot\s|\s?点\s?)"
AT = r"(?:\s?@\s?|\s?[(\[{]\s?(?:at|艾特)\s?[)\]}]\s?|\s?艾特\s?)"
NAME = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = rf"{NAME}(?:{DOT}{NAME}){{0,2}}?{DOT}"
TOP = r"(?:com|cn|net|org|io|cc|biz|info|xyz|uk|de|fr|ru|eu|co\.uk)(?![a-z0-9-])"
SHORT_TOP = r"(?:me|ly|co|app|shop|top|vip|store|online|club|site|link|gl|it|to)"
"""Endings that are words as well: only with a path behind them is it a link."""

HAS_ID = r"(?:\s{0,2}(?:号码?|id|account|number|is|是|为|[:=])){1,3}\s{0,2}"
ID = rf"(?:{HAS_ID}|[\s,]{{0,2}}(?=[a-z_-]{{0,19}}\d))[a-z0-9][a-z0-9_-]{{4,19}}"
ADD = r"(?:加我?的?|\+)"
PERSON = (
    r"(?:add|text|message|contact|find|call|reach|dm)\s(?:me|us)\s(?:on|via|by|at|in|through)\s"
)
WECHAT = r"(?:微信|薇信|威信|徽信|卫星号|微x|v信|(?<![a-z0-9])(?:v\s?x|w\s?x|wei\s?xin|we\s?chat))"
QQ = r"(?:扣扣|企鹅号|球球号|(?<![a-z0-9])q\s?q(?!\.com))"
WHATSAPP = r"(?:(?<![a-z0-9])whats\s?app)"
PATH = r"/(?:[^\s\u2e80-\uffff]*[^\s\u2e80-\uffff.,;:!?)\]])?"
BETWEEN = r"[\s().-]{0,2}"
NUMBER = rf"\+?\d(?:{BETWEEN}\d){{6,14}}(?!\d)"

PATTERNS = (
    (
        ContactKind.EMAIL,
        rf"(?<![a-z0-9])[a-z0-9][a-z0-9._%+-]{{0,63}}"
        rf"(?:{AT}{HOST}|\sat\s{NAME}\sdot\s){TOP}"
        rf"|(?<![a-z0-9])[a-z0-9][a-z0-9._%+-]{{0,63}}@{NAME}(?:\.{NAME}){{1,3}}",
    ),
    (ContactKind.WHATSAPP, rf"wa\.me/{NUMBER}|{WHATSAPP}[^\d+]{{0,12}}{NUMBER}|{PERSON}{WHATSAPP}"),
    (ContactKind.WECHAT, rf"{ADD}?{WECHAT}{ID}|{ADD}{WECHAT}|{PERSON}{WECHAT}|加我?v(?![a-z])"),
    (
        ContactKind.QQ,
        rf"{ADD}?{QQ}(?:{HAS_ID}|[\s号群,]{{0,3}})[1-9]\d{{4,10}}(?!\d)|{ADD}{QQ}|{PERSON}{QQ}",
    ),
    (
        ContactKind.LINK,
        rf"h(?:tt|xx)ps?\s?:\s?/\s?{PATH}"
        rf"|(?<![a-z0-9])www{DOT}{NAME}(?:{DOT}{NAME}){{0,3}}(?:{PATH})?"
        rf"|(?<![a-z0-9@.-]){HOST}(?:{TOP}(?:{PATH})?|{SHORT_TOP}{PATH})",
    ),
    (
        ContactKind.PHONE,
        rf"\+{BETWEEN}\d(?:{BETWEEN}\d){{7,14}}(?!\d)"
        r"|(?<![\d.+-])(?:86[\s-]?)?1[\s-]?[3-9](?:[\s-]?\d){9}(?![\d-])"
        r"|(?<![\d.+-])\(?0\d{2,4}\)?[\s.-]?\d{3,4}[\s.-]?\d{3,4}(?![\d-])"
        r"|(?<![\d.+-])(?:1[\s.-])?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[\s.-])\d{3}[\s.-]\d{4}(?![\d-])",
    ),
)
COMPILED = [(kind, re.compile(pattern)) for kind, pattern in PATTERNS]


class _Bare(NamedTuple):
    """A text made plain, and for each of its characters where it stood before."""

    text: str
    places: list[int]


def contacts(text: str) -> list[Contact]:
    """Every way out of the shop, in the order of the text; of two that overlap the more telling."""
    bare = _together(_plain(text))
    found: list[Contact] = []
    for kind, pattern in COMPILED:
        for match in pattern.finditer(bare.text):
            start, end = bare.places[match.start()], bare.places[match.end() - 1] + 1
            if all(end <= other.start or other.end <= start for other in found):
                found.append(Contact(kind, start, end))
    return sorted(found, key=lambda contact: contact.start)


def _plain(text: str) -> _Bare:
    pairs = [(plain, place) for place, char in enumerate(text) for plain in _characters(char)]
    return _Bare("".join(plain for plain, _ in pairs), [place for _, place in pairs])


def _characters(char: str) -> Iterator[str]:
    for plain in unicodedata.normalize("NFKC", char).lower():
        if unicodedata.category(plain) in ("Cf", "Mn"):  # unseen, or an accent
            continue
        if plain.isdecimal():
            yield str(unicodedata.decimal(plain))
        else:
            yield CHINESE_DIGITS.get(plain, plain)


def _together(bare: _Bare) -> _Bare:
    dropped = {
        place
        for run in APART.finditer(bare.text)
        for place in range(run.start(), run.end())
        if bare.text[place] in " -_*·"
    }
    kept = [place for place in range(len(bare.text)) if place not in dropped]
    return _Bare(
        "".join(bare.text[place] for place in kept), [bare.places[place] for place in kept]
    )
