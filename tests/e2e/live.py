"""A whole platform as its users meet it: `aftersales up` in a process, spoken to over HTTP."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from domain.people import Role
from runtime.endpoints import Endpoints, NotRunning, endpoints
from store import tokens
from store.session import Database
from tests.sandbox_process import eventually
from tests.shop import ADDRESS, order_body, request_body

FREE_PORTS = ("--port", "0", "--temporal-port", "0", "--ui-port", "0")
START_SECONDS = 60.0
FINISH_SECONDS = 40.0
"""The contract's promise: after any fault has passed, cases complete within this."""

_numbers = itertools.count(1)


class Live:
    """The running platform, a storefront `demo` and its people: those with `tokens`, if it knows
    them from before.
    """

    def __init__(self, data: Path, tokens: dict[str, str] | None = None) -> None:
        self.data = data
        self.patience = FINISH_SECONDS
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ops.cli", "up", "--data", str(data), "--no-demo", *FREE_PORTS],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.found: Endpoints = eventually(self._ready, START_SECONDS)
        self.database = Database(self.found.database, pool=4)
        self.tokens = tokens or {
            "shop": self._issue("shop", Role.STOREFRONT, storefront="demo"),
            "lead": self._issue("lead", Role.LEAD),
            "other": self._issue("other", Role.LEAD),
            "operator": self._issue("operator", Role.OPERATOR),
            "warehouse": self._issue("warehouse", Role.WAREHOUSE),
            "technician": self._issue("technician", Role.TECHNICIAN),
        }

    def _ready(self) -> Endpoints | None:
        assert self.process.poll() is None, "the platform did not start"
        try:
            return endpoints(self.data)
        except NotRunning:
            return None

    def _issue(self, name: str, role: Role, storefront: str | None = None) -> str:
        with self.database.begin() as session:
            return tokens.issue(session, name, role, storefront=storefront)

    def kill(self, child: str) -> None:
        """kill -9 one of the platform's processes."""
        os.kill(getattr(endpoints(self.data).children, child), signal.SIGKILL)

    def close(self) -> None:
        self.database.close()
        self.process.terminate()
        self.process.wait(60)

    def call(
        self, who: str, method: str, path: str, body: Any = None, key: str | None = None
    ) -> requests.Response:
        """One request; a 503 and a refused connection are tried again, as a client would."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        if key:
            headers["Idempotency-Key"] = key

        def answer() -> list[requests.Response]:
            try:
                said = requests.request(
                    method, self.found.api + path, json=body, headers=headers, timeout=10
                )
            except requests.ConnectionError:
                return []
            return [] if said.status_code == 503 else [said]  # a refusal is false by itself

        (said,) = eventually(answer, FINISH_SECONDS)
        return said

    def sell(self, *lines: tuple[int, int], offline: bool = False, **fields: Any) -> str:
        """A paid order; its id."""
        order_id = f"o{next(_numbers)}"
        total = sum(line[1] for line in lines)
        payment = {"payment": "cash-1", "provider": "offline", "captured": total}
        if not offline:
            payment = {**payment, "payment": self.charge(order_id, total), "provider": "stripe"}
        body = order_body(*lines, payments=fields.pop("payments", None) or [payment], **fields)
        said = self.call("shop", "PUT", f"/v1/orders/{order_id}", body)
        assert said.status_code == 201, said.text
        return order_id

    def charge(self, order_id: str, amount: int) -> str:
        """A captured payment at the gateway; its id."""
        said = requests.post(
            f"{self.found.sandbox}/v1/charges",
            data={
                "amount": amount,
                "currency": "gbp",
                "source": "tok_visa",
                "metadata[order_id]": order_id,
            },
            headers={"Authorization": "Bearer sk_test"},
            timeout=10,
        )
        said.raise_for_status()
        return str(said.json()["id"])

    def refund_elsewhere(self, charge: str, amount: int, **names: str) -> None:
        """Somebody else refunds from the charge, past us."""
        said = requests.post(
            f"{self.found.sandbox}/v1/refunds",
            data={"charge": charge, "amount": amount, **names},
            headers={"Authorization": "Bearer sk_test"},
            timeout=10,
        )
        said.raise_for_status()

    def apply(self, order_id: str, quantity: int = 1, **fields: Any) -> str:
        """File a case over line 1, a refund unless said otherwise; its id."""
        body = request_body((1, quantity), order_id=order_id, **fields)
        if body["kind"] != "refund":
            body = {"address": ADDRESS, **body}
        said = self.call("shop", "POST", "/v1/cases", body, key=f"key-{next(_numbers):08}")
        assert said.status_code == 201, said.text
        return str(said.json()["case_id"])

    def approve(self, case_id: str, who: str = "lead", **fields: Any) -> dict[str, Any]:
        body = {"decision_id": f"{case_id[:30]}-{who}", **fields}
        said = self.call(who, "POST", f"/v1/cases/{case_id}/approve", body)
        assert said.status_code == 200, said.text
        return dict(said.json())

    def resume(self, case_id: str, action: str, **fields: Any) -> requests.Response:
        body = {"action": action, "note": "", **fields}
        return self.call("operator", "POST", f"/v1/cases/{case_id}/resume", body)

    def read(self, case_id: str) -> dict[str, Any]:
        return dict(self.call("lead", "GET", f"/v1/cases/{case_id}").json())

    def events(self, case_id: str) -> list[dict[str, Any]]:
        said = self.call("lead", "GET", f"/v1/cases/{case_id}/events?limit=200")
        return list(said.json()["items"])

    def wait_for(
        self, case_id: str, stage: str = "completed", seconds: float | None = None
    ) -> dict[str, Any]:
        """The case once it is in `stage`."""

        def there() -> dict[str, Any] | None:
            case = self.read(case_id)
            return case if case["stage"] == stage else None

        return dict(eventually(there, seconds or self.patience))

    def fault(self, name: str, order_id: str, times: int = 1, **fields: Any) -> None:
        """Arm a fault of the gateway for one order."""
        said = requests.post(
            f"{self.found.sandbox}/_sandbox/faults",
            json={
                "party": "payments",
                "fault": name,
                "times": times,
                "match": {"order_id": order_id},
                **fields,
            },
            timeout=10,
        )
        assert said.ok, said.text

    def report(self, number: str, status: str, copies: int = 1, **fields: Any) -> None:
        """The sandbox's carrier reports of a parcel, so many times."""
        said = requests.post(
            f"{self.found.sandbox}/_sandbox/shipments/{number}/events",
            json={"status": status, "copies": copies, **fields},
            timeout=10,
        )
        assert said.ok, said.text

    def parcel(self, case_id: str, n: int = 1) -> str:
        """The tracking number of the case's n-th parcel, once it is booked."""

        def booked() -> str | None:
            parcels = self.read(case_id)["goods"]["parcels"]
            return str(parcels[n - 1]["tracking_number"]) if len(parcels) >= n else None

        return str(eventually(booked, self.patience))

    def say(
        self, who: str, case_id: str, verb: str, body: Any = None, status: int = 200
    ) -> dict[str, Any]:
        """A word on a case, as `POST /v1/cases/{id}/<verb>`."""
        said = self.call(who, "POST", f"/v1/cases/{case_id}/{verb}", body)
        assert said.status_code == status, said.text
        return dict(said.json())

    def book(self) -> dict[str, list[dict[str, Any]]]:
        """The gateway's own book, row by row."""
        return dict(requests.get(f"{self.found.sandbox}/_sandbox/book", timeout=30).json())

    def refunds(self, order_id: str) -> list[dict[str, Any]]:
        return [r for r in self.book()["refunds"] if r["metadata"].get("order_id") == order_id]

    def many(self, work: Callable[[int], Any], count: int, threads: int = 8) -> list[Any]:
        """`work` for each number below `count`, some at a time."""
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(work, range(count)))

    def check(self) -> subprocess.CompletedProcess[str]:
        """`aftersales check` on this platform."""
        return self.command("check")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command line as an operator types it on this machine."""
        return subprocess.run(
            [sys.executable, "-m", "ops.cli", *words, "--data", str(self.data)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@contextmanager
def live(data: Path) -> Iterator[Live]:
    platform = Live(data)
    try:
        yield platform
    finally:
        platform.close()


def paid_once(platform: Live, order_ids: Sequence[str], amount: int) -> None:
    """Assert that the gateway executed exactly one refund of `amount` for each order."""
    executed: dict[str, list[int]] = {order_id: [] for order_id in order_ids}
    for refund in platform.book()["refunds"]:
        if refund["metadata"].get("order_id") in executed and refund["status"] == "succeeded":
            executed[refund["metadata"]["order_id"]].append(refund["amount"])
    assert executed == {order_id: [amount] for order_id in order_ids}
