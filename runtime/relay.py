"""The relay: tells Temporal what PostgreSQL has decided. The one place that starts and signals.

Delivering twice is harmless: a second start finds the workflow running, a second signal finds its
event settled. Not delivering is impossible: the outbox row stays until Temporal has taken it.
"""

import asyncio
import contextlib
import logging
import select
from dataclasses import replace
from datetime import timedelta

import psycopg2
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.cases import CaseView
from domain.money import readable
from domain.submissions import SubmissionView
from store import outbox
from store.outbox import Delivery
from store.session import Database
from workflows import TASK_QUEUE, WORKFLOWS, attributes
from workflows.case import PAYOUT_NEWS, CaseStart
from workflows.limits import WORKFLOW_TASK_TIMEOUT
from workflows.submissions import SubmissionStart

BATCH = 50
RPC_TIMEOUT = timedelta(seconds=5)
IDLE_SECONDS = 1.0
"""How long to sleep without a notification: the longest that a missed one can cost."""

log = logging.getLogger(__name__)


class Relay:
    """Drains the outbox into Temporal until told to stop."""

    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._database = database
        self._bell = Bell(database)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set. An outage of either side is waited out."""
        while not stop.is_set():
            try:
                delivered = await self.drain()
            except (SQLAlchemyError, RPCError) as error:
                log.warning("the relay waits: %s", type(error).__name__)
                delivered = 0
                await asyncio.sleep(IDLE_SECONDS)
            if delivered == 0:
                await asyncio.to_thread(self._bell.wait, IDLE_SECONDS)
        self._bell.close()

    async def drain(self) -> int:
        """Deliver one batch. How many got through."""
        batch = await asyncio.to_thread(self._lease)
        if not batch:
            return 0
        outcomes = await asyncio.gather(
            *(self._deliver(delivery) for delivery in batch), return_exceptions=True
        )
        done: list[Delivery] = []
        failed: list[Delivery] = []
        for delivery, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Delivery):
                done.append(outcome)
                continue
            # Whatever went wrong with one must not keep the others from Temporal.
            failed.append(delivery)
            error = type(outcome).__name__
            log.warning("not delivered: %s about %s: %s", delivery.topic, delivery.about, error)
        await asyncio.to_thread(self._account, done, failed)
        return len(done)

    def _lease(self) -> list[Delivery]:
        with self._database.begin() as session:
            return outbox.lease(session, BATCH)

    def _account(self, done: list[Delivery], failed: list[Delivery]) -> None:
        with self._database.begin() as session:
            outbox.delivered(session, done)
            outbox.postpone(session, failed)

    async def _deliver(self, delivery: Delivery) -> Delivery:
        """Tell it. What was delivered by that: a start that came too late, because the workflow
        runs already or nobody has to act, says nothing of the messages after it.
        """
        waits = not delivery.subject.stage.terminal or _has_effects(delivery.subject)
        if delivery.topic == "start":
            if waits:
                with contextlib.suppress(WorkflowAlreadyStartedError):
                    await self._start(delivery)
                    return delivery
            return replace(delivery, upto=delivery.id)
        try:
            await self._signal(delivery)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            # The workflow is over, or gone. What is open needs one, and so does a closed case
            # whose gateway has news; started between the two calls, it is signalled next time.
            if waits or delivery.topic == PAYOUT_NEWS:
                await self._start(delivery)
        return delivery

    async def _signal(self, delivery: Delivery) -> None:
        named = f"{delivery.subject.kind}/{delivery.about}"
        message = [{"message_id": delivery.message_id}] if delivery.message_id else []
        await self._client.get_workflow_handle(named).signal(
            delivery.topic, args=message, rpc_timeout=RPC_TIMEOUT
        )

    async def _start(self, delivery: Delivery) -> None:
        subject = delivery.subject
        if isinstance(subject, CaseView):
            start: CaseStart | SubmissionStart = CaseStart(
                subject, news=delivery.topic == PAYOUT_NEWS
            )
            what = f"{readable(subject.amount, subject.currency)} · order {subject.order_id}"
        else:
            start, what = SubmissionStart(subject), f"of {subject.about}"
        await self._client.start_workflow(
            WORKFLOWS[subject.kind].__name__,
            start,
            id=f"{subject.kind}/{delivery.about}",
            task_queue=TASK_QUEUE,
            # The row decides whether there is anything to do; an id may run again.
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            task_timeout=WORKFLOW_TASK_TIMEOUT,
            search_attributes=attributes.at_start(subject),
            static_summary=f"{subject.kind.capitalize()} {what}",
            rpc_timeout=RPC_TIMEOUT,
        )


def _has_effects(subject: CaseView | SubmissionView) -> bool:
    """True if a case has something to be done, were it closed: goods go back to their buyer."""
    return isinstance(subject, CaseView) and bool(subject.effects)


class Bell:
    """Wakes the relay when the outbox is written to: PostgreSQL's NOTIFY on a line of its own."""

    def __init__(self, database: Database) -> None:
        self._url = database.engine.url.set(drivername="postgresql")
        self._line: psycopg2.extensions.connection | None = None

    def wait(self, seconds: float) -> None:
        """Return at the next notification, after `seconds` at the latest."""
        try:
            line = self._line = self._line or self._listen()
            if select.select([line], [], [], seconds)[0]:
                line.poll()
                line.notifies.clear()
        except psycopg2.Error:
            self.close()

    def close(self) -> None:
        if self._line:
            self._line.close()
        self._line = None

    def _listen(self) -> psycopg2.extensions.connection:
        line = psycopg2.connect(self._url.render_as_string(hide_password=False), connect_timeout=2)
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute("listen outbox")
        return line
