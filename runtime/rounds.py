"""Work that nobody waits for, done in rounds beside the workflows until the worker stops."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

REST_SECONDS = 2.0

log = logging.getLogger(__name__)


async def rounds(work: Callable[[], int], stop: asyncio.Event) -> None:
    """Repeat `work` until `stop` is set: at once while it finds something to do, else after a
    rest. An outage of the database is waited out.
    """
    while not stop.is_set():
        try:
            done = await asyncio.to_thread(work)
        except SQLAlchemyError as error:
            log.warning("%s waits: %s", work.__qualname__, type(error).__name__)
            done = 0
        if not done:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), REST_SECONDS)
