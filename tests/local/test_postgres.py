"""Can our PostgreSQL be trusted after crashes, half-made folders and lying pid files?"""

import os
import signal
from pathlib import Path

import psycopg2
import pytest

from runtime.children import NotStarted
from runtime.postgres import Postgres, processes_in

OF_THIS_DATABASE = "FROM pg_database WHERE datname = current_database()"


def query(postgres: Postgres, statement: str) -> object:
    connection = psycopg2.connect(postgres.url("postgres").replace("+psycopg2", ""))
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
    finally:
        connection.close()
    return row[0] if row else None


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that has ended cleanly."""
    folder = tmp_path_factory.mktemp("postgres")
    with Postgres(folder):
        return folder


def test_it_is_utf8_with_the_builtin_locale_checksums_and_fsync(tmp_path: Path) -> None:
    with Postgres(tmp_path) as postgres:
        assert query(postgres, "SHOW server_encoding") == "UTF8"
        assert query(postgres, "SHOW data_checksums") == "on"
        assert query(postgres, "SHOW fsync") == "on"
        assert query(postgres, f"SELECT datlocprovider {OF_THIS_DATABASE}") == "b"
        assert query(postgres, f"SELECT datlocale {OF_THIS_DATABASE}") == "C.UTF-8"


def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    with Postgres(tmp_path) as postgres:
        password = (tmp_path / "password").read_text()
        url = postgres.url("postgres").replace(password, "guess").replace("+psycopg2", "")
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(url)


def test_an_interrupted_initdb_is_redone(tmp_path: Path) -> None:
    (tmp_path / "cluster.new" / "base").mkdir(parents=True)
    with Postgres(tmp_path) as postgres:
        assert query(postgres, "SELECT 1") == 1


@pytest.mark.parametrize(
    "content",
    ["1\n", f"{os.getpid()}\n/elsewhere\n", "9", ""],
    ids=["of init", "of another process", "half written", "empty"],
)
def test_a_stale_pid_file_is_not_believed(cluster: Path, content: str) -> None:
    (cluster / "cluster" / "postmaster.pid").write_text(content)
    with Postgres(cluster) as postgres:
        assert query(postgres, "SELECT 1") == 1


def test_a_server_that_still_ends_is_waited_for(tmp_path: Path) -> None:
    first = Postgres(tmp_path).start()
    os.kill(first.pid, signal.SIGKILL)  # its backends need a moment to notice
    with Postgres(tmp_path) as second:
        assert query(second, "SELECT 1") == 1
        assert first.pid not in processes_in(tmp_path / "cluster")
    first.stop()


def test_a_cluster_without_its_password_is_refused(tmp_path: Path) -> None:
    with Postgres(tmp_path):
        pass
    (tmp_path / "password").unlink()
    with pytest.raises(NotStarted, match="password"):
        Postgres(tmp_path).start()
