"""Review: a buyer's stars and words about a bought line, let in or refused."""

from temporalio import workflow

from domain.submissions import SubmissionView
from workflows.submissions import Submission, SubmissionStart


@workflow.defn
class ReviewWorkflow(Submission):
    @workflow.run
    async def run(self, start: SubmissionStart) -> SubmissionView:
        return await self.live()

    async def handle(self) -> None:
        await self.hold()
        await self.audit()
