"""Exchange: stock is held, the goods come back, the difference is settled, the replacement goes."""

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
class ExchangeWorkflow(Case):
    @workflow.run
    async def run(self, start: CaseStart) -> CaseView:
        return await self.live()

    async def fulfil(self) -> None:
        await self.reserve(hold_stock)
        await self.collect(book_pickup)
        await self.inspect(restock)
        await self.agree(collect_bill)  # a dearer replacement is paid for
        await self.pay(Outcome.RETURNED_AND_REFUNDED)  # a cheaper one pays the rest back
        await self.deliver(hold_stock, ship_stock, send_parcel)
