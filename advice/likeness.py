"""Who wrote the same, and who complained of the same?"""

import unicodedata
from collections.abc import Sequence

from advice.sentences import vectors
from domain.advice import Alike, Written

SAME = 85.0
"""Of 100, how much of a text must be the same. A copy with some words changed is above 90, two
people's words for the same trouble are below 70.
"""

TELLING = 20
"""Letters that a text needs before its likes mean anything; a Chinese one counts as two."""

SIMILAR = 0.5
"""The cosine from which two texts speak of the same trouble; of different ones it is below 0.4."""

AT_MOST = 5


def duplicates(text: str, by_others: Sequence[Written]) -> list[Alike]:
    """The texts that are nearly the same, the nearest first; none for a text of a few words."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415  of the extra

    bare = _bare(text)
    if sum(1 + (char >= "\u2e80") for char in bare) < TELLING:
        return []
    found = process.extract(
        bare,
        [_bare(other.text) for other in by_others],
        scorer=fuzz.ratio,
        score_cutoff=SAME,
        limit=AT_MOST,
    )
    return [_alike(by_others[place], score / 100) for _, score, place in found]


def similar(text: str, earlier: Sequence[Written]) -> list[Alike]:
    """The texts that say most nearly the same, in whatever language, the nearest first."""
    others = [other for other in earlier if other.text.strip()]
    if not others or not text.strip():
        return []
    mine, *theirs = vectors([text, *(other.text for other in others)])
    scores = [(float(mine @ their), other) for their, other in zip(theirs, others, strict=True)]
    near = sorted((pair for pair in scores if pair[0] >= SIMILAR), key=lambda pair: -pair[0])
    return [_alike(other, score) for score, other in near[:AT_MOST]]


def _alike(other: Written, score: float) -> Alike:
    return Alike(other.kind, other.id, round(min(score, 1.0), 2))


def _bare(text: str) -> str:
    """Letters and digits alone: what is left of a copy whose spaces and signs were changed."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())
