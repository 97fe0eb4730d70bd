"""How does a test get a sandbox of its own? A real process, which it may kill and start again."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
WEBHOOK_SECRET = "whsec_of_the_tests"
CARRIER_SECRET = "whsec_of_the_carrier"
API_KEY = "sk_test_of_the_tests"

Row = dict[str, Any]


def eventually(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """The first truthy value of `condition`, polled until the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)
    return value


@dataclass
class Sandbox:
    """A sandbox at `url`, over the book in `data`."""

    data: Path
    webhook_url: str | None = None
    carrier_webhook_url: str | None = None
    process: subprocess.Popen[str] = field(init=False)
    url: str = field(init=False)

    def start(self, port: int = 0) -> None:
        command = [sys.executable, "-m", "sandbox", "--port", str(port), "--data", str(self.data)]
        if self.webhook_url:
            command += ["--webhook-url", self.webhook_url, "--webhook-secret", WEBHOOK_SECRET]
        if self.carrier_webhook_url:
            command += ["--carrier-webhook-url", self.carrier_webhook_url]
            command += ["--carrier-webhook-secret", CARRIER_SECRET]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the sandbox did not start"
        self.url = line.split()[-1]

    def kill(self) -> None:
        """kill -9: nothing is flushed, nothing said goodbye to."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def restart(self) -> None:
        """Start again on the same book and port, after `kill`."""
        self.start(int(self.url.rsplit(":", 1)[1]))

    def book(self) -> dict[str, list[Row]]:
        answer = requests.get(f"{self.url}/_sandbox/book", timeout=10)
        answer.raise_for_status()
        book: dict[str, list[Row]] = answer.json()
        return book

    def refunds(self, charge: str) -> list[Row]:
        return [row for row in self.book()["refunds"] if row["charge"] == charge]

    def transfers(self, order_id: str) -> list[Row]:
        rows = self.book()["transfers"]
        return [row for row in rows if row["metadata"]["order_id"] == order_id]

    def fault(self, fault: str, **order: Any) -> None:
        """Order a fault: `party` (payments), `operation`, `times`, `seconds`, `match`."""
        body = {"party": "payments", "fault": fault} | order
        requests.post(f"{self.url}/_sandbox/faults", json=body, timeout=10).raise_for_status()

    def clear_faults(self) -> None:
        requests.delete(f"{self.url}/_sandbox/faults", timeout=10).raise_for_status()

    def charge(self, order_id: str, amount: int, currency: str = "gbp") -> str:
        """Make a charge as a shop does; its id."""
        form = {
            "amount": amount,
            "currency": currency,
            "source": "tok_visa",
            "metadata[order_id]": order_id,
        }
        answer = requests.post(f"{self.url}/v1/charges", data=form, timeout=10)
        answer.raise_for_status()
        charge: str = answer.json()["id"]
        return charge

    def post(self, path: str, form: Row, key: str | None = None) -> requests.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return requests.post(f"{self.url}{path}", data=form, headers=headers, timeout=30)


@contextmanager
def running_sandbox(
    data: Path, webhook_url: str | None = None, *, carrier_webhook_url: str | None = None
) -> Iterator[Sandbox]:
    """A sandbox until the block ends; what a test killed is not missed."""
    sandbox = Sandbox(data, webhook_url, carrier_webhook_url)
    sandbox.start()
    try:
        yield sandbox
    finally:
        sandbox.kill()
