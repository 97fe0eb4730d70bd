"""What buyers are asked to pay, and for how long one asking may last.

A gateway asks for a day at most, so a bill that may be paid for longer is opened again and again,
each time under another key; only one of them is open at a time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST = timedelta(hours=23)
SHORTEST = timedelta(minutes=31)
"""How far ahead an opened bill may end: an hour and a minute within what gateways take, for clocks
that differ.
"""

ASK_FIRST_AFTER = timedelta(seconds=30)
"""When the gateway is first asked about a bill that it has opened: the buyer may have paid, and it
have reported that, before we knew that the bill was open.
"""

ASK_EVERY = timedelta(hours=6)
"""How often it is asked about an open bill later on, in case its webhook got lost."""

ASK_EXPIRED_EVERY = timedelta(minutes=1)
"""And once the bill's time is over, until the gateway says so, too."""


class What(StrEnum):
    """What a bill is for; shown to the buyer who pays it."""

    DIFFERENCE = "exchange difference"
    REPAIR = "repair"
    DIAGNOSIS_FEE = "diagnosis fee"
    NOT_RETURNED = "goods not returned"


class BillState(StrEnum):
    """What a gateway says of what it opened for us."""

    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"  # by time or by us; it will never be paid


class DebtState(StrEnum):
    """Where a bill stands, whatever the gateway was asked for it."""

    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"  # nobody has paid in time
    CANCELLED = "cancelled"  # the case wants it paid no more
    PAID_BACK = "paid_back"


@dataclass(frozen=True)
class BillWord:
    """What the gateway said of a bill. An open one has a `url` at which it is paid, a paid one the
    `payment` to refund it by.
    """

    state: BillState
    url: str | None = None
    payment: str | None = None


def ask_again_in(until: datetime, now: datetime, *, first: bool) -> float:
    """Seconds until the gateway is asked again about a bill that may be paid `until` then."""
    left = until - now
    if left <= timedelta():
        return ASK_EXPIRED_EVERY.total_seconds()
    return min(ASK_FIRST_AFTER if first else ASK_EVERY, left).total_seconds()


def opened_until(now: datetime, due_at: datetime) -> datetime:
    """Until when a bill that is opened now may be paid, of one that is due at `due_at`."""
    return max(now + SHORTEST, min(due_at, now + LONGEST))
