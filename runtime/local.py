"""How do all parts of the platform run together on one machine, and stay running?"""

import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from runtime.children import START_TIMEOUT, Child, NotStarted, open_log
from runtime.data_folder import DataFolder, write_private
from runtime.endpoints import FILE_NAME, ChildPids, Endpoints
from runtime.ports import http_status
from runtime.postgres import Postgres
from runtime.temporal_server import NAMESPACE, TemporalServer
from runtime.upkeep import Upkeep

CODE = Path(__file__).resolve().parent.parent
DATABASE = "aftersales"
HOOKS = "/v1/hooks"
WORKER_GRACE = 35.0  # seconds; the worker gives its running activities 30
PARTIES = ("STRIPE", "BANK", "CARRIER", "REPAIR_SHOP")
STOP_ORDER = ("api", "worker", "sandbox", "temporal", "postgres")

# `-P` keeps whatever lies in the working directory from being imported instead of our code.
PROGRAMS: Mapping[str, Sequence[str]] = {
    "api": [sys.executable, "-P", "-m", "uvicorn", "api.app:app", "--app-dir", str(CODE)],
    "worker": [sys.executable, "-P", "-m", "worker"],
    "sandbox": [sys.executable, "-P", "-m", "sandbox"],
}


class Stopped(Exception):
    """The platform was asked to stop."""


class Watcher(Protocol):
    """Who is told how the platform is doing, and may ask it to stop."""

    def starting(self, name: str) -> None:
        """A part is being started."""

    def ready(self, name: str) -> None:
        """That part does its work, for the first time or again."""

    def died(self, name: str, exit_code: int) -> None:
        """A part ended although it should not; it is going to be started again."""

    def pause(self) -> None:
        """Waits a moment. Raises `Stopped` if the platform shall stop."""


