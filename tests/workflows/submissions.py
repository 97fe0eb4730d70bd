"""Buyers whose reviews run through real workflows."""

import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy import select
from temporalio.client import WorkflowHandle

from store.tables import SubmissionEvent
from tests.reviewers import Reviewers
from tests.workflows.platform import Platform, eventually


class Moderated(Reviewers):
    """The relay tells Temporal whatever is said or decided."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform.shop)
        self.platform = platform
        self.now = platform.now

    async def submitted(self, sell: bool = True, **fields: Any) -> UUID:
        """A review whose workflow has been started."""
        if sell:
            self.sells()
        review_id = self.submits(now=self.now(), **fields)
        await self.platform.deliver()
        return review_id

    def workflow(self, review_id: UUID) -> WorkflowHandle[Any, Any]:
        return self.platform.client.get_workflow_handle(f"review/{review_id}")

    async def signals(self, review_id: UUID, name: str, payload: Any) -> None:
        """What a person sends from the Temporal UI."""
        await self.workflow(review_id).signal(name, args=[payload])

    async def ends(self, review_id: UUID) -> None:
        await self.platform.deliver()
        await asyncio.wait_for(self.workflow(review_id).result(), 20)

    async def reaches(self, review_id: UUID, stage: str) -> None:
        await eventually(lambda: self.stage(review_id) == stage, f"the review is {stage}")

    def _events(self, review_id: UUID) -> list[SubmissionEvent]:
        of_it = select(SubmissionEvent).where(SubmissionEvent.submission_id == review_id)
        with self.shop.session() as session:
            return list(session.scalars(of_it.order_by(SubmissionEvent.seq)))

    def happened(self, review_id: UUID) -> list[str]:
        return [event.what for event in self._events(review_id)]

    def said(self, review_id: UUID) -> str:
        """The detail of what happened last."""
        return self._events(review_id)[-1].detail

    async def events(self, review_id: UUID) -> int:
        """How long the history of its workflow is."""
        return len((await self.workflow(review_id).fetch_history()).events)

    async def history(self, review_id: UUID) -> str:
        return (await self.workflow(review_id).fetch_history()).to_json()
