"""What is a repair's due? Who pays, which unit it is, and when repairing it again is not enough."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

FAILURES = 3
"""So many failures of one unit, each covered, and its buyer need not have it repaired again."""


def may_be_covered(warranty_until: date | None, asked_at: datetime) -> bool:
    """True if the warranty held when the buyer asked (UTC), its last day included. Of a line
    without a date only the technician can say.
    """
    return warranty_until is None or asked_at.date() <= warranty_until


def is_known(serial: str | None, serials: Collection[str]) -> bool:
    """True if the unit may be one of those sold. Of a line sold without serials any may be."""
    return not serials or serial in serials


def may_leave(came: str | None, leaves: str | None, *, swapped: bool) -> bool:
    """True if what leaves is the unit that came; a swapped one is another for certain."""
    if came is None:
        return swapped or leaves is None
    return leaves is not None and (leaves != came) == swapped


def keeps_failing(earlier: Sequence[datetime], now: datetime, days: int) -> bool:
    """True if the failure found now is one too many: `earlier` holds when others were found."""
    since = now - timedelta(days=days)
    return 1 + sum(found >= since for found in earlier) >= FAILURES
