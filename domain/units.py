"""Which units of a line are meant: ranges, never one entry per unit (lines of 80,000 exist)."""

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """Units `first` to `last` of an order line, counted from 1, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def free(quantity: int, taken: Iterable[Span]) -> list[Span]:
    """The units of a line of `quantity` that no span in `taken` holds, lowest first."""
    gaps: list[Span] = []
    following = 1
    for span in sorted(taken):
        if span.first > following:
            gaps.append(Span(following, span.first - 1))
        following = max(following, span.last + 1)
    if following <= quantity:
        gaps.append(Span(following, quantity))
    return gaps


def lowest(spans: Iterable[Span], wanted: int) -> list[Span]:
    """The `wanted` lowest units of `spans`; fewer if there are fewer."""
    chosen: list[Span] = []
    for span in spans:
        if wanted <= 0:
            break
        chosen.append(Span(span.first, min(span.last, span.first + wanted - 1)))
        wanted -= chosen[-1].size
    return chosen


def count(spans: Iterable[Span]) -> int:
    """How many units the spans hold together."""
    return sum(span.size for span in spans)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same units in as few spans as possible, lowest first."""
    result: list[Span] = []
    for span in sorted(spans):
        if result and span.first <= result[-1].last + 1:
            result[-1] = Span(result[-1].first, max(result[-1].last, span.last))
        else:
            result.append(span)
    return result


def readable(spans: Iterable[Span]) -> str:
    """`1-2, 5` for a person."""
    return ", ".join(f"{s.first}-{s.last}" if s.size > 1 else str(s.first) for s in spans)
