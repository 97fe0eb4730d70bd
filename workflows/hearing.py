"""How does a workflow hear what people send, whatever they send? Of cases and submissions alike."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RawValue

from domain.messages import Signal
from workflows import limits

T = TypeVar("T")


async def portion(waiting: list[Signal]) -> list[Signal]:
    """The oldest of the signals that wait, taken out of them: as many as one step settles, once a
    flood of them has passed. What was settled before is in the history by then.
    """
    while (before := len(waiting)) > limits.SIGNALS_AT_ONCE:
        await workflow.sleep(limits.FLOOD_PAUSE, summary="many signals wait")
        if len(waiting) <= before + limits.SIGNALS_AT_ONCE:
            break
    oldest = waiting[: limits.SIGNALS_AT_ONCE]
    del waiting[: limits.SIGNALS_AT_ONCE]
    return oldest


def afresh(start: object) -> None:
    """Go on in a new run, with an empty history, once Temporal says that this one is long: no run
    takes more than 10,000 signals. Nothing may wait to be settled, and no activity be under way.
    """
    if workflow.info().is_continue_as_new_suggested():
        workflow.continue_as_new(start)


async def to_its_end(life: Coroutine[Any, Any, T], refused: Callable[[], None]) -> T:
    """The result of `life`. What Temporal calls a request to cancel ends nothing: it would leave a
    row open with nobody to drive it. `refused` is called for each, and `life` goes on.
    """
    task = asyncio.create_task(life)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if workflow.cancellation_reason() is None:
            raise  # not a request: the worker is putting the workflow aside
    refused()
    return await task


def text_of(values: Sequence[RawValue]) -> str | None:
    """The JSON text that a signal carried, unread: parsing what people send can fail in ways that
    would hold up the workflow. None for what is no JSON text of ours.
    """
    if len(values) != 1:
        return None
    payload = values[0].payload
    if payload.metadata.get("encoding") != b"json/plain":
        return None
    if len(payload.data) > limits.SIGNAL_LIMIT_BYTES:
        return None
    try:
        return payload.data.decode()
    except UnicodeDecodeError:
        return None
