"""How do these tests run a whole platform and look at it from outside?"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from runtime.endpoints import Endpoints, NotRunning, endpoints

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0  # seconds


def eventually(look: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Whether `look` comes true before the deadline."""
    deadline = time.monotonic() + patience
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Up:
    """One `up` as a process of its own, seen from outside."""

    def __init__(self, data: Path, *how: str, port: int = 0) -> None:
        self.data = data
        script = Path(__file__).with_name("run_up.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(data), str(port), *how],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def is_ready(self) -> bool:
        """Whether it has written its endpoints."""
        assert self.process.poll() is None, self.complaint()
        try:
            return endpoints(self.data).pid == self.process.pid
        except NotRunning:
            return False

    def ready(self) -> "Up":
        """Returns once it has written its endpoints."""
        assert eventually(self.is_ready), "not ready in time"
        return self

    @property
    def found(self) -> Endpoints:
        """What its endpoints file says now."""
        return endpoints(self.data)

    def pids(self) -> dict[str, int]:
        """Its children's process ids."""
        return dict(self.found.children)

    def end(self, signum: int) -> int:
        """Sends the signal; the exit code."""
        self.process.send_signal(signum)
        return self.process.wait(PATIENCE)

    def complaint(self) -> str:
        """Everything it wrote on standard error, once it has ended."""
        self.process.wait(PATIENCE)
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def close(self) -> None:
        """Ends it if it still runs."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        if self.process.stderr is not None:
            self.process.stderr.close()
