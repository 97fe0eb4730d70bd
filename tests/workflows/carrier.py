"""A carrier that says what a test tells it to, and keeps a book of what it really did."""

from collections import deque
from dataclasses import dataclass, field

from gateways.carriers import Booking, Consignment
from gateways.testimony import Testimony, Verdict

LOST = Booking(verdict=Verdict.AMBIGUOUS, code="timeout")
NOT_SERVED = Booking(verdict=Verdict.FAILED, code="address_not_served")


@dataclass
class ScriptedCarrier:
    """Books whatever it is asked for, once a key, unless told otherwise."""

    name: str = "sandbox"
    booked: dict[str, Consignment] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    asked: int = 0
    _words: deque[Booking] = field(default_factory=deque)

    def answers(self, *words: Booking, executed: bool = True) -> None:
        """What it says to the next bookings. An ambiguous word hides what was `executed`."""
        self._words.extend(words)
        self._executed = executed

    def book(self, consignment: Consignment) -> Booking:
        word = self._words.popleft() if self._words else None
        if word is None or (word.verdict is Verdict.AMBIGUOUS and self._executed):
            self.booked.setdefault(consignment.key, consignment)
        return word or self._booking(consignment.key)

    def find(self, consignment: Consignment) -> Booking:
        self.asked += 1
        if consignment.key in self.booked:
            return self._booking(consignment.key)
        return Booking(verdict=Verdict.NOT_FOUND)

    def cancel(self, key: str, reference: str) -> Testimony:
        self.cancelled.append(reference)
        return Testimony(verdict=Verdict.SUCCEEDED, reference=reference)

    def number(self, n: int = 1) -> str:
        """The tracking number of the n-th parcel."""
        return f"TRK-{list(self.booked)[n - 1]}"

    def _booking(self, key: str) -> Booking:
        return Booking(
            verdict=Verdict.SUCCEEDED,
            reference=f"shp-{key}",
            carrier=self.name,
            tracking_number=f"TRK-{key}",
        )
