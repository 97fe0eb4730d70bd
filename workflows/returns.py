"""Return: the goods come back, and then the money."""

from temporalio import workflow

from domain.cases import CaseView, Outcome
from workflows.case import Case, CaseStart


@workflow.defn
class ReturnWorkflow(Case):
    @workflow.run
    async def run(self, start: CaseStart) -> CaseView:
        return await self.live()

    async def fulfil(self) -> None:
        await self.collect()
        await self.inspect()
        await self.agree()
        if await self.paid():
            await self.close(Outcome.RETURNED_AND_REFUNDED)
        await self.send()
