"""`aftersales up`: everything on this machine, in the foreground, until Ctrl-C."""

import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from domain.search_attributes import ALL
from runtime.children import NotStarted, describe, open_log
from runtime.endpoints import Endpoints
from runtime.local import PROGRAMS, Platform, Stopped

API_PORT, TEMPORAL_PORT, UI_PORT = 8000, 7233, 8233
TICK = 0.05  # seconds between two looks at the children


class Display:
    """Shows a person what is starting and since when, and hears when they want to stop.

    A table that moves on a terminal, one line for each event elsewhere.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._since: dict[str, float] = {}
        self._took: dict[str, float] = {}
        self._stop = False
        # Drawn by `pause`: a thread that draws would be a second thread while we fork.
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        """Takes Ctrl-C, SIGTERM and a closed terminal for the wish to stop."""
        signal.signal(signal.SIGINT, self._ask_to_stop)
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
            signal.signal(signal.SIGHUP, self._ask_to_stop)
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def starting(self, name: str) -> None:
        """Begins to count the seconds of a part."""
        self._since[name] = time.monotonic()

    def ready(self, name: str) -> None:
        """Tells how long the part took."""
        took = self._took[name] = time.monotonic() - self._since[name]
        if not self._live.is_started:
            self.say(f"{name} ready in {took:.1f} s")

    def died(self, name: str, exit_code: int) -> None:
        """Says so, since nobody else notices."""
        self.starting(name)
        self.say(f"{name} died ({describe(exit_code)}), starting it again")

    def pause(self) -> None:
        """Waits a moment. Raises `Stopped` after Ctrl-C or SIGTERM."""
        if self._stop:
            raise Stopped
        if self._live.is_started:
            self._live.update(self._table(), refresh=True)
        time.sleep(TICK)

    def say(self, line: str) -> None:
        """Prints a line as it is: an address is never broken in two."""
        self.console.print(line, soft_wrap=True, highlight=False, markup=False)

    def close(self) -> None:
        """Takes the table away; from now on events are lines."""
        self._live.stop()

    def _ask_to_stop(self, signum: int, frame: FrameType | None) -> None:
        self._stop = True

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for name, since in self._since.items():
            took = self._took.get(name)
            state = "[dim]starting[/]" if took is None else "[green]ready[/]"
            seconds = time.monotonic() - since if took is None else took
            table.add_row(name, state, f"{seconds:.1f} s")
        return table


def migrate(url: str) -> None:
    """Brings the database to the newest schema."""
    # Late, so that Temporal and PostgreSQL boot while this is being imported.
    from store.migrations import upgrade  # noqa: PLC0415

    upgrade(url)


def prepare(migrate: Callable[[str], None], data: Path, url: str) -> None:
    """The newest schema, and no token that was revoked since the database's last backup."""
    from ops import revocations  # noqa: PLC0415 - late, as above
    from runtime.settings import settings  # noqa: PLC0415
    from store.session import Database  # noqa: PLC0415

    migrate(url)
    kept = settings().revocations or data / revocations.FILE
    if kept.exists():
        database = Database(url, pool=1)
        try:
            revocations.apply(database, kept)
        finally:
            database.close()


def up(
    *,
    data: Path,
    port: int | None,
    temporal_port: int | None,
    ui_port: int | None,
    demo: bool,
    migrate: Callable[[str], None] = migrate,
    programs: Mapping[str, Sequence[str]] = PROGRAMS,
) -> int:
    """Runs the platform until it is asked to stop; returns the exit code.

    A port of None is the usual one, 0 a free one. What keeps it from starting is said in
    one line on standard error, and no process is left behind.
    """
    ports = {
        "api": API_PORT if port is None else port,
        "temporal": TEMPORAL_PORT if temporal_port is None else temporal_port,
        "ui": UI_PORT if ui_port is None else ui_port,
    }
    with Display(Console()) as display:
        try:
            platform = Platform(
                data,
                ports=ports,
                search_attributes=ALL,
                migrate=partial(prepare, migrate, data),
                watcher=display,
                programs=programs,
            )
            try:
                serve(platform, display, demo_in=data if demo else None)
            except Stopped:
                display.say("stopping; the worker may take 30 s to finish what it has begun")
            finally:
                platform.stop()
        except (NotStarted, OSError) as error:
            display.close()
            print(f"aftersales: {error}", file=sys.stderr)
            return 1
    return 0


def serve(platform: Platform, display: Display, *, demo_in: Path | None) -> NoReturn:
    """Starts the platform and keeps it alive. Raises `NotStarted`, or `Stopped` at the end."""
    found = platform.start()
    display.close()
    for name, address in {
        "API": found.api,
        "OpenAPI document": f"{found.api}/openapi.json",
        "Cases in Temporal": found.console,
        "Sandbox": found.sandbox,
    }.items():
        display.say(f"{name:<20}{address}")
    display.say("Ctrl-C ends everything")
    if demo_in:
        # Beside the main thread, which must go on watching the children.
        arguments = (found, display.console, demo_in)
        threading.Thread(target=load_demo, args=arguments, daemon=True).start()
    while True:
        platform.tend()
        display.pause()


def load_demo(found: Endpoints, console: Console, data: Path) -> None:
    """Fills an empty platform with orders and cases to look at."""
    log = data / "logs" / "demo.log"
    try:
        from ops import demo  # noqa: PLC0415 - only who wants the demo pays for its imports

        demo.load(found.model_dump(), data, console)
    except Exception:  # noqa: BLE001 - a failed demo is told, and must not end the platform
        with open_log(log) as file:
            file.write(traceback.format_exc().encode())
        console.print(f"the demo data could not be loaded, see {log}", soft_wrap=True)
