"""Return: the goods come back, and then the money."""

from temporalio import workflow

from domain.cases import CaseView, Outcome
from workflows.case import Case, CaseStart
from workflows.steps import (
    book_pickup,
    collect_bill,
    hold_stock,
    restock,
    send_parcel,
    ship_stock,
)


@workflow.defn
class ReturnWorkflow(Case):
    @workflow.run
    async def run(self, start: CaseStart) -> CaseView:
        return await self.live()

    async def fulfil(self) -> None:
        await self.collect(book_pickup)
        await self.inspect(restock)
        await self.agree(collect_bill)  # an offer for the rest, a bill for what did not come
        await self.pay(Outcome.RETURNED_AND_REFUNDED)
        await self.deliver(hold_stock, ship_stock, send_parcel)  # what the shop does not keep
