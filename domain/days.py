"""Which day is it for the shop? Its windows and limits end with days of its own time zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def day_of(at: datetime, timezone: ZoneInfo) -> date:
    """The calendar day on which this moment falls there."""
    return at.astimezone(timezone).date()


def days_between(earlier: datetime, later: datetime, timezone: ZoneInfo) -> int:
    """How many midnights lie between two moments there: 0 on one day, whatever its hours."""
    return (day_of(later, timezone) - day_of(earlier, timezone)).days
