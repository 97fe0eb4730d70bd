"""How is a server process started, watched and ended, whatever becomes of its parent?"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

START_TIMEOUT = 120.0  # seconds; a database may have a long crash recovery before it answers
POLL_INTERVAL = 0.02  # seconds
LOG_LIMIT = 10_000_000  # bytes; a larger log is set aside when its process starts again
PR_SET_PDEATHSIG = 1

_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class NotStarted(RuntimeError):
    """A server cannot start. The message is one line, fit to be shown as it is."""


class Child:
    """One server process of ours, writing to its own log.

    Launch it from the main thread only: Linux sends the parent-death signal when the
    *thread* that forked ends. The process leads its own group, so that a Ctrl-C in the
    terminal reaches the parent alone, which then ends its children in the right order.
    """

    stop_signal = signal.SIGTERM
    orphan_signal = signal.SIGKILL
    grace = 10.0  # seconds between the stop signal and SIGKILL

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        answers: Callable[[], bool] | None = None,
        grace: float | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.environment = environment
        self._answers = answers
        self.grace = self.grace if grace is None else grace
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's id, as everybody on this machine sees it."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never launched")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number if a signal ended it."""
        return self._process.poll() if self._process else None

    def answers(self) -> bool:
        """Whether it serves now; asked only while the process lives, and quick."""
        return self._answers is None or self._answers()

    def launch(self) -> None:
        """Starts the process without waiting for it. Raises `NotStarted`."""
        try:
            with open_log(self.log) as log:
                self._process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self.environment,
                    process_group=0,
                    umask=0o077,
                    preexec_fn=dies_with_parent(self.orphan_signal),
                )
        except OSError as error:
            raise NotStarted(f"{self.name} cannot be started: {error}") from error

    def is_ready(self) -> bool:
        """Whether it answers. Raises `NotStarted` if the process has ended."""
        if (code := self.exit_code) is not None:
            raise NotStarted(f"{self.name} ended at its start ({describe(code)}), see {self.log}")
        return self.answers()

    def start(self) -> Self:
        """Launches it and returns once it answers. Raises `NotStarted`, leaving nothing behind."""
        self.launch()
        deadline = time.monotonic() + START_TIMEOUT
        try:
            while not self.is_ready():
                if time.monotonic() > deadline:
                    raise NotStarted(f"{self.name} does not answer, see {self.log}")
                time.sleep(POLL_INTERVAL)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Ends the process and waits for it: politely first, by SIGKILL after the grace."""
        if self._process is None:
            return
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(self.grace)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()


def dies_with_parent(signum: int) -> Callable[[], None]:
    """A `preexec_fn` by which the child receives `signum` when its parent dies, even by SIGKILL.

    Only Linux can do that; elsewhere a killed parent leaves its children running.
    """
    parent = os.getpid()

    def ask_kernel() -> None:
        if _prctl is not None:
            _prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

    return ask_kernel


def open_log(path: Path) -> BinaryIO:
    """Opens a log to append to, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def describe(exit_code: int) -> str:
    """`exit code 1` or `SIGKILL`, for people."""
    return signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"


def is_alive(pid: int) -> bool:
    """Whether a process runs under this id. A zombie does not: not every PID 1 reaps."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return not Path("/proc/self").exists()
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}
