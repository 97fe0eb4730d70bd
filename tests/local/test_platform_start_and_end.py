"""When does the platform start, how does it refuse to, and what does it leave behind?"""

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from platforms import Up, eventually

from ops.target import find
from runtime.children import NotStarted, is_alive
from runtime.data_folder import GATEWAYS, DataFolder
from runtime.endpoints import FILE_NAME, NotRunning, endpoints
from runtime.ports import free_port
from tests.ops.programs import aftersales

Starts = Callable[..., Up]


def assert_refused(up: Up, why: str) -> None:
    """It ended with one line that says why, and not with 0."""
    complaint = up.complaint()
    assert up.process.returncode == 1
    assert complaint.count("\n") == 1
    assert why in complaint


def test_after_ctrl_c_it_ends_with_0_and_leaves_nothing(starts: Starts, tmp_path: Path) -> None:
    up = starts(tmp_path).ready()
    pids = up.pids()
    assert up.end(signal.SIGINT) == 0
    assert not any(is_alive(pid) for pid in pids.values())
    assert not (tmp_path / FILE_NAME).exists()
    assert up.complaint() == ""


def test_asked_to_stop_while_it_starts_it_ends_with_0(starts: Starts, tmp_path: Path) -> None:
    up = starts(tmp_path)
    assert eventually((tmp_path / "logs" / "temporal.log").exists)
    assert up.end(signal.SIGTERM) == 0


def test_a_warm_start_takes_5_seconds_at_most_and_keeps_the_addresses(
    starts: Starts, tmp_path: Path
) -> None:
    cold = starts(tmp_path).ready()
    before = cold.found
    assert cold.end(signal.SIGTERM) == 0
    begun = time.monotonic()
    warm = starts(tmp_path).ready()
    assert time.monotonic() - begun < 5
    assert warm.found.model_copy(update={"pid": 0, "children": before.children}) == (
        before.model_copy(update={"pid": 0})
    )


def test_killed_it_takes_its_children_along_and_starts_again_at_once(
    starts: Starts, tmp_path: Path
) -> None:
    killed = starts(tmp_path).ready()
    before = killed.found
    killed.end(signal.SIGKILL)
    with pytest.raises(NotRunning, match="died"):
        endpoints(tmp_path)
    after = starts(tmp_path).ready().found
    assert not any(is_alive(pid) for _, pid in before.children)
    assert after.database == before.database


def test_a_second_one_on_the_same_folder_is_refused(starts: Starts, running: Up) -> None:
    pids = running.pids()
    assert_refused(starts(running.data), "already runs")
    assert running.pids() == pids
    assert all(is_alive(pid) for pid in pids.values())


def test_a_taken_port_is_refused(starts: Starts, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert_refused(starts(tmp_path, port=port), f"port {port} for api is taken")


def test_one_port_for_two_servers_is_refused_and_not_remembered(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    (tmp_path / "ports.json").write_text('{"api": 15001, "temporal": 15001}')
    remembered = folder.ports({"api": 0, "temporal": 0})
    assert remembered["api"] != remembered["temporal"]
    twice = free_port()
    with pytest.raises(NotStarted, match="asked for twice"):
        folder.ports({"api": twice, "temporal": twice})
    assert twice not in folder.ports({"api": 0, "temporal": 0}).values()
    folder.close()


def test_a_port_that_cannot_be_is_a_usage_error(tmp_path: Path) -> None:
    said = aftersales("up", "--data", str(tmp_path / "data"), "--port", "65536")
    assert said.code == 2
    assert "less than or equal to 65535" in said.err
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_is_a_file_is_refused(starts: Starts, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert_refused(starts(tmp_path / "file"), "cannot be used")


def test_a_foreign_cluster_is_refused(starts: Starts, tmp_path: Path) -> None:
    (tmp_path / "postgres" / "cluster").mkdir(parents=True)
    assert_refused(starts(tmp_path), "is not a PostgreSQL 18 data directory")


def test_a_damaged_temporal_database_is_refused(starts: Starts, tmp_path: Path) -> None:
    (tmp_path / "temporal.db").write_bytes(os.urandom(4096))
    assert_refused(starts(tmp_path), "logs/temporal.log")


def test_a_worker_that_cannot_start_is_named_with_its_log(starts: Starts, tmp_path: Path) -> None:
    assert_refused(starts(tmp_path, "broken"), "logs/worker.log")


def test_commands_find_the_gateways_that_it_was_told_of_whatever_their_terminal_is_told(
    starts: Starts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as told:
        told.setenv("AFTERSALES_STRIPE_API_BASE", "http://127.0.0.1:9/own")
        told.setenv("AFTERSALES_KARRIO_CARRIER", "ups")
        up = starts(tmp_path).ready()
    target = find(tmp_path)
    assert (target.stripe, target.bank) == ("http://127.0.0.1:9/own", up.found.sandbox)
    assert target.parties_in_sandbox == ["bank_card", "repair_shop"]
    assert (tmp_path / GATEWAYS).stat().st_mode & 0o777 == 0o600
