"""The relay: what PostgreSQL has decided reaches Temporal, whatever is away meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from temporalio.service import RPCError, RPCStatusCode

from runtime.relay import Relay
from store.events import tell
from store.inbox import Report, receive
from store.session import Database
from store.tables import Case, Outbox
from tests.shop import order_body, request_body
from tests.workflows.gateway import DECLINED, PENDING
from tests.workflows.platform import Platform, connected, eventually, real_temporal, running
from workflows.limits import WORKFLOW_TASK_TIMEOUT

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def relaying(platform: Platform) -> AsyncIterator[None]:
    """The relay runs as it does in the worker."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(platform.relay.run(stop))
        try:
            yield
        finally:
            stop.set()


def file(platform: Platform, order_id: str = "o1") -> UUID:
    """A case that nobody has told Temporal of."""
    platform.shop.sell(order_id, order_body((6, 1530)), platform.now())
    return platform.shop.apply(request_body((1, 2), order_id=order_id), platform.now()).case_id


def told(platform: Platform) -> bool:
    """Whether the outbox is empty."""
    with platform.shop.session() as session:
        left = select(func.count()).select_from(Outbox).where(Outbox.delivered_at.is_(None))
        return session.scalar(left) == 0


async def signals(platform: Platform, case_id: UUID) -> list[str]:
    history = await platform.workflow(case_id).fetch_history()
    return [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]


async def unknown_to_temporal(platform: Platform, case_id: UUID) -> bool:
    try:
        await platform.workflow(case_id).describe()
    except RPCError as error:
        return error.status is RPCStatusCode.NOT_FOUND
    return False


def forget(platform: Platform, topic: str) -> None:
    """Deliver this again, as after a relay that died before it noted down that it had."""
    with platform.database.begin() as session:
        session.execute(
            update(Outbox)
            .where(Outbox.topic == topic)
            .values(delivered_at=None, available_at=func.now())
        )


async def test_a_case_is_started_and_its_decision_signalled(platform: Platform) -> None:
    case_id = file(platform)
    await platform.deliver()
    assert await running(platform.workflow(case_id))
    await platform.approve(case_id)
    assert await signals(platform, case_id) == ["approve"]
    assert told(platform)


async def test_delivering_twice_is_harmless(platform: Platform) -> None:
    case_id = file(platform)
    await platform.deliver()
    await platform.approve(case_id)
    for topic in ("approve", "start"):
        forget(platform, topic)
        await platform.deliver()
    assert await signals(platform, case_id) == ["approve", "approve"]
    async with platform.working():
        await platform.ends(case_id)
    assert platform.card.heard == ["send"]
    assert "signal_refused" not in platform.happened(case_id)


@pytest.mark.parametrize("word", ["approve", "cancel"])
async def test_a_start_delivered_twice_swallows_no_word_said_between(
    platform: Platform, word: str
) -> None:
    case_id = file(platform)
    await platform.deliver()
    forget(platform, "start")
    if word == "approve":
        platform.shop.approve(case_id, now=platform.now())
    else:
        platform.shop.cancel(case_id, platform.now())
    await platform.deliver()
    assert await signals(platform, case_id) == [word]


async def test_two_relays_at_once_deliver_everything(platform: Platform) -> None:
    cases = [file(platform, f"o{n}") for n in range(20)]
    other = Relay(platform.client, platform.database)
    await asyncio.gather(platform.deliver(), other.drain(), other.drain())
    await eventually(lambda: told(platform))
    for case_id in cases:
        assert await running(platform.workflow(case_id))


async def test_a_case_approved_before_its_start_needs_no_signal(platform: Platform) -> None:
    case_id = file(platform)
    platform.shop.approve(case_id, now=platform.now())
    await platform.deliver()
    assert await signals(platform, case_id) == []
    assert told(platform)
    async with platform.working():
        await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"


async def test_a_case_closed_before_its_start_is_never_started(platform: Platform) -> None:
    case_id = file(platform)
    platform.shop.cancel(case_id, platform.now())
    await platform.deliver()
    assert await unknown_to_temporal(platform, case_id)
    assert told(platform)


async def test_messages_of_a_case_keep_their_order(platform: Platform) -> None:
    case_id = file(platform)
    await platform.deliver()
    with platform.database.begin() as session:
        case = session.get_one(Case, case_id)
        for topic in ("resume", "payout_news", "cancel", "reject", "approve"):
            tell(session, case, topic, f"m-{topic}")
    await asyncio.gather(*(platform.relay.drain() for _ in range(4)))
    await platform.deliver()
    assert await signals(platform, case_id) == [
        "resume",
        "payout_news",
        "cancel",
        "reject",
        "approve",
    ]


