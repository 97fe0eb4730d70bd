"""Refund: money back, no goods."""

from temporalio import workflow

from domain.cases import CaseView, Outcome
from workflows.case import Case, CaseStart


@workflow.defn
class RefundWorkflow(Case):
    @workflow.run
    async def run(self, start: CaseStart) -> CaseView:
        return await self.live()

    async def fulfil(self) -> None:
        await self.pay(Outcome.REFUNDED)
