"""The technician and the buyer of a repair, on a platform whose workflows run."""

from typing import Any
from uuid import UUID

from domain import goods_messages
from domain.parcels import ParcelStatus
from store.goods import bills, diagnoses, remedies, repairs
from store.goods.bills import BillReport
from store.goods.stock import put
from tests.shop import order_body, repair_body
from tests.workflows.platform import Platform, eventually

COVERED = {"serial": "A1", "fault": "no power", "covered": True, "repairable": True}
NOT_COVERED = {**COVERED, "covered": False, "parts": 2000, "labour": 3000, "tax": 800}
HOPELESS = {**COVERED, "fault": "burnt", "repairable": False}


class Workbench:
    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.shop = platform.shop

    async def asked(self, **request: Any) -> UUID:
        """Sell one unit with the serial A1, and ask to have it repaired."""
        body = order_body((1, 1000))
        body["lines"][0]["serials"] = ["A1"]
        self.shop.sell("o1", body, self.platform.now())
        return await self.platform.apply_for(repair_body((1, 1), **request))

    async def brought(self, **request: Any) -> UUID:
        """The same, approved, and the unit has come in."""
        case_id = await self.asked(**request)
        await self.platform.approve(case_id)
        await self.platform.hears(case_id, "pickup_booked")
        await self.platform.seen(case_id, ParcelStatus.DELIVERED)
        return case_id

    def stock(self, sku: str, pieces: int) -> None:
        """The warehouse has so many on its shelf."""
        now = self.platform.now()
        self.platform.database.run(
            lambda s: put(s, "demo", sku, "main", pieces, actor="wanda", now=now)
        )

    async def diagnose(self, case_id: UUID, found: dict[str, Any]) -> None:
        word, who = goods_messages.Diagnosis.model_validate(found), self.shop.technician
        self.platform.database.run(
            lambda s: diagnoses.diagnose(
                s, case_id, word, who, self.shop.policy, self.platform.now()
            )
        )
        await self.platform.deliver()

    async def quote(self, case_id: UUID, accepted: bool) -> None:
        word, who = goods_messages.QuoteAnswer(), self.shop.storefront
        self.platform.database.run(
            lambda s: repairs.answer_quote(
                s, case_id, accepted, word, who, self.shop.policy, self.platform.now()
            )
        )
        await self.platform.deliver()

    async def choose(self, case_id: UUID, remedy: str) -> None:
        word, who = (
            goods_messages.Choice(remedy=goods_messages.Remedy(remedy)),
            self.shop.storefront,
        )
        self.platform.database.run(
            lambda s: remedies.choose(s, case_id, word, who, self.shop.policy, self.platform.now())
        )
        await self.platform.deliver()

    async def repaired(self, case_id: UUID, serial: str = "A1", **fields: Any) -> None:
        word, who = goods_messages.Repaired(serial=serial, **fields), self.shop.technician
        self.platform.database.run(
            lambda s: repairs.repaired(s, case_id, word, who, self.shop.policy, self.platform.now())
        )
        await self.platform.deliver()

    async def pay(self, case_id: UUID) -> None:
        """The buyer is shown the bill and pays it, and its gateway's webhook comes in."""
        await eventually(lambda: self._shown(case_id), "the bill is shown")
        self.platform.checkout.pay()
        said = BillReport("stripe", "evt_paid", "checkout.session.completed", case_id)
        self.platform.database.run(lambda s: bills.report(s, said, self.platform.now()))
        await self.platform.deliver()

    def _shown(self, case_id: UUID) -> bool:
        with self.shop.session() as session:
            bill = bills.open_bill(session, case_id)
            return bill is not None and bill.url is not None

    async def arrives(self, case_id: UUID, n: int = 2) -> None:
        """The n-th parcel is taken to the buyer."""
        await self.platform.hears(case_id, "dispatched")
        await self.platform.seen(case_id, ParcelStatus.DELIVERED, n)