async def test_a_workflow_terminated_by_hand_starts_again_with_the_next_message(
    platform: Platform,
) -> None:
    case_id = file(platform)
    await platform.deliver()
    await platform.workflow(case_id).terminate()
    await platform.approve(case_id)
    assert await running(platform.workflow(case_id))
    async with platform.working():
        await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"


async def test_a_late_message_for_a_closed_case_starts_nothing(platform: Platform) -> None:
    case_id = file(platform)
    async with platform.working():
        await platform.deliver()
        await platform.approve(case_id)
        await platform.ends(case_id)
    forget(platform, "approve")
    await platform.deliver()
    assert not await running(platform.workflow(case_id))
    assert told(platform)


async def test_news_of_a_closed_case_start_a_run_that_asks_the_gateway(
    platform: Platform,
) -> None:
    case_id = file(platform)
    async with platform.working():
        await platform.deliver()
        await platform.approve(case_id)
        await platform.ends(case_id)
        platform.card.answers_ask(DECLINED)
        payout = platform.payouts(case_id)[0]
        news = Report("stripe", "evt_1", "refund.failed", "failed", payout.payout_id)
        platform.database.run(lambda session: receive(session, news, platform.now()))
        await platform.deliver()
        await platform.hears(case_id, "payout_reversed")


async def test_news_of_a_running_case_signal_it(platform: Platform) -> None:
    platform.card.answers_send(PENDING)
    platform.card.answers_ask(PENDING)
    case_id = file(platform)
    async with platform.working():
        await platform.deliver()
        await platform.approve(case_id)
        await platform.hears(case_id, "payout_pending")
    payout = platform.payouts(case_id)[0]
    news = Report("stripe", "evt_1", "refund.updated", "succeeded", payout.payout_id)
    platform.database.run(lambda session: receive(session, news, platform.now()))
    await platform.deliver()

    async def heard() -> bool:
        # Behind a task that the worker took and left, a signal stands in no history yet.
        return await signals(platform, case_id) == ["approve", "payout_news"]

    await eventually(heard, "the news are signalled", 2 * WORKFLOW_TASK_TIMEOUT.total_seconds())


async def test_a_notification_wakes_the_relay_long_before_its_next_look(
    platform: Platform,
) -> None:
    first = file(platform, "o1")
    async with relaying(platform):
        await eventually(lambda: told(platform))
        waits = []
        for n in range(2, 7):
            asked = time.monotonic()
            file(platform, f"o{n}")
            await eventually(lambda: told(platform))
            waits.append(time.monotonic() - asked)
    assert await running(platform.workflow(first))
    # Each case is filed just after a look, so without notifications each would wait a second.
    assert min(waits) < 0.3, waits


async def test_an_outage_of_temporal_is_waited_out(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    server = real_temporal(tmp_path, "temporal.db")
    with server:
        platform = Platform(await connected(server), database, database_url)
        async with relaying(platform):
            before = file(platform, "o1")
            await eventually(lambda: told(platform))
            await asyncio.to_thread(server.stop)
            meanwhile = file(platform, "o2")
            platform.shop.approve(before, now=platform.now())
            await eventually(lambda: tried(platform) > 0, "a delivery fails")
            assert not told(platform)
            server.launch()
            await eventually(lambda: told(platform), seconds=40)
            assert await running(platform.workflow(meanwhile))
            assert await signals(platform, before) == ["approve"]


def tried(platform: Platform) -> int:
    """How many deliveries were begun and did not get through."""
    with platform.shop.session() as session:
        waiting = select(func.count()).where(Outbox.delivered_at.is_(None), Outbox.attempts > 0)
        return session.scalar(waiting) or 0


OTHERS = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""


def killed(platform: Platform) -> bool:
    """Whether the relay had connections to end; between two looks it may have none."""
    with platform.database.begin() as session:
        return bool(session.scalars(text(OTHERS)).all())


async def test_an_outage_of_postgresql_is_waited_out(platform: Platform) -> None:
    async with relaying(platform):
        first = file(platform, "o1")
        await eventually(lambda: told(platform))
        await eventually(lambda: killed(platform))
        second = file(platform, "o2")
        await eventually(lambda: told(platform))
    assert await running(platform.workflow(first))
    assert await running(platform.workflow(second))
