"""Repair: what is broken comes in, is diagnosed, repaired and sent back, or made good otherwise."""

from temporalio import workflow

from domain.cases import CaseView, Outcome
from workflows.case import Case, CaseStart
from workflows.steps import (
    book_pickup,
    collect_bill,
    hold_stock,
    order_repair,
    send_parcel,
    ship_stock,
)


@workflow.defn
class RepairWorkflow(Case):
    @workflow.run
    async def run(self, start: CaseStart) -> CaseView:
        return await self.live()

    async def fulfil(self) -> None:
        await self.collect(book_pickup)
        await self.repair(order_repair)  # diagnosed; what the warranty covers is repaired
        await self.agree(collect_bill)  # a quote, another remedy, or a bill
        await self.repair(order_repair)  # what the buyer agreed to
        await self.pay(Outcome.REFUNDED)
        await self.deliver(hold_stock, ship_stock, send_parcel)
