"""A payout gateway that says what a test tells it to, and remembers what it was asked."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from domain.charges import ChargeFacts, Reading, Transfers, Unreadable
from gateways.testimony import Instruction, Testimony, Verdict

Word = Testimony | Exception


def succeeded(reference: str = "re_1") -> Testimony:
    return Testimony(verdict=Verdict.SUCCEEDED, reference=reference)


PENDING = Testimony(verdict=Verdict.PENDING, reference="re_1")
DECLINED = Testimony(verdict=Verdict.FAILED, code="card_declined")
LOST = Testimony(verdict=Verdict.AMBIGUOUS, code="timeout")
NOT_FOUND = Testimony(verdict=Verdict.NOT_FOUND)
BUSY = Testimony(verdict=Verdict.NOT_EXECUTED, code="rate_limit")


def charge_of(payment: str, **facts: Any) -> ChargeFacts:
    """A charge of plenty, of which nobody took anything, unless told."""
    name = payment.removeprefix("pi_").removeprefix("ch_")
    whole = {"charge": f"ch_{name}", "intent": f"pi_{name}", "currency": "GBP"}
    return ChargeFacts(**{**whole, "captured": 10**9, **facts})


@dataclass
class ScriptedGateway:
    """Says the words it was given, in order; the last one stays. Unless told, all goes well."""

    calls: list[tuple[str, Instruction]] = field(default_factory=list)
    watch: Callable[[], None] = lambda: None
    """Runs during every call, as somebody who looks over our shoulder."""
    charges: dict[str, Reading] = field(default_factory=dict)
    """What it shows of charges that are not as their orders say, by payment."""
    transfers: dict[str, Transfers | Unreadable] = field(default_factory=dict)
    """What it has sent for an order besides what it was told to here."""
    _words: dict[tuple[str, str], deque[Word]] = field(default_factory=dict)

    def answers_send(self, *words: Word, payment: str = "") -> None:
        """What it says to a `send`; about this payment alone, if one is named."""
        self._words["send", payment] = deque(words)

    def answers_ask(self, *words: Word, payment: str = "") -> None:
        self._words["ask", payment] = deque(words)

    def send(self, instruction: Instruction) -> Testimony:
        return self._answer("send", instruction)

    def ask(self, instruction: Instruction) -> Testimony:
        return self._answer("ask", instruction)

    def read(self, payment: str) -> Reading:
        return self.charges.get(payment) or charge_of(payment)

    def of_order(self, order_id: str) -> Transfers | Unreadable:
        return self.transfers.get(order_id, Transfers())

    def _answer(self, how: str, instruction: Instruction) -> Testimony:
        self.calls.append((how, instruction))
        self.watch()
        words = (
            self._words.get((how, instruction.payment))
            or self._words.get((how, ""))
            or deque([succeeded()])
        )
        word = words.popleft() if len(words) > 1 else words[0]
        if isinstance(word, Exception):
            raise word
        return word

    @property
    def heard(self) -> list[str]:
        """`send` and `ask`, in the order they came."""
        return [how for how, _ in self.calls]

    @property
    def keys(self) -> list[str]:
        """The keys under which money was asked to move."""
        return [call.key for how, call in self.calls if how == "send"]
