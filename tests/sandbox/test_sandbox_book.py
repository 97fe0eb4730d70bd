"""Is the sandbox's book true, whatever happens to its process?"""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.sandbox_process import ROOT, Sandbox, eventually


def test_the_book_survives_kill_9(sandbox: Sandbox) -> None:
    charge = sandbox.charge("order-1", 1000)
    sandbox.post("/v1/refunds", {"charge": charge, "amount": 400}, key="key-1")
    sandbox.post("/v1/transfers", {"destination": "c", "amount": 5, "currency": "gbp"}, key="key-2")
    before = sandbox.book()
    sandbox.kill()
    sandbox.restart()
    assert sandbox.book() == before
    assert [len(before[name]) for name in ("charges", "refunds", "transfers")] == [1, 1, 1]


def test_a_torn_last_line_is_dropped_and_the_book_goes_on(sandbox: Sandbox) -> None:
    charge = sandbox.charge("order-1", 1000)
    sandbox.post("/v1/refunds", {"charge": charge, "amount": 400}, key="key-1")
    sandbox.kill()
    book = sandbox.data / "book.jsonl"
    whole = book.read_bytes()
    book.write_bytes(whole + whole.splitlines()[-1][:40])
    sandbox.restart()
    sandbox.post("/v1/refunds", {"charge": charge, "amount": 600}, key="key-2")
    sandbox.kill()
    sandbox.restart()
    assert [row["amount"] for row in sandbox.refunds(charge)] == [400, 600]


def test_every_answered_refund_is_in_the_book_after_kill_9_under_load(sandbox: Sandbox) -> None:
    charge = sandbox.charge("order-1", 10**6)
    answered: list[str] = []

    def refund(number: int) -> None:
        form = {"charge": charge, "amount": 1}
        try:
            answer = sandbox.post("/v1/refunds", form, key=f"key-{number}")
        except requests.RequestException:
            return
        answered.append(answer.json()["id"])

    with ThreadPoolExecutor(8) as threads:
        sending = [threads.submit(refund, number) for number in range(400)]
        eventually(lambda: len(answered) > 100)
        os.kill(sandbox.process.pid, signal.SIGKILL)
        for each in sending:
            each.result()
    assert len(answered) < 400
    sandbox.kill()
    sandbox.restart()
    assert set(answered) <= {row["id"] for row in sandbox.refunds(charge)}


def test_replays_add_no_row_before_or_after_a_restart(sandbox: Sandbox) -> None:
    charge = sandbox.charge("order-1", 1000)
    form = {"charge": charge, "amount": 400}
    first = sandbox.post("/v1/refunds", form, key="key-1")
    again = sandbox.post("/v1/refunds", form, key="key-1")
    sandbox.kill()
    sandbox.restart()
    later = sandbox.post("/v1/refunds", form, key="key-1")
    assert first.content == again.content == later.content
    assert later.headers["Idempotent-Replayed"] == "true"
    assert len(sandbox.refunds(charge)) == 1


def test_a_saved_500_survives_a_restart(sandbox: Sandbox) -> None:
    charge = sandbox.charge("order-1", 1000)
    sandbox.fault("sticky_500")
    form = {"charge": charge, "amount": 400}
    sandbox.post("/v1/refunds", form, key="key-1")
    sandbox.kill()
    sandbox.restart()
    assert sandbox.post("/v1/refunds", form, key="key-1").status_code == 500
    assert len(sandbox.refunds(charge)) == 1


@pytest.mark.parametrize(
    ("fault", "last"),
    [
        ("pending_then_succeeded", "succeeded"),
        ("pending_then_failed", "failed"),
        ("succeeded_then_reversed", "failed"),
    ],
)
def test_what_was_to_come_comes_after_kill_9(sandbox: Sandbox, fault: str, last: str) -> None:
    charge = sandbox.charge("order-1", 1000)
    sandbox.fault(fault, seconds=1)
    sandbox.post("/v1/refunds", {"charge": charge, "amount": 400}, key="key-1")
    assert sandbox.refunds(charge)[0]["status"] != last
    sandbox.kill()
    sandbox.restart()
    eventually(lambda: [row["status"] for row in sandbox.refunds(charge)] == [last])


def test_a_failed_refund_gives_its_amount_back_to_the_charge(sandbox: Sandbox) -> None:
    charge = sandbox.charge("order-1", 1000)
    sandbox.fault("pending_then_failed", seconds=0)
    sandbox.post("/v1/refunds", {"charge": charge, "amount": 1000}, key="key-1")
    eventually(lambda: sandbox.refunds(charge)[0]["status"] == "failed")
    again = sandbox.post("/v1/refunds", {"charge": charge, "amount": 1000}, key="key-2")
    assert again.status_code == 200


def test_of_twenty_tenths_at_once_exactly_ten_are_booked(sandbox: Sandbox) -> None:
    charge = sandbox.charge("order-1", 1000)
    start = threading.Barrier(20)

    def refund(number: int) -> int:
        start.wait()
        form = {"charge": charge, "amount": 100}
        return sandbox.post("/v1/refunds", form, key=f"key-{number}").status_code

    with ThreadPoolExecutor(20) as threads:
        statuses = sorted(threads.map(refund, range(20)))
    assert statuses == [200] * 10 + [400] * 10
    assert sum(row["amount"] for row in sandbox.refunds(charge)) == 1000


def test_a_second_process_may_not_keep_the_same_book(sandbox: Sandbox) -> None:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--data", str(sandbox.data)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert second.stderr.startswith("sandbox cannot start: BookInUse")


def test_it_ends_on_sigterm_though_a_client_still_waits(sandbox: Sandbox) -> None:
    charge = sandbox.charge("order-1", 1000)
    sandbox.fault("hang_after", seconds=60)
    with ThreadPoolExecutor(1) as threads:
        form = {"charge": charge, "amount": 1}
        waiting = threads.submit(sandbox.post, "/v1/refunds", form, "key-1")
        eventually(lambda: sandbox.refunds(charge))
        sandbox.process.terminate()
        sandbox.process.wait(timeout=10)
        assert waiting.exception() or waiting.result().status_code >= 500
