"""Buyers whose reviews and feedback run through real workflows."""

from abc import ABC, abstractmethod
from typing import Any
from uuid import UUID

from sqlalchemy import select
from temporalio.service import RPCError, RPCStatusCode

from store.tables import SubmissionEvent
from tests.correspondents import Correspondents
from tests.reviewers import Reviewers
from tests.workflows.platform import Platform, eventually


class Followed(ABC):
    """What becomes of reviews or feedback. The relay tells Temporal whatever is said."""

    platform: Platform

    @abstractmethod
    def stage(self, named: UUID) -> str: ...

    async def ends(self, named: UUID) -> None:
        await self.platform.deliver()
        await self.platform.ends(named)

    async def reaches(self, named: UUID, stage: str) -> None:
        await eventually(lambda: self.stage(named) == stage, f"it is {stage}")

    async def hears(self, named: UUID, what: str) -> None:
        await eventually(lambda: what in self.happened(named), what)

    def log(self, named: UUID) -> list[SubmissionEvent]:
        """What happened to it, oldest first."""
        of_it = select(SubmissionEvent).where(SubmissionEvent.submission_id == named)
        with self.platform.shop.session() as session:
            return list(session.scalars(of_it.order_by(SubmissionEvent.seq)))

    def happened(self, named: UUID) -> list[str]:
        return [event.what for event in self.log(named)]

    def said(self, named: UUID) -> str:
        """The detail of what happened last."""
        return self.log(named)[-1].detail

    async def events(self, named: UUID) -> int:
        """How long the history of its workflow is."""
        return len((await self.platform.workflow(named).fetch_history()).events)

    async def started(self, named: UUID) -> bool:
        """Whether there is, or was, a workflow for it."""
        try:
            await self.platform.workflow(named).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True


class Moderated(Followed, Reviewers):
    """Buyers who write reviews."""

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
