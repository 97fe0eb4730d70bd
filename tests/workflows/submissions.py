"""Buyers whose reviews and feedback run through real workflows."""

import asyncio
from abc import ABC, abstractmethod
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from domain.submissions import SubmissionKind, submission_workflow_id
from store.tables import SubmissionEvent
from tests.correspondents import Correspondents
from tests.reviewers import Reviewers
from tests.workflows.platform import Platform, details_of, eventually


class Followed(ABC):
    """What becomes of submissions of one kind. The relay tells Temporal whatever is said."""

    kind: ClassVar[SubmissionKind]
    platform: Platform

    @abstractmethod
    def stage(self, submission_id: UUID) -> str: ...

    def workflow(self, submission_id: UUID) -> WorkflowHandle[Any, Any]:
        named = submission_workflow_id(self.kind, submission_id)
        return self.platform.client.get_workflow_handle(named)

    async def signals(self, submission_id: UUID, name: str, *args: Any) -> None:
        """What a person sends from the Temporal UI."""
        await self.workflow(submission_id).signal(name, args=args)

    async def ends(self, submission_id: UUID) -> None:
        await self.platform.deliver()
        await asyncio.wait_for(self.workflow(submission_id).result(), 20)

    async def reaches(self, submission_id: UUID, stage: str) -> None:
        await eventually(lambda: self.stage(submission_id) == stage, f"it is {stage}")

    async def hears(self, submission_id: UUID, what: str) -> None:
        await eventually(lambda: what in self.happened(submission_id), what)

    def log(self, submission_id: UUID) -> list[SubmissionEvent]:
        """What happened to it, oldest first."""
        of_it = select(SubmissionEvent).where(SubmissionEvent.submission_id == submission_id)
        with self.platform.shop.session() as session:
            return list(session.scalars(of_it.order_by(SubmissionEvent.seq)))

    def happened(self, submission_id: UUID) -> list[str]:
        return [event.what for event in self.log(submission_id)]

    def said(self, submission_id: UUID) -> str:
        """The detail of what happened last."""
        return self.log(submission_id)[-1].detail

    async def events(self, submission_id: UUID) -> int:
        """How long the history of its workflow is."""
        return len((await self.workflow(submission_id).fetch_history()).events)

    async def history(self, submission_id: UUID) -> str:
        return (await self.workflow(submission_id).fetch_history()).to_json()

    async def details(self, submission_id: UUID) -> str:
        return await details_of(self.workflow(submission_id))

    async def started(self, submission_id: UUID) -> bool:
        """Whether there is, or was, a workflow for it."""
        try:
            await self.workflow(submission_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True


class Moderated(Followed, Reviewers):
    """Buyers who write reviews."""

    kind = SubmissionKind.REVIEW
    stage = Reviewers.stage

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


class Listened(Followed, Correspondents):
    """Buyers who give feedback."""

    kind = SubmissionKind.FEEDBACK
    stage = Correspondents.stage

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform.shop)
        self.platform = platform
        self.clock = platform.now

    async def submitted(self, **fields: Any) -> UUID:
        """Feedback whose workflow has been started."""
        feedback_id = self.writes(**fields)
        await self.platform.deliver()
        return feedback_id
