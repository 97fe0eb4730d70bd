"""What is a repair's due? Who pays, which unit it is, and when repairing it again is not enough."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.days import day_of, days_between

FAILURES = 3
"""So many failures of one unit, each covered, and its buyer need not have it repaired again."""


def may_be_covered(warranty_until: date | None, asked_at: datetime, timezone: ZoneInfo) -> bool:
    """True if the warranty held when the buyer asked, its last day there included. Of a line
    without a date only the technician can say.
    """
    return warranty_until is None or day_of(asked_at, timezone) <= warranty_until


@dataclass(frozen=True)
class Serials:
    """Of a line's units: what they bear `now`, what they bore and are `gone`, and whether the line
    was sold with serials at all.
    """

    now: tuple[str, ...]
    gone: frozenset[str]
    listed: bool


def serials_now(
    sold: Sequence[str], moves: Iterable[tuple[datetime, str | None, str | None]]
) -> Serials:
    """What a line that was sold with these serials consists of, after `moves`: when a unit left
    the order, its serial, and that of the unit that its buyer got for it.
    """
    now, gone = list(sold), set[str]()
    for _, left, entered in sorted(moves, key=lambda move: move[0]):
        if left in now:
            now.remove(left)
        if left is not None:
            gone.add(left)
        if entered is not None:
            now.append(entered)
            gone.discard(entered)
    return Serials(tuple(now), frozenset(gone), listed=bool(sold))


def is_known(serial: str | None, serials: Serials) -> bool:
    """True if the unit may be one of the order's. Of a line sold without serials any may be that is
    not gone.
    """
    return serial in serials.now or (not serials.listed and serial not in serials.gone)


def may_leave(came: str | None, leaves: str | None, *, swapped: bool) -> bool:
    """True if what leaves is the unit that came; a swapped one is another for certain."""
    if came is None:
        return swapped or leaves is None
    return leaves is not None and (leaves != came) == swapped


def keeps_failing(
    earlier: Sequence[datetime], now: datetime, days: int, timezone: ZoneInfo
) -> bool:
    """True if the failure found now is one too many: `earlier` holds when others were found."""
    recent = sum(days_between(found, now, timezone) <= days for found in earlier)
    return 1 + recent >= FAILURES
