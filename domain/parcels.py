"""Where is a parcel? The words carriers use for it, and what several reports of one parcel mean.

The vocabulary is that of karrio's unified tracking, so that any of its carriers speaks it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ParcelStatus(StrEnum):
    PENDING = "pending"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    RETURN_TO_SENDER = "return_to_sender"
    ON_HOLD = "on_hold"
    CANCELLED = "cancelled"

    @property
    def posted(self) -> bool:
        """True if the carrier has had the parcel in its hands: from then on a loss is its own."""
        return self not in (ParcelStatus.PENDING, ParcelStatus.CANCELLED)


class Direction(StrEnum):
    INBOUND = "inbound"  # from the buyer to the warehouse
    OUTBOUND = "outbound"  # from the shop to the buyer


@dataclass(frozen=True)
class Sighting:
    """A carrier's report: where the parcel was at `at` (UTC), whenever we heard of it."""

    status: ParcelStatus
    at: datetime


CLOCK_TOLERANCE = timedelta(hours=14)
"""How far a report's time may be off: some carriers write the clock of the place, and no zone."""

_ENDS = (ParcelStatus.RETURN_TO_SENDER, ParcelStatus.DELIVERED)
_PROGRESS = (ParcelStatus.CANCELLED, *(s for s in ParcelStatus if s not in _ENDS), *_ENDS)
"""Which of two reports of one moment counts: the later one here."""


def may_be_of(reported_at: datetime, since: datetime) -> bool:
    """True if a report of that time can be of a parcel that was there `since`. Carriers use their
    tracking numbers again after some months: what is older is of another parcel.
    """
    return reported_at >= since - CLOCK_TOLERANCE


def status_of(
    sightings: Iterable[Sighting], direction: Direction = Direction.INBOUND
) -> ParcelStatus:
    """Where the parcel is by all that was reported of it, in whatever order it came in.

    What happened last counts: what a carrier has in its hands outranks that it was cancelled
    before. A parcel that was delivered stays so, for carriers add stations after the fact, until
    it turns back to its sender; that stays so as well, wherever it is seen on its way. Goods that
    turned back may still be delivered here, but one to a buyer is then delivered to the shop.
    """
    ordered = sorted(sightings, key=lambda seen: (seen.at, _PROGRESS.index(seen.status)))
    ends = [seen.status for seen in ordered if seen.status in _ENDS]
    if direction is Direction.OUTBOUND and ParcelStatus.RETURN_TO_SENDER in ends:
        return ParcelStatus.RETURN_TO_SENDER
    if ends:
        return ends[-1]
    return ordered[-1].status if ordered else ParcelStatus.PENDING