class Platform:
    """PostgreSQL, Temporal, sandbox, API and worker on one data folder.

    `ports` names `api`, `temporal` and `ui` (0: a free one, the same again next time).
    `migrate` brings the database at a URL to the newest schema. Opening a platform takes
    its folder's lock; `stop` releases it. Raises `NotStarted`.
    """

    def __init__(
        self,
        data: Path,
        *,
        ports: Mapping[str, int],
        search_attributes: Mapping[str, str],
        migrate: Callable[[str], None],
        watcher: Watcher,
        programs: Mapping[str, Sequence[str]] = PROGRAMS,
    ) -> None:
        self._folder = DataFolder(data)
        self._migrate = migrate
        self._watcher = watcher
        self._programs = programs
        self._children: dict[str, Child] = {}
        self._upkeep: dict[str, Upkeep] = {}
        try:
            self._ports = self._folder.ports({**ports, "postgres": 0, "sandbox": 0})
            self._postgres, self._temporal = self._servers(search_attributes)
        except BaseException:
            self._folder.close()
            raise

    def start(self) -> Endpoints:
        """Returns when everything is ready and written down. Raises `NotStarted`, `Stopped`.

        The parts that need nothing of each other start at the same time.
        """
        (self._folder.path / FILE_NAME).unlink(missing_ok=True)
        self._launch(self._temporal)
        self._launch(self._sandbox())
        self._launch(self._postgres)
        self._wait_for("postgres")
        self._prepare_database()
        self._wait_for("temporal", "sandbox")
        self._launch(self._worker())
        self._launch(self._api())
        self._wait_for("worker", "api")
        self._upkeep = {name: Upkeep(child) for name, child in self._children.items()}
        self._folder.remember_gateways(self._parties())
        return self._write_endpoints()

    def tend(self) -> None:
        """One look at every child: those that died are started again on their ports."""
        for name, upkeep in self._upkeep.items():
            if (code := upkeep.died()) is not None:
                self._watcher.died(name, code)
            if upkeep.came_back():
                self._watcher.ready(name)
                self._write_endpoints()

    def stop(self) -> None:
        """Ends all children, those that use others first, and gives the folder back."""
        (self._folder.path / FILE_NAME).unlink(missing_ok=True)
        for name in STOP_ORDER:
            if name in self._children:
                self._children[name].stop()
        self._folder.close()

    def _launch(self, child: Child) -> None:
        self._watcher.starting(child.name)
        self._children[child.name] = child
        child.launch()

    def _wait_for(self, *names: str) -> None:
        waiting = set(names)
        deadline = time.monotonic() + START_TIMEOUT
        while waiting:
            for name in sorted(waiting):
                if self._children[name].is_ready():
                    self._watcher.ready(name)
                    waiting.remove(name)
            if waiting and time.monotonic() > deadline:
                late = min(waiting)
                raise NotStarted(f"{late} does not answer, see {self._folder.log(late)}")
            self._watcher.pause()

    def _prepare_database(self) -> None:
        self._watcher.starting("migrations")
        self._postgres.create_database(DATABASE)
        try:
            self._migrate(self._postgres.url(DATABASE))
        except Exception as error:
            log = self._folder.log("migrations")
            with open_log(log) as file:
                file.write(traceback.format_exc().encode())
            raise NotStarted(f"the database cannot be brought up to date, see {log}") from error
        self._watcher.ready("migrations")

    def _servers(self, search_attributes: Mapping[str, str]) -> tuple[Postgres, TemporalServer]:
        folder, ports = self._folder, self._ports
        postgres = Postgres(folder.path / "postgres", ports["postgres"], log=folder.log("postgres"))
        temporal = TemporalServer(
            folder.path / "temporal.db",
            log=folder.log("temporal"),
            port=ports["temporal"],
            ui_port=ports["ui"],
            search_attributes=search_attributes,
        )
        return postgres, temporal

    def _sandbox(self) -> Child:
        port = self._ports["sandbox"]
        options = ["--port", str(port), "--data", str(self._folder.path / "sandbox")]
        hooks = self._url("api") + HOOKS
        options += ["--webhook-url", f"{hooks}/payments/stripe"]
        options += ["--webhook-secret", self._sandbox_secret("STRIPE")]
        options += ["--carrier-webhook-url", f"{hooks}/carriers/sandbox"]
        options += ["--carrier-webhook-secret", self._sandbox_secret("CARRIER")]
        return Child(
            "sandbox",
            [*self._programs["sandbox"], *options],
            log=self._folder.log("sandbox"),
            environment=with_our_code(),
            answers=lambda: http_status(port, "/") is not None,
        )

    def _api(self) -> Child:
        port = self._ports["api"]
        options = ["--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
        options += ["--timeout-graceful-shutdown", "5"]
        return Child(
            "api",
            [*self._programs["api"], *options],
            log=self._folder.log("api"),
            environment=self._environment(),
            answers=lambda: http_status(port, "/readyz") == 200,
        )

    def _worker(self) -> Child:
        ready = self._folder.path / "worker.ready"
        return ChildWithReadyFile(
            "worker",
            self._programs["worker"],
            log=self._folder.log("worker"),
            environment={**self._environment(), "AFTERSALES_READY_FILE": str(ready)},
            answers=ready.exists,
            grace=WORKER_GRACE,
        )

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    def _parties(self) -> dict[str, str | None]:
        """Where money and goods go, by party. A carrier that karrio speaks to is nowhere to ask."""
        chosen = self._gateways()
        bases: dict[str, str | None] = {
            party.lower(): chosen[f"AFTERSALES_{party}_API_BASE"] for party in PARTIES
        }
        return bases | ({"carrier": None} if os.environ.get("AFTERSALES_KARRIO_CARRIER") else {})

    def _gateways(self) -> dict[str, str]:
        """Where money and goods go: the sandbox, unless the user chose a gateway."""
        defaults = {f"AFTERSALES_{party}_API_BASE": self._url("sandbox") for party in PARTIES}
        for party in ("STRIPE", "CARRIER"):
            defaults[f"AFTERSALES_{party}_WEBHOOK_SECRET"] = self._folder.webhook_secret()
        return {name: os.environ.get(name) or value for name, value in defaults.items()}

    def _sandbox_secret(self, party: str) -> str:
        """What the sandbox signs with in place of a party: never the secret of a real one."""
        gateways = self._gateways()
        if gateways[f"AFTERSALES_{party}_API_BASE"] != self._url("sandbox"):
            return self._folder.webhook_secret()
        return gateways[f"AFTERSALES_{party}_WEBHOOK_SECRET"]

    def _environment(self) -> dict[str, str]:
        """What the API and the worker are told."""
        return {
            # Whoever is on this machine may act for everybody; production says otherwise.
            "AFTERSALES_RAW_SIGNALS": "true",
            **with_our_code(),
            **self._gateways(),
            "AFTERSALES_DATA": str(self._folder.path),
            "AFTERSALES_DATABASE_URL": self._postgres.url(DATABASE),
            "AFTERSALES_TEMPORAL": self._temporal.address,
            "AFTERSALES_TEMPORAL_NAMESPACE": NAMESPACE,
            "AFTERSALES_TEMPORAL_UI_URL": self._url("ui"),
            "AFTERSALES_API_URL": self._url("api"),
            "AFTERSALES_SANDBOX_URL": self._url("sandbox"),
        }

    def _write_endpoints(self) -> Endpoints:
        pids = {name: child.pid for name, child in self._children.items()}
        found = Endpoints(
            api=self._url("api"),
            console=f"{self._url('ui')}/namespaces/{NAMESPACE}/workflows",
            temporal_ui=self._url("ui"),
            database=self._postgres.url(DATABASE),
            sandbox=self._url("sandbox"),
            temporal=self._temporal.address,
            pid=os.getpid(),
            children=ChildPids(**pids),
        )
        write_private(self._folder.path / FILE_NAME, found.model_dump_json(indent=2))
        return found


class ChildWithReadyFile(Child):
    """A child that serves no port and so touches `AFTERSALES_READY_FILE` when it is ready."""

    def launch(self) -> None:
        """Starts it after its predecessor's sign is gone. Raises `NotStarted`."""
        Path((self.environment or {})["AFTERSALES_READY_FILE"]).unlink(missing_ok=True)
        super().launch()


def with_our_code() -> dict[str, str]:
    """Our environment, in which `python -m` finds our modules wherever the user stands."""
    path = os.pathsep.join(filter(None, [str(CODE), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}
