"""A platform whose worker is killed again and again, and answers that get lost meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.e2e.live import FINISH_SECONDS, Live

KILL_EVERY_SECONDS = 4.0
"""Longer than a worker takes to start, so that it gets to work in between."""

LOST_ANSWERS = ("reset_after", "error_after", "hang_after", "garbage")


@contextmanager
def dying_workers(platform: Live) -> Iterator[None]:
    """The worker is killed again and again until the block ends."""
    done = threading.Event()

    def killer() -> None:
        while not done.wait(KILL_EVERY_SECONDS):
            with suppress(ProcessLookupError):  # still dead of the last time
                platform.kill("worker")

    killing = threading.Thread(target=killer)
    killing.start()
    platform.patience = 3 * FINISH_SECONDS  # the promise is of the time after a fault
    try:
        yield
    finally:
        done.set()
        killing.join()
        platform.patience = FINISH_SECONDS
