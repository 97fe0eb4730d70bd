"""Repair: what is broken comes in, is diagnosed, repaired and sent back, or made good otherwise."""

from temporalio import workflow

from domain.cases import CaseView, Outcome, Stage
from workflows.case import Case, CaseStart


@workflow.defn
class RepairWorkflow(Case):
    @workflow.run
    async def run(self, start: CaseStart) -> CaseView:
        return await self.live()

    async def fulfil(self) -> None:
        await self.collect()
        await self.diagnose()
        await self.agree()
        await self.repair()
        if await self.paid():
            await self.close(Outcome.REFUNDED)
        await self.send()

    async def diagnose(self) -> None:
        """The technician says what is wrong. What the warranty covers is repaired at once."""
        await self._wait_in(Stage.IN_REPAIR)

    async def repair(self) -> None:
        """What the buyer agreed to is repaired."""
        await self._wait_in(Stage.IN_REPAIR)
