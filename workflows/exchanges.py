"""Exchange: stock is held, the goods come back, the difference is settled, the replacement goes."""

from temporalio import workflow

from domain.cases import CaseView, Outcome
from workflows.case import Case, CaseStart


@workflow.defn
class ExchangeWorkflow(Case):
    @workflow.run
    async def run(self, start: CaseStart) -> CaseView:
        return await self.live()

    async def fulfil(self) -> None:
        await self.hold()
        await self.collect()
        await self.inspect()
        await self.settle()
        await self.send()

    async def settle(self) -> None:
        """The difference in price: the buyer pays it, or is paid it."""
        await self.agree()
        if await self.paid():
            await self.close(Outcome.RETURNED_AND_REFUNDED)
