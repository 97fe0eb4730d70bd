"""What is a repair's due? Who pays, which unit it is, and when repairing it again is not enough."""

from collections.abc import Collection, Sequence
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


def is_known(serial: str | None, serials: Collection[str]) -> bool:
    """True if the unit may be one of those sold. Of a line sold without serials any may be."""
    return not serials or serial in serials


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
