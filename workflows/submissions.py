"""Submission: the life that reviews and feedback share. Decisions, deadlines, the end.

As in `workflows.case`, the workflow holds no fact that it could not read again: signals wake it,
the row decides. It ends once nobody has to act; an edit or an appeal starts it anew.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio import workflow
from temporalio.common import RawValue

from domain.messages import CANCELLATION, Signal
from domain.submissions import SUBMISSION_AUDITS, SubmissionStage, SubmissionView
from workflows import attributes, steps
from workflows.details import submission_details
from workflows.hearing import afresh, portion, text_of, to_its_end

SUBMISSION_NEWS = "submission_news"
"""The relay's own signal: the row has changed, so read it. It carries nothing."""


@dataclass(frozen=True)
class SubmissionStart:
    """The submission as it stood when its workflow was started."""

    submission: SubmissionView


class Submission(ABC):
    """One class per kind over this one; each says in `handle` what it goes through."""

    @workflow.init
    def __init__(self, start: SubmissionStart) -> None:
        self.submission = start.submission
        self._news = False
        self._signals: list[Signal] = []
        workflow.set_current_details(submission_details(self.submission))

    @workflow.signal(dynamic=True, description="approve or reject what was said")
    def on_signal(self, name: str, values: Sequence[RawValue]) -> None:
        """Take any signal as it came: what the SDK cannot decode it drops without a word."""
        if name == SUBMISSION_NEWS:
            self._news = True
        else:
            self._signals.append(Signal(str(workflow.uuid4()), name, text_of(values)))

    @abstractmethod
    async def handle(self) -> None:
        """What a submission of this kind goes through."""

    async def live(self) -> SubmissionView:
        """Until nobody has to act."""
        return await to_its_end(
            self._live(),
            lambda: self._signals.append(Signal(str(workflow.uuid4()), CANCELLATION, None)),
        )

    async def _live(self) -> SubmissionView:
        while True:
            await self._settle_signals()
            while not self.submission.stage.terminal:
                await self.handle()
            await workflow.wait_condition(workflow.all_handlers_finished)
            if not self._signals and not self._news:
                return self.submission

    async def hold(self) -> None:
        """The case of the reviewed line comes to its end."""
        await self._wait_in(SubmissionStage.ON_HOLD)

    async def audit(self) -> None:
        """Somebody lets it in or refuses it; after an appeal, somebody else."""
        await self._wait_in(*SUBMISSION_AUDITS)

    async def answer(self) -> None:
        """Somebody of the shop answers."""
        await self._wait_in(SubmissionStage.AWAITING_ANSWER)

    async def hear_buyer(self) -> None:
        """The buyer comes back to it, or leaves it at that."""
        await self._wait_in(SubmissionStage.AWAITING_BUYER)

    async def _wait_in(self, *stages: SubmissionStage) -> None:
        """Wait until somebody's word or a deadline has moved it out of these stages."""
        while self.submission.stage in stages:
            await self._hear_or_remind()

    async def _hear_or_remind(self) -> None:
        now = workflow.now()
        remind_at = self.submission.remind_at or now
        if not self._signals and not self._news:
            afresh(SubmissionStart(self.submission))
        try:
            await workflow.wait_condition(
                lambda: bool(self._signals or self._news),
                timeout=max(remind_at - now, remind_at - remind_at),
                timeout_summary=f"wait for the {self.submission.waiting_for}",
            )
        except TimeoutError:
            # After an outage of days: one reminder now, not one for each day that was missed.
            late = max(remind_at, workflow.now())
            self._take_over(await steps.remind_submission(self.submission, late))
            return
        await self._settle_signals()

    async def _settle_signals(self) -> None:
        """Carry out what came in, and read the row again where something else has changed it."""
        signals = await portion(self._signals)
        if signals:
            self._news = False
            self._take_over(await steps.settle_submission(self.submission, signals))
        elif self._news:
            self._news = False
            self._take_over(await steps.read_submission(self.submission))

    def _take_over(self, submission: SubmissionView) -> None:
        """It has moved on: show it to operators."""
        changed = attributes.changes(self.submission, submission)
        self.submission = submission
        if changed:
            workflow.upsert_search_attributes(changed)
        workflow.set_current_details(submission_details(submission))
