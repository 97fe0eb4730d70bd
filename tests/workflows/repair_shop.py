"""A repair shop that says what a test tells it to, and keeps a book of what it really took."""

from collections import deque
from dataclasses import dataclass, field

from gateways.repair_shops import WorkOrder
from gateways.testimony import Testimony, Verdict

LOST = Testimony(verdict=Verdict.AMBIGUOUS, code="timeout")
REFUSED = Testimony(verdict=Verdict.FAILED, code="work_refused")


@dataclass
class ScriptedShop:
    """Takes whatever it is given, once a key, unless told otherwise."""

    taken: dict[str, WorkOrder] = field(default_factory=dict)
    asked: int = 0
    _words: deque[Testimony] = field(default_factory=deque)

    def answers(self, *words: Testimony) -> None:
        """What it says to the next orders. An ambiguous word hides that the work was taken."""
        self._words.extend(words)

    def order(self, work: WorkOrder) -> Testimony:
        word = self._words.popleft() if self._words else None
        if word is None or word.verdict is Verdict.AMBIGUOUS:
            self.taken.setdefault(work.key, work)
        return word or self._took(work)

    def find(self, work: WorkOrder) -> Testimony:
        self.asked += 1
        if work.key in self.taken:
            return self._took(work)
        return Testimony(verdict=Verdict.NOT_FOUND)

    def cancel(self, key: str, reference: str) -> Testimony:
        return Testimony(verdict=Verdict.SUCCEEDED, reference=reference)

    def _took(self, work: WorkOrder) -> Testimony:
        return Testimony(verdict=Verdict.SUCCEEDED, reference=f"wo-{work.key}")
