"""A gateway at which buyers pay, with a book of what it opened; time expires what nobody pays."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from domain.bills import BillState
from gateways.checkout import Bill, BillAnswer
from gateways.testimony import Verdict


@dataclass
class Page:
    """Where one bill is paid."""

    bill: Bill
    state: BillState = BillState.OPEN


@dataclass
class ScriptedCheckout:
    """Opens whatever it is asked to, once a key, unless told otherwise."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    pages: dict[str, Page] = field(default_factory=dict)
    _words: deque[BillAnswer] = field(default_factory=deque)

    def answers(self, *words: BillAnswer) -> None:
        """What it says to the next openings, which it carries out nonetheless."""
        self._words.extend(words)

    def open(self, bill: Bill) -> BillAnswer:
        word = self._words.popleft() if self._words else None
        if word is None or word.verdict is not Verdict.FAILED:
            self.pages.setdefault(bill.key, Page(bill))
        return word or self._said(bill.key)

    def ask(self, bill: Bill, reference: str | None) -> BillAnswer:
        if bill.key in self.pages:
            return self._said(bill.key)
        return BillAnswer(verdict=Verdict.NOT_FOUND)

    def expire(self, bill: Bill, reference: str) -> BillAnswer:
        page = self.pages[bill.key]
        if self._now(page) is not BillState.OPEN:
            return BillAnswer(verdict=Verdict.AMBIGUOUS, code="not_open")
        page.state = BillState.EXPIRED
        return self._said(bill.key)

    def pay(self) -> None:
        """The buyer pays what was opened last."""
        page = list(self.pages.values())[-1]
        assert self._now(page) is BillState.OPEN
        page.state = BillState.PAID

    def _now(self, page: Page) -> BillState:
        over = page.state is BillState.OPEN and page.bill.expires_at <= self.clock()
        return BillState.EXPIRED if over else page.state

    def _said(self, key: str) -> BillAnswer:
        state = self._now(self.pages[key])
        said = BillAnswer(verdict=Verdict.SUCCEEDED, reference=f"cs_{key}", state=state)
        if state is BillState.OPEN:
            return replace(said, url=f"https://pay.example/{key}")
        return replace(said, payment=f"pi_{key}") if state is BillState.PAID else said
