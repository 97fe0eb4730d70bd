"""What do the children of a running platform survive?"""

import os
import signal
import stat

import psycopg2
import pytest
from platforms import Up, eventually

from runtime.children import is_alive
from runtime.endpoints import FILE_NAME
from runtime.ports import accepts


def connect(up: Up) -> psycopg2.extensions.connection:
    return psycopg2.connect(up.found.database.replace("+psycopg2", ""))


def revive(up: Up, name: str) -> None:
    """Kills a child and returns when its successor is on record."""
    former = up.pids()[name]
    os.kill(former, signal.SIGKILL)
    assert eventually(lambda: up.pids()[name] != former)


def test_the_postgres_pid_is_the_postmaster_s_own(running: Up) -> None:
    with connect(running) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_read_file('postmaster.pid')")
        (pid_file,) = cursor.fetchone() or ("",)
    connection.close()
    assert int(pid_file.split()[0]) == running.pids()["postgres"]


def test_the_endpoints_are_readable_by_their_owner_alone(running: Up) -> None:
    assert stat.S_IMODE((running.data / FILE_NAME).stat().st_mode) == 0o600


def test_a_killed_postgres_returns_on_its_port_with_every_committed_row(running: Up) -> None:
    database = running.found.database
    with connect(running) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO notes VALUES ('committed')")
    connection.close()
    revive(running, "postgres")
    assert running.found.database == database
    with connect(running) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT note FROM notes")
        rows = cursor.fetchall()
    connection.close()
    assert rows == [("committed",)]


def test_a_killed_temporal_returns_on_its_ports(running: Up) -> None:
    before = running.found
    revive(running, "temporal")
    assert (running.found.temporal, running.found.temporal_ui) == (
        before.temporal,
        before.temporal_ui,
    )
    assert accepts(int(before.temporal.rpartition(":")[2]))


@pytest.mark.parametrize("name", ["api", "worker", "sandbox"])
def test_a_killed_program_of_ours_starts_again(running: Up, name: str) -> None:
    revive(running, name)
    assert is_alive(running.pids()[name])


def test_all_of_them_killed_at_once_return(running: Up) -> None:
    former = running.pids()
    for pid in former.values():
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not set(former.values()) & set(running.pids().values()))
