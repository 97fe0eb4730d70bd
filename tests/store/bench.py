"""The technician's part played by hand, and the buyer's answers to it, on a shop's repairs."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain import goods_messages
from domain.bills import BillState, BillWord
from domain.effects import Said
from domain.parcels import ParcelStatus
from store.case_records import record_of
from store.goods import diagnoses, remedies, repairs
from store.goods.bills import BillReport, report
from store.goods.goods_records import GoodsRecord
from store.goods.stock import put
from store.tables import Case
from tests.shop import NOW, order_body, repair_body
from tests.store.dock import DONE, Dock, booking

COVERED = {"fault": "no power", "covered": True, "repairable": True}
NOT_COVERED = {**COVERED, "covered": False, "parts": 2000, "labour": 3000, "tax": 800}
HOPELESS = {"fault": "burnt", "covered": True, "repairable": False}


class Bench(Dock):
    def sold(self, order_id: str = "o1", paid: int = 1000, **line: Any) -> None:
        """One unit, with serial A1 unless the line says otherwise."""
        body = order_body((1, paid), ordered_at="2026-01-01T08:00:00Z")
        body["lines"][0] |= {"serials": ["A1"], **line}
        self.shop.sell(order_id, body)

    def asked(self, order_id: str = "o1", now: datetime = NOW, **request: Any) -> UUID:
        """An approved repair of the unit of an order."""
        body = repair_body((1, 1), order_id=order_id, **request)
        case_id = self.shop.apply(body, now).case_id
        self.shop.approve(case_id, now=now)
        return case_id

    def brought(
        self, order_id: str = "o1", number: str = "IN1", now: datetime = NOW, **request: Any
    ) -> UUID:
        """The same, and the unit has come in."""
        case_id = self.asked(order_id, now, **request)
        self.done(case_id, booking(number), now)
        self.seen(ParcelStatus.DELIVERED, now, number)
        return case_id

    def stocked(self, pieces: int) -> None:
        """So many of the article are on the shelf."""
        self.shop.database.run(
            lambda s: put(s, "demo", "SKU1", "main", pieces, actor="wanda", now=NOW)
        )

    def diagnose(
        self, case_id: UUID, found: dict[str, Any], now: datetime = NOW, **fields: Any
    ) -> Case:
        word = goods_messages.Diagnosis.model_validate({"serial": "A1", **found, **fields})
        who, policy = self.shop.technician, self.shop.policy
        return self.shop.database.run(
            lambda s: diagnoses.diagnose(s, case_id, word, who, policy, now)
        )

    def quote(self, case_id: UUID, accepted: bool, now: datetime = NOW, **fields: Any) -> Case:
        """The buyer's answer to the quote."""
        word = goods_messages.QuoteAnswer(**fields)
        who, policy = self.shop.storefront, self.shop.policy
        return self.shop.database.run(
            lambda s: repairs.answer_quote(s, case_id, accepted, word, who, policy, now)
        )

    def choose(self, case_id: UUID, remedy: str, now: datetime = NOW) -> Case:
        word = goods_messages.Choice(remedy=goods_messages.Remedy(remedy))
        who, policy = self.shop.storefront, self.shop.policy
        return self.shop.database.run(lambda s: remedies.choose(s, case_id, word, who, policy, now))

    def repaired(
        self, case_id: UUID, serial: str | None = "A1", now: datetime = NOW, **fields: Any
    ) -> Case:
        word = goods_messages.Repaired(serial=serial, **fields)
        who, policy = self.shop.technician, self.shop.policy
        return self.shop.database.run(
            lambda s: repairs.repaired(s, case_id, word, who, policy, now)
        )

    def back(self, case_id: UUID, number: str = "OUT1", now: datetime = NOW) -> Case:
        """The parcel to the buyer is booked, and arrives."""
        self.done(case_id, booking(number), now)
        self.seen(ParcelStatus.DELIVERED, now, number)
        return self.case(case_id)

    def once_repaired(self, n: int, now: datetime) -> None:
        """The n-th failure of the unit, repaired under warranty."""
        case_id = self.brought(number=f"IN{n}", now=now)
        self.diagnose(case_id, COVERED, now)
        self.done(case_id, now=now)
        self.repaired(case_id, now=now)
        self.back(case_id, f"OUT{n}", now)

    def bill(self, case_id: UUID, now: datetime = NOW) -> None:
        """The gateway opens the bill that is due."""
        self.done(
            case_id, Said(DONE, "cs_1", bill=BillWord(BillState.OPEN, url="https://pay")), now
        )

    def pay(self, case_id: UUID, now: datetime = NOW) -> None:
        """The buyer has paid, and the gateway says so when it is asked the next time."""
        said = BillReport("stripe", f"evt_{now}", "checkout.session.completed", case_id)
        self.shop.database.run(lambda s: report(s, said, now))
        word = BillWord(BillState.PAID, payment="pi_1")
        self.done(case_id, Said(DONE, "cs_1", bill=word), now)

    def leave_unpaid(self, case_id: UUID, days: float, now: datetime = NOW) -> Case:
        """So many days pass, and the gateway has taken no money."""
        self.days_pass(case_id, days, now)
        word = Said(DONE, "cs_1", bill=BillWord(BillState.EXPIRED))
        self.done(case_id, word, now + timedelta(days=days))
        return self.case(case_id)

    def goods(self, case_id: UUID) -> GoodsRecord:
        with self.shop.database.begin() as session:
            goods = record_of(session, session.get_one(Case, case_id)).goods
        assert goods is not None
        return goods
