"""Where are the parcels of a carrier that reports nothing by itself? It is asked now and then."""

from collections.abc import Callable
from datetime import datetime

from domain.parcels import Sighting
from domain.policy import Policy
from gateways.carriers import Asked
from store.goods import parcels, tracking
from store.session import Database

AT_A_TIME = 20


class Tracking:
    def __init__(
        self, database: Database, policy: Policy, carrier: Asked, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._policy = policy
        self._carrier = carrier
        self._clock = clock

    def look(self) -> int:
        """Ask about the parcels whose turn it is; how many there were. What the carrier says is
        taken in as if it had reported it: once, and in whatever order.
        """
        name, now = self._carrier.name, self._clock()
        numbers = self._database.run(
            lambda session: parcels.to_ask_about(session, name, now, AT_A_TIME)
        )
        for number in numbers:
            for seen in self._carrier.sightings(number):
                self._report(number, seen)
        return len(numbers)

    def _report(self, number: str, seen: Sighting) -> None:
        named = f"{number}-{seen.status}-{seen.at.isoformat()}"
        report = tracking.Report(self._carrier.name, named, number, seen.status, seen.at)
        self._database.run(
            lambda session: tracking.receive(session, report, self._policy, self._clock())
        )
