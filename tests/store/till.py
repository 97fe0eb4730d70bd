"""The gateway's part played by hand, step by step, on a shop's cases."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from domain.cases import Outcome, PayoutState
from domain.charges import Reading
from domain.payouts import Standing
from domain.refusals import Refusal
from store import inbox, orders, payouts, reservations
from store.calls import Answer, Call
from store.case_records import CaseRecord, events_of, record_of
from store.closing import complete
from store.inbox import Report
from store.orders import OrderRecord, UnitCount
from store.tables import Case, CaseEvent, Payout
from tests.shop import NOW, Shop, order_body, request_body

PAID = Answer(PayoutState.PAID, "re_1")
DECLINED = Answer(PayoutState.FAILED, "re_1", "card_declined")
REVERSED = Answer(PayoutState.FAILED, "re_1", "lost_or_stolen_card")
PENDING = Answer(PayoutState.PENDING, "re_1", "pending")
NO_ANSWER = Answer(PayoutState.UNKNOWN, None, "no_answer")
NOT_FOUND = Answer(PayoutState.UNKNOWN, None, "not_found")

TWO_CARDS = [
    {"payment": "ch_1", "provider": "stripe", "method": "card", "captured": 600},
    {"payment": "ch_2", "provider": "stripe", "method": "card", "captured": 400},
]
CASH_AND_CARD = [
    {"payment": "cash-7", "provider": "offline", "captured": 600},
    {"payment": "ch_2", "provider": "stripe", "method": "card", "captured": 400},
]
BANK_CARD = {"kind": "bank_card", "token": "tok_9", "last4": "4242"}


@contextmanager
def refused(slug: str) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """What happens inside is refused by this name."""
    with pytest.raises(Refusal) as refusal:
        yield refusal
    assert refusal.value.why.slug == slug


class Till:
    """What a shop pays back, one step of a payout at a time."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.charges: dict[str, Reading] = {}
        self._reports = 0

    def approved(
        self,
        *,
        payments: Sequence[dict[str, Any]] | None = None,
        order_id: str = "o1",
        **request: Any,
    ) -> UUID:
        """An order of two units for 10.00 in all, and an approved case over both."""
        self.shop.sell(order_id, order_body((2, 1000), payments=payments))
        case_id = self.shop.apply(request_body((1, 2), order_id=order_id, **request)).case_id
        self.shop.approve(case_id)
        return case_id

    def begin(self, case_id: UUID, now: datetime = NOW) -> Call | Standing:
        return self.shop.next_payout_step(case_id, now, self.charges)

    def call(self, case_id: UUID, now: datetime = NOW) -> Call:
        """The call that is due; there has to be one."""
        step = self.begin(case_id, now)
        assert isinstance(step, Call), step
        return step

    def stands(self, case_id: UUID, now: datetime = NOW) -> Standing:
        """Where the case stands; there must be no call to make."""
        step = self.begin(case_id, now)
        assert isinstance(step, Standing), step
        return step

    def conclude(self, call: Call, answer: Answer, now: datetime = NOW) -> Standing:
        return self.shop.database.run(
            lambda s: payouts.conclude(s, call, answer, self.shop.policy, now)
        )

    def step(self, case_id: UUID, answer: Answer, now: datetime = NOW) -> Standing:
        """The call that is due, and the gateway's answer to it."""
        return self.conclude(self.call(case_id, now), answer, now)

    def pay(self, case_id: UUID, now: datetime = NOW) -> Case:
        """Every call that is due succeeds, and the case is closed."""
        while isinstance(call := self.begin(case_id, now), Call):
            self.conclude(call, Answer(PayoutState.PAID, f"re_{call.payment}"), now)
        return self.complete(case_id, now)

    def complete(self, case_id: UUID, now: datetime = NOW) -> Case:
        return self.shop.database.run(
            lambda s: complete(s, case_id, Outcome.REFUNDED, self.shop.policy, now)
        )

    def report(self, payout: Payout, status: str, event_id: str | None = None) -> None:
        """The gateway's webhook about a payout."""
        self._reports += 1
        report = Report(
            "stripe",
            event_id or f"evt_{self._reports}",
            "refund.updated",
            status,
            payout.payout_id,
        )
        self.shop.database.run(lambda s: inbox.receive(s, report, NOW))

    def reverse(self, case_id: UUID, now: datetime = NOW) -> Standing:
        """The gateway takes the case's first paid payout back."""
        paid = next(p for p in self.payouts(case_id) if p.state == PayoutState.PAID)
        self.report(paid, "failed")
        return self.step(case_id, REVERSED, now)

    def payouts(self, case_id: UUID) -> list[Payout]:
        with self.shop.database.begin() as session:
            return reservations.payouts_of(session, session.get_one(Case, case_id))

    def record(self, case_id: UUID) -> CaseRecord:
        with self.shop.database.begin() as session:
            return record_of(session, session.get_one(Case, case_id))

    def events(self, case_id: UUID) -> list[CaseEvent]:
        with self.shop.database.begin() as session:
            return events_of(session, session.get_one(Case, case_id))

    def happened(self, case_id: UUID) -> list[str]:
        return [event.what for event in self.events(case_id)]

    def order(self, order_id: str = "o1") -> OrderRecord:
        with self.shop.database.begin() as session:
            return orders.read_order(session, "demo", order_id)

    def units(self, order_id: str = "o1", line: int = 1) -> UnitCount:
        return next(count for row, count in self.order(order_id).lines if row.line == line)

    def money(self, order_id: str = "o1") -> list[tuple[int, int]]:
        """(reserved, refunded) of each payment of the order."""
        return [(p.reserved, p.refunded) for p in self.order(order_id).payments]
