"""Feedback: a buyer's word about the shop, let in, answered, and closed when all is said."""

from temporalio import workflow

from domain.submissions import SubmissionView
from workflows.submissions import Submission, SubmissionStart


@workflow.defn
class FeedbackWorkflow(Submission):
    @workflow.run
    async def run(self, start: SubmissionStart) -> SubmissionView:
        return await self.live()

    async def handle(self) -> None:
        await self.audit()
        await self.answer()
        await self.hear_buyer()
