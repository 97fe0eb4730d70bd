"""Where is a parcel? The words carriers use for it, and what several reports of one parcel mean.

The vocabulary is that of karrio's unified tracking, so that any of its carriers speaks it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
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


FINAL = (ParcelStatus.DELIVERED, ParcelStatus.CANCELLED)
_PROGRESS = tuple(ParcelStatus)


def status_of(sightings: Iterable[Sighting]) -> ParcelStatus:
    """Where the parcel is by all that was reported of it, in whatever order it came in.

    What happened last counts. Of reports of the same moment the further one does, and a parcel
    that was delivered stays so: carriers add stations after the fact.
    """
    ordered = sorted(sightings, key=lambda seen: (seen.at, _PROGRESS.index(seen.status)))
    for seen in ordered:
        if seen.status in FINAL:
            return seen.status
    return ordered[-1].status if ordered else ParcelStatus.PENDING
