"""The outside parties of cases with goods, and every activity that asks one of them."""

from collections.abc import Callable
from dataclasses import dataclass

from activities.billing import Billing
from activities.inventory import Inventory
from activities.logistics import Logistics
from activities.repair_shops import RepairShops
from domain.cases import CaseView


@dataclass(frozen=True)
class Parties:
    """One of each."""

    logistics: Logistics
    inventory: Inventory
    repair_shops: RepairShops
    billing: Billing

    def activities(self) -> list[Callable[..., CaseView]]:
        return [
            self.logistics.book_pickup,
            self.logistics.cancel_pickup,
            self.logistics.send_parcel,
            self.inventory.hold_stock,
            self.inventory.release_stock,
            self.inventory.ship_stock,
            self.inventory.restock,
            self.repair_shops.order_repair,
            self.billing.collect_bill,
            self.billing.check_bill,
            self.billing.cancel_bill,
            self.billing.refund_bill,
        ]
