"""Repair shops: work on one unit is ordered, and asked about."""

from domain.payouts import Move
from gateways.repair_shops import RepairShop, WorkOrder
from gateways.testimony import Testimony
from store.goods.errands import Errand


class Workshop:
    def __init__(self, shop: RepairShop) -> None:
        self._shop = shop

    def work_order(self, errand: Errand) -> Testimony:
        """The unit of the case, with what the technician found wrong with it."""
        assert errand.work is not None  # nothing is ordered before a diagnosis
        work = WorkOrder(
            key=errand.key,
            case_id=str(errand.case_id),
            order_id=errand.order_id,
            sku=errand.work.sku,
            serial=errand.work.serial,
            fault=errand.work.fault,
        )
        return self._shop.order(work) if errand.move is Move.SEND else self._shop.find(work)
