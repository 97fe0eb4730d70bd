"""The warehouse's and the carrier's parts played by hand, step by step, on a shop's returns."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from activities.embedded_stock import EmbeddedStock
from domain import goods_messages
from domain.effects import EffectAction, EffectState, Said
from domain.parcels import ParcelStatus
from domain.people import Actor
from gateways.testimony import Verdict
from store import deadlines
from store.goods import arrivals, inspections, losses, offers, parcels, tracking
from store.goods.effect_requests import EffectRequest
from store.goods.effect_steps import StepResult, conclude
from store.goods.effects import of_case
from store.goods.shipments import ship
from store.goods.stock import available
from store.tables import Arrival, Case, Effect, Parcel
from tests.effects import begin_next, stocked
from tests.shop import NOW, order_body, return_body
from tests.store.till import Till

MINUTE = timedelta(minutes=1)
SHELVED = (
    EffectAction.HOLD_STOCK,
    EffectAction.RELEASE_STOCK,
    EffectAction.SHIP_STOCK,
    EffectAction.RESTOCK,
)
DONE = EffectState.DONE
REFUSED = Said(EffectState.CANCELLED, None, "address_not_served")
NO_ANSWER = Said(EffectState.UNKNOWN, None, "timeout")


def booking(number: str = "TRK1") -> Said:
    return Said(DONE, f"shp_{number}", carrier="sandbox", tracking_number=number)


class Dock:
    def __init__(self, till: Till) -> None:
        self.till = till
        self.shop = till.shop
        self._reports = 0

    def approved(
        self, quantity: int = 2, paid: int = 1000, order_id: str = "o1", **request: Any
    ) -> UUID:
        """An order over one line, and an approved return of its units."""
        self.shop.sell(order_id, order_body((quantity, paid)))
        case_id = self.shop.apply(return_body((1, quantity), order_id=order_id, **request)).case_id
        self.shop.approve(case_id)
        return case_id

    def effect(self, case_id: UUID, now: datetime = NOW) -> EffectRequest:
        """The call that is due; there has to be one."""
        step = self.shop.database.run(lambda s: begin_next(s, case_id, now))
        assert isinstance(step, EffectRequest), step
        return step

    def done(self, case_id: UUID, said: Said | None = None, now: datetime = NOW) -> StepResult:
        """The call that is due, and what its party says to it."""
        request = self.effect(case_id, now)
        return self.said(request, said, now)

    def said(
        self, request: EffectRequest, said: Said | None = None, now: datetime = NOW
    ) -> StepResult:
        """What the party of a call says to it, if not what it usually does."""
        word = said or (self._shelved(request, now) if request.action in SHELVED else Said(DONE))
        return self.shop.database.run(lambda s: conclude(s, request, word, self.shop.policy, now))

    def _shelved(self, request: EffectRequest, now: datetime) -> Said:
        """What the shelves, which are real, say to a request."""
        stock = EmbeddedStock(self.shop.database, lambda: now)
        answer = stocked(stock, request)
        done = answer.verdict is Verdict.SUCCEEDED
        return Said(DONE if done else EffectState.CANCELLED, code=answer.code)

    def idle(self, case_id: UUID) -> bool:
        step = self.shop.database.run(lambda s: begin_next(s, case_id, NOW, standing=False))
        return isinstance(step, StepResult)

    def collected(self, case_id: UUID, number: str = "TRK1") -> UUID:
        """The pickup is booked."""
        self.done(case_id, booking(number))
        return case_id

    def seen(
        self,
        status: ParcelStatus,
        at: datetime = NOW,
        number: str = "TRK1",
        carrier: str = "sandbox",
        event_id: str | None = None,
        now: datetime | None = None,
    ) -> None:
        """The carrier's webhook about a parcel."""
        self._reports += 1
        named = event_id or f"evt_{self._reports}"
        report = tracking.Report(carrier, named, number, status, at)
        self.shop.database.run(lambda s: tracking.receive(s, report, self.shop.policy, now or at))

    def ship(self, case_id: UUID, number: str = "OWN1", carrier: str = "post") -> Case:
        word = goods_messages.Shipment(carrier=carrier, tracking_number=number)
        return self.shop.database.run(
            lambda s: ship(s, case_id, word, self.shop.storefront, self.shop.policy, NOW + MINUTE)
        )

    def inspect(
        self, case_id: UUID, received: int, accepted: int, now: datetime = NOW, **fields: Any
    ) -> Case:
        """The warehouse's count of line 1."""
        line: dict[str, Any] = {"line": 1, "received": received, "accepted": accepted}
        if accepted:
            line["disposition"] = "restock"
        if accepted < received:
            line["reason"] = "worn"
        return self.count(case_id, [line], now, **fields)

    def count(
        self, case_id: UUID, lines: list[dict[str, Any]], now: datetime = NOW, **fields: Any
    ) -> Case:
        found = goods_messages.Inspection.model_validate({"lines": lines, **fields})
        who = self.shop.warehouse
        return self.shop.database.run(
            lambda s: inspections.inspect(s, case_id, found, who, self.shop.policy, now)
        )

    def offer(self, case_id: UUID, amount: int, now: datetime = NOW, **fields: Any) -> Case:
        word = goods_messages.Offer.model_validate({"amount": amount, **fields})
        return self.shop.database.run(
            lambda s: offers.make(s, case_id, word, self.shop.lead, self.shop.policy, now)
        )

    def answer(self, case_id: UUID, accepted: bool) -> Case:
        who = self.shop.storefront
        return self.shop.database.run(
            lambda s: offers.answer(s, case_id, accepted, who, self.shop.policy, NOW)
        )

    def lose(self, case_id: UUID, now: datetime = NOW) -> Case:
        return self.shop.database.run(
            lambda s: losses.declare(
                s, case_id, goods_messages.Lost(), self.shop.operator, self.shop.policy, now
            )
        )

    def days_pass(self, case_id: UUID, days: float, since: datetime = NOW) -> Case:
        now = since + timedelta(days=days)
        return self.shop.database.run(lambda s: deadlines.remind(s, case_id, self.shop.policy, now))

    def case(self, case_id: UUID) -> Case:
        return self.shop.read(case_id)

    def stands(self, case_id: UUID) -> tuple[str, str | None, int]:
        """(stage, who it waits for, what it paid)."""
        case = self.case(case_id)
        return case.stage, case.waiting_for, case.paid

    def effects(self, case_id: UUID) -> list[tuple[str, str]]:
        with self.shop.database.begin() as session:
            found: list[Effect] = of_case(session, case_id)
            return [(effect.action, effect.state) for effect in found]

    def parcels(self, case_id: UUID) -> list[Parcel]:
        with self.shop.database.begin() as session:
            return parcels.of_case(session, case_id)

    def arrivals(self, case_id: UUID) -> list[Arrival]:
        """Parcels that came in although the case did not wait for them."""
        with self.shop.database.begin() as session:
            found = select(Arrival).where(Arrival.case_id == case_id)
            return list(session.scalars(found.order_by(Arrival.arrived_at)))

    def decide(
        self, case_id: UUID, action: str, by: Actor | None = None, now: datetime = NOW
    ) -> Case:
        """What is to become of what came in."""
        word = goods_messages.ArrivalDecision.model_validate({"action": action})
        who = by or self.shop.lead
        return self.shop.database.run(lambda s: arrivals.decide(s, case_id, word, who, now))

    def on_shelf(self, sku: str = "SKU1") -> int:
        with self.shop.database.begin() as session:
            return available(session, "demo", [sku]).get(sku, 0)
