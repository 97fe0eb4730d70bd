"""What Temporal starts by itself, and when: the hourly reconciliation."""

import asyncio
import logging
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.service import RPCError

from workflows.reconciliation import RECONCILIATION_QUEUE, ReconciliationWorkflow

RECONCILE = "reconcile"
"""The schedule's id, and how the ids of its workflows begin: no `<kind>/<id>`, so no case."""

EVERY = timedelta(hours=1)
RETRY_SECONDS = 5.0

log = logging.getLogger(__name__)


async def schedule(client: Client, stop: asyncio.Event) -> None:
    """Have Temporal reconcile every hour, and once now, however long it takes to be told."""
    while not stop.is_set():
        try:
            await _schedule(client)
        except RPCError as error:
            log.warning("the reconciliation is not scheduled yet: %s", error.status.name)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return


async def _schedule(client: Client) -> None:
    hourly = Schedule(
        action=ScheduleActionStartWorkflow(
            ReconciliationWorkflow.run,
            id=RECONCILE,
            task_queue=RECONCILIATION_QUEUE,
            static_summary="Compare our books with the gateways' own lists",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=EVERY),
    )
    try:
        await client.create_schedule(RECONCILE, hourly, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        handle = client.get_schedule_handle(RECONCILE)
        # Whoever paused it has a reason, which a worker that starts does not know.
        await handle.update(
            lambda found: ScheduleUpdate(
                Schedule(
                    hourly.action, hourly.spec, hourly.policy, found.description.schedule.state
                )
            )
        )
        await handle.trigger()
