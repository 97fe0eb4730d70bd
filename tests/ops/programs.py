"""How do these tests type commands, and run a whole platform to type them at?"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import requests

from runtime.endpoints import Endpoints, NotRunning, endpoints
from tests.sandbox_process import ROOT, eventually

START = 90.0  # seconds; the machine may be busy


def environment(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without whatever AFTERSALES_* it has, and with `variables`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AFTERSALES_")}
    return {**kept, "PYTHONPATH": str(ROOT), **(variables or {})}


def started(
    *arguments: str | Path, variables: Mapping[str, str] | None = None
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ops.cli", *map(str, arguments)],
        env=environment(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def said_by(process: "subprocess.Popen[str]", seconds: float = 180.0) -> Said:
    out, err = process.communicate(timeout=seconds)
    return Said(process.returncode, out, err)


def aftersales(*arguments: str | Path, **variables: str) -> Said:
    """Types a command and waits for its end."""
    return said_by(started(*arguments, variables=variables))


@dataclass(frozen=True)
class Running:
    """A platform on the folder `data`."""

    data: Path
    process: "subprocess.Popen[str]"

    @property
    def found(self) -> Endpoints:
        return endpoints(self.data)

    def types(self, *arguments: str | Path, **variables: str) -> Said:
        """A command at this platform."""
        return aftersales(*arguments, "--data", self.data, **variables)

    def token(self, role: str, name: str, *more: str) -> str:
        said = self.types("tokens", "issue", "--role", role, "--name", name, *more)
        assert said.code == 0, said.err
        return said.out.strip()

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says."""
        connection = psycopg2.connect(self.found.database.replace("+psycopg2", ""))
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            found = cursor.fetchall() if cursor.description else []
        connection.close()
        return found

    def fault(self, fault: str, **order: Any) -> None:
        body = {"party": "payments", "fault": fault} | order
        url = f"{self.found.sandbox}/_sandbox/faults"
        requests.post(url, json=body, timeout=10).raise_for_status()

    def book(self) -> dict[str, list[dict[str, Any]]]:
        book: dict[str, list[dict[str, Any]]]
        book = requests.get(f"{self.found.sandbox}/_sandbox/book", timeout=10).json()
        return book


@contextmanager
def running(data: Path, *options: str) -> Iterator[Running]:
    """`aftersales up` on `data`, on free ports, until the block ends."""
    ports = [word for name in ("port", "temporal-port", "ui-port") for word in (f"--{name}", "0")]
    process = started("up", "--data", data, *ports, *options)
    platform = Running(data, process)

    def ready() -> bool:
        assert process.poll() is None, said_by(process).err
        try:
            return platform.found.pid == process.pid
        except NotRunning:
            return False

    try:
        eventually(ready, START)
        yield platform
    finally:
        process.send_signal(signal.SIGTERM)
        said_by(process)
