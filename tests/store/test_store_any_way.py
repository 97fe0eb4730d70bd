"""Whatever way a return or an exchange takes: does its buyer get what is due, once, and no more?

Everybody acts at random: warehouse, carrier, auditor, buyer, gateway and operator. Then all do as
they should, until the case is done. What it gave has to be what its goods were worth; and like
after every test here, the books have to add up.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import TypeVar
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.bills import BillState, BillWord
from domain.cases import Outcome, PayoutState
from domain.effects import EffectAction, EffectState, Said
from domain.parcels import ParcelStatus
from domain.payouts import Move
from domain.people import Role
from domain.policy import Trusted
from domain.refusals import Refusal
from store.calls import Answer, Call
from store.closing import complete
from store.goods import replacements, stock
from store.goods.effect_requests import BillRequest, EffectRequest
from store.tables import Bill, Case
from store.units import owned_by
from tests.effects import begin_next
from tests.shop import NOW, exchange_body, order_body, return_body
from tests.store.dock import Dock, booking
from tests.store.till import DECLINED, PAID, Till

T = TypeVar("T")
Pick = Callable[[list[T]], T]

_numbers = count(1)
WORTH = 500
"""Of each unit."""
MOST_LAPSES = 2
"""After so many bills that they let lapse, a buyer pays."""


class Way:
    """One case of two or three units, and what happens to it. Time goes by when nobody acts."""

    def __init__(self, dock: Dock, data: st.DataObject) -> None:
        self.dock, self.data = dock, data
        self.order = f"o{next(_numbers)}"
        self.bought = self.pick([2, 3])
        self.price = self.pick([None, 0, 700, 1000, 1700])
        self.charged: dict[str, BillState] = {}
        self.lapses = 0
        self.now = NOW
        self.id = self._opened()

    def pick(self, among: list[T]) -> T:
        return self.data.draw(st.sampled_from(among))

    def _opened(self) -> UUID:
        shop, n, ordered = self.dock.shop, self.bought, self.order
        trusted = Trusted(good_returns=self.pick([0, 1]), up_to={"GBP": 10_000})
        shop.policy = shop.policy.model_copy(update={"trusted": trusted})
        customer = {"id": ordered}
        if trusted.good_returns:
            shop.sell(f"{ordered}-before", order_body((1, 300), customer=customer))
            before = shop.apply(return_body((1, 1), order_id=f"{ordered}-before")).case_id
            shop.approve(before)
            self.dock.inspect(before, 1, 1)
            self.dock.till.pay(before)
        shop.sell(ordered, order_body((n, n * WORTH), customer=customer))
        body = return_body((1, n), order_id=ordered)
        if self.price is not None:
            body = exchange_body((1, n), price=self.price, sku=f"NEW-{ordered}", order_id=ordered)
            self.put(n)
        case_id = shop.apply(body).case_id
        self.approved(case_id)
        return case_id

    def approved(self, case_id: UUID) -> None:
        """By somebody who has approved nothing yet."""
        self.approver = self.dock.shop.hire(f"lead-{next(_numbers)}", Role.LEAD)
        self.dock.shop.approve(case_id, self.approver, self.now)

    @property
    def case(self) -> Case:
        return self.dock.case(self.id)

    def put(self, pieces: int) -> None:
        who, sku = self.dock.shop.warehouse.name, f"NEW-{self.order}"
        self.dock.shop.database.run(
            lambda s: stock.put(s, "demo", sku, "main", pieces, actor=who, now=self.now)
        )

    def effect(self, *, standing: bool = False) -> bool:
        """Whoever is asked for something does it. False if nobody is."""
        step = self.dock.shop.database.run(
            lambda s: begin_next(s, self.id, self.now, standing=standing)
        )
        if not isinstance(step, EffectRequest):
            return False
        said = None
        if step.action in (EffectAction.BOOK_PICKUP, EffectAction.SEND_PARCEL):
            said = booking(f"{self.order}-{next(_numbers)}")
        elif isinstance(step, BillRequest) and step.action != EffectAction.REFUND_BILL:
            said = self._checkout(step.action, step.bill.key)
        self.dock.said(step, said, self.now)
        return True

    def _checkout(self, action: EffectAction, key: str) -> Said:
        """What a gateway says of a bill: once it is paid or over, always the same."""
        if self.charged.get(key) not in (BillState.PAID, BillState.EXPIRED):
            over = BillState.EXPIRED if action is EffectAction.CANCEL_BILL else BillState.OPEN
            words = [BillState.PAID, over] if self.lapses < MOST_LAPSES else [BillState.PAID]
            self.charged[key] = self.pick(words)
            self.lapses += self.charged[key] is BillState.EXPIRED
        word = self.charged[key]
        payment = "pi_1" if word is BillState.PAID else None
        return Said(EffectState.DONE, key, bill=BillWord(word, payment=payment))

    def money(self, *words: Answer) -> bool:
        """A step of a payout, and what follows once all are through. False if there is none."""
        version = self.case.version
        step = self.dock.till.begin(self.id, self.now)
        if isinstance(step, Call):
            word = self.pick(list(words)) if step.move is Move.SEND else PAID
            self.dock.till.conclude(step, word, self.now)
            return True
        how, policy = Outcome.RETURNED_AND_REFUNDED, self.dock.shop.policy
        self.dock.shop.database.run(lambda s: complete(s, self.id, how, policy, self.now))
        return self.case.version > version

    def seen(self, *statuses: ParcelStatus) -> None:
        for parcel in self.dock.parcels(self.id)[-1:]:
            self.dock.seen(
                self.pick(list(statuses)),
                self.now,
                parcel.tracking_number,
                event_id=f"evt-{next(_numbers)}",
            )

    def counted(self) -> None:
        received = self.pick(list(range(self.bought + 1)))
        accepted = self.pick(list(range(received + 1)))
        self.dock.inspect(self.id, received, accepted, self.now)

    def taken_back(self) -> None:
        if any(payout.state == PayoutState.PAID for payout in self.dock.till.payouts(self.id)):
            self.dock.till.reverse(self.id, self.now)

    def time_is_over(self) -> None:
        """Of whoever the case waits for."""
        if due := self.case.due_at:
            self.now = max(self.now, due)
            self.dock.days_pass(self.id, 0, since=self.now)

    def approver_leaves(self) -> None:
        self.dock.shop.revoke(self.approver.name, self.now)

    def sold(self) -> None:
        """To somebody else, if as much of the replacement is free as it takes."""
        self.dock.shop.database.run(
            lambda s: stock.hold(
                s,
                key=f"{self.order}-{next(_numbers)}",
                storefront="demo",
                sku=f"NEW-{self.order}",
                quantity=self.bought,
                until=self.now + timedelta(days=30),
                now=self.now,
            )
        )

    def tried_again(self) -> None:
        self.dock.shop.resume(self.id, now=self.now, action="retry")

    def anything(self) -> None:
        happens: list[Callable[[], object]] = [
            self.effect,
            lambda: self.effect(standing=True),
            lambda: self.money(PAID, PAID, DECLINED),
            lambda: self.seen(*ParcelStatus),
            self.counted,
            lambda: self.dock.offer(self.id, 0, self.now),
            lambda: self.dock.lose(self.id, self.now),
            self.taken_back,
            self.approver_leaves,
            self.sold,
            self.time_is_over,
            self.tried_again,
        ]
        with suppress(Refusal, stock.Unmet):  # it may not be the time for it
            self.pick(happens)()

    def goes_its_way(self) -> None:
        """Everybody does what the case waits for."""
        for _ in range(40):
            while self.effect():
                pass
            case = self.case
            if case.closed_at:
                return
            match case.stage, case.waiting_for:
                case "paying", _:
                    self.money(PAID)
                case "awaiting_second_audit", _:
                    self.approved(self.id)
                case "needs_attention", _:
                    self.tried_again()
                case "awaiting_inspection", "auditor":
                    self.dock.offer(self.id, 0, self.now)
                case (("awaiting_inspection" | "awaiting_parcel"), _):
                    self.counted()
                case "shipping", _:
                    self.seen(ParcelStatus.DELIVERED)
                case _ if self.pick([True, False]):
                    self.effect(standing=True)
                case _:
                    self.time_is_over()
        raise AssertionError(f"it stands still in {self.case.stage}, {self.case.attention}")

    def given(self) -> tuple[int, int]:
        """What the buyer was given for what the shop has, less what they paid; and its worth."""
        with self.dock.shop.session() as session:
            case = session.get_one(Case, self.id)
            kept = [piece for claim, piece in owned_by(session, self.id) if claim.kept]
            paid = session.query(Bill).where(Bill.case_id == self.id, Bill.state == "paid")
            billed = sum(bill.amount for bill in paid)
            sent = replacements.to_give(session, case) if case.outcome == "exchanged" else []
            worth = WORTH * sum(piece.units.size for piece in kept)
            return case.paid - billed + sum(each.price for each in sent), worth


@settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_a_buyer_gets_what_their_goods_were_worth(till: Till, data: st.DataObject) -> None:
    way = Way(Dock(till), data)
    for _ in range(way.pick(list(range(16)))):
        way.anything()
    way.goes_its_way()
    given_for, worth = way.given()
    assert given_for == worth
    leaving = [action for action, state in way.dock.effects(way.id) if state == "done"]
    assert leaving.count("ship_stock") <= 1
