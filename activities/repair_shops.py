"""Repair shops: work on one unit is ordered, and asked about."""

from temporalio import activity

from activities.effects import Effects
from domain.cases import CaseView
from domain.effects import EffectRef
from domain.payouts import Move
from gateways.repair_shops import RepairShop, WorkOrder
from gateways.testimony import Testimony
from store.goods.effect_requests import RepairRequest


class RepairShops:
    def __init__(self, effects: Effects, shop: RepairShop) -> None:
        self._effects = effects
        self._shop = shop

    @activity.defn(name="order_repair")
    def order_repair(self, effect: EffectRef) -> CaseView:
        """The shop repairs the unit of the case, with what the technician found wrong with it."""
        return self._effects.carry_out(effect, RepairRequest, self._order)

    def _order(self, request: RepairRequest) -> Testimony:
        work = WorkOrder(
            key=request.key,
            case_id=str(request.case_id),
            order_id=request.order_id,
            sku=request.work.sku,
            serial=request.work.serial,
            fault=request.work.fault,
        )
        return self._shop.order(work) if request.move is Move.SEND else self._shop.find(work)
