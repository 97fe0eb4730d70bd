"""Case: the life that every kind shares. Decisions, deadlines, parking, money, the end.

The workflow holds no fact that it could not read again: signals wake it, the row decides, and
every step returns the case as PostgreSQL now has it.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.common import RawValue

from domain.cases import AUDITS, CaseView, Outcome, Stage
from domain.effects import EffectAction, next_in_lanes
from domain.messages import CANCELLATION, Signal
from domain.payouts import Standing
from workflows import attributes, steps
from workflows.details import details
from workflows.hearing import afresh, portion, text_of, to_its_end
from workflows.steps import COMPENSATIONS, Step

PAYOUT_NEWS = "payout_news"
"""The relay's own signal: the gateway has reported something, so ask it. It carries nothing."""

BILL_NEWS = "bill_news"
"""Likewise, about a bill that its buyer may have paid."""

CASE_NEWS = "case_news"
"""Likewise: the case has moved on in its row, so read it."""


@dataclass(frozen=True)
class CaseStart:
    """The case as it stood when its workflow was started; `news` if the gateway's word did that."""

    case: CaseView
    news: bool = False


class Case(ABC):
    """One class per kind over this one; each says in `fulfil` what follows an approval."""

    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        self.case = start.case
        self._ask = start.news  # the gateway is to be asked: it has news, or a person wants to know
        self._news = False  # the case's row has changed without a signal to settle
        self._signals: list[Signal] = []
        self._bill_news = False  # the gateway is to be asked about the bill that is collected
        self._running: dict[tuple[EffectAction, UUID], asyncio.Task[CaseView]] = {}
        workflow.set_current_details(details(self.case))

    @workflow.signal(dynamic=True, description="approve, reject, cancel or resume the case")
    def on_signal(self, name: str, values: Sequence[RawValue]) -> None:
        """Take any signal as it came. What the SDK cannot decode it drops without a word, and a
        person who sent it from the Temporal UI would never learn that it was wrong.
        """
        if name == PAYOUT_NEWS:
            self._ask = True
        elif name == BILL_NEWS:
            self._bill_news = True
        elif name == CASE_NEWS:
            self._news = True
        else:
            self._signals.append(Signal(str(workflow.uuid4()), name, text_of(values)))

    @abstractmethod
    async def fulfil(self) -> None:
        """What an approved case of this kind goes through."""

    async def live(self) -> CaseView:
        """From the request to the end; an event says that a request to cancel was refused."""
        return await to_its_end(
            self._live(),
            lambda: self._signals.append(Signal(str(workflow.uuid4()), CANCELLATION, None)),
        )

    async def _live(self) -> CaseView:
        """Until the end, and beyond it if the gateway takes a payout back."""
        while True:
            await self._follow()
            await workflow.wait_condition(workflow.all_handlers_finished)
            if not self._signals and not self._ask and not self._news:
                return self.case

    async def _follow(self) -> None:
        await self._settle_signals()
        if self.case.stage.terminal and self._ask:
            await self._advance()
        while not self.case.stage.terminal:
            if self.case.stage in AUDITS:
                self._start(*steps.STEPS.values())
                await self._hear_or_remind()
                self._ask = False  # nothing is paid yet, so there is nothing to ask
            elif self.case.stage is Stage.NEEDS_ATTENTION:
                await self._attention()
            else:
                await self.fulfil()
        await self._finish_effects()

    async def reserve(self, *forward: Step) -> None:
        """The replacement is held, or waited for until it comes into stock."""
        await self._during(Stage.AWAITING_STOCK, forward)

    async def collect(self, *forward: Step) -> None:
        """The goods come in: a carrier picks them up, or the buyer sends them."""
        await self._during(Stage.AWAITING_PARCEL, forward)

    async def inspect(self, *forward: Step) -> None:
        """The warehouse counts; an auditor makes an offer for what was not accepted."""
        await self._during(Stage.AWAITING_INSPECTION, forward)

    async def repair(self, *forward: Step) -> None:
        """A technician diagnoses the unit, and what is covered or agreed to is repaired."""
        await self._during(Stage.IN_REPAIR, forward)

    async def agree(self, *forward: Step) -> None:
        """The buyer answers an offer or pays a bill, or lets it lapse."""
        await self._during(Stage.AWAITING_BUYER, forward)

    async def deliver(self, *forward: Step) -> None:
        """A parcel goes to the buyer, and arrives."""
        await self._during(Stage.SHIPPING, forward)

    async def _during(self, stage: Stage, forward: Sequence[Step]) -> None:
        """Run these steps as the row plans them, until a person, a party or a deadline has moved
        the case out of this stage. What was paid before may be taken back meanwhile.
        """
        while self.case.stage is stage:
            self._start(*forward)
            await self._hear_or_remind()
            if self._ask and self.case.stage is stage:
                await self._advance()
        self._start(*forward)  # what leaving the stage has planned runs beside what follows

    async def pay(self, outcome: Outcome) -> None:
        """Pay what the case owes, and close it. It may be parked or lose its approval instead."""
        while self.case.stage is Stage.PAYING:
            step = await self._advance()
            if step.wake_after is None:
                break
            if step.wake_after > 0:
                await self._hear(workflow.now() + timedelta(seconds=step.wake_after))
        if self.case.stage is Stage.PAYING:
            self._take_over(await steps.complete_case(self.case, outcome))

    def _start(self, *forward: Step) -> None:
        """Start what the row has planned of these steps, and whatever it wants undone: in each
        lane what was planned first.
        """
        for effect in next_in_lanes(self.case.effects):
            step, named = steps.STEPS[effect.action], (effect.action, effect.effect_id)
            if named not in self._running and step in (*forward, *COMPENSATIONS):
                self._running[named] = asyncio.create_task(step.run(self.case, effect))

    def _finished(self) -> bool:
        return any(task.done() for task in self._running.values())

    def _take_over_finished(self) -> None:
        for named, task in list(self._running.items()):
            if task.done():
                del self._running[named]
                self._take_over(task.result())

    async def _finish_effects(self) -> None:
        """Whatever is still planned runs before the workflow ends: a closed case may leave a pickup
        to cancel. Only a bill that nobody wants paid any more is not waited for.
        """
        while self.case.effects:
            self._start(*steps.STEPS.values())
            await workflow.wait_condition(self._finished)
            self._take_over_finished()

    async def _advance(self) -> Standing:
        self._ask = False
        step = await steps.advance_payout(self.case)
        self._take_over(step.case)
        return step

    async def _attention(self) -> None:
        """Wait for an operator, and for the gateway too while it owes an answer."""
        asking: asyncio.Task[Standing] | None = None
        if self.case.in_doubt:
            asking = asyncio.create_task(steps.ask_gateway(self.case))
        while self.case.stage is Stage.NEEDS_ATTENTION and not (asking and asking.done()):
            self._start(*steps.STEPS.values())
            await self._hear_or_remind(asking)
            if self._ask and self.case.stage is Stage.NEEDS_ATTENTION:
                self._ask = False
                if asking is None:
                    asking = asyncio.create_task(steps.ask_gateway(self.case))
                elif step := await steps.ask_once(self.case):
                    self._take_over(step.case)
        if asking:
            answered = await asking
            # What was settled meanwhile may be newer than this answer. A case that goes on reads
            # its row at the next step; one that waits would not, so only a waiting one gives way.
            if self.case.stage is Stage.NEEDS_ATTENTION:
                self._take_over(answered.case)
            elif self.case.stage.terminal:
                self._ask = True  # the answer may have opened it again: read the row once more

    async def _hear_or_remind(self, asking: asyncio.Task[Standing] | None = None) -> None:
        """Wait for a message; remind and escalate meanwhile. Nothing is decided by silence."""
        remind_at = self.case.remind_at or workflow.now()
        if not await self._hear(remind_at, asking):
            # After an outage of days: one reminder now, not one for each day that was missed.
            self._take_over(await steps.remind(self.case, max(remind_at, workflow.now())))

    async def _hear(self, until: datetime, asking: asyncio.Task[Standing] | None = None) -> bool:
        """Wait for a message, or for something to be done, and carry on with it. False if nothing
        came until then.
        """
        self._start()

        def heard() -> bool:
            told = bool(self._signals or self._ask or self._news or self._bill_news)
            return told or self._finished() or bool(asking and asking.done())

        remaining = until - workflow.now()
        if not heard() and remaining <= timedelta():
            return False
        if not heard():
            if not asking and all(a is EffectAction.COLLECT_BILL for a, _ in self._running):
                afresh(CaseStart(self.case))
            try:
                await workflow.wait_condition(
                    heard, timeout=remaining, timeout_summary=f"wait for {self.case.waiting_for}"
                )
            except TimeoutError:
                return False
        await self._settle_signals()
        return True

    async def _settle_signals(self) -> None:
        """Carry out what came in, and read the case again where something else has changed it. Of
        very many signals only the oldest: the case goes on by its row, and hears the others later.
        """
        self._take_over_finished()
        if self._bill_news:
            self._bill_news = False
            await self._check_bill()
        if self._news and not self._signals:
            self._news = False
            self._take_over(await steps.read_case(self.case))
        if not self._signals:
            return
        self._news = False
        signals = await portion(self._signals)
        self._take_over(await steps.settle_signals(self.case, signals))
        parked = self.case.stage is Stage.NEEDS_ATTENTION
        if parked and any(signal.name == "resume" for signal in signals):
            self._ask = True  # a retry of money under way leaves the case parked, and asks

    async def _check_bill(self) -> None:
        for effect in self.case.effects:
            if effect.action is EffectAction.COLLECT_BILL and (
                case := await steps.check_bill(self.case, effect)
            ):
                self._take_over(case)

    def _take_over(self, case: CaseView) -> None:
        """The case has moved on: show it to operators. What was read before what we know already
        came late, and says nothing.
        """
        if (case.version, case.planned) < (self.case.version, self.case.planned):
            return
        changed = attributes.changes(self.case, case)
        self.case = case
        if changed:
            workflow.upsert_search_attributes(changed)
        workflow.set_current_details(details(case))
