"""How fast is a refund? Acceptance, approval and payout of many cases on a running platform.

    make run ARGS="--no-demo"      # in one terminal
    make bench ARGS="--cases 300"  # in another

Machines are noisy: compare medians of several runs made by turns, never two single runs.
"""

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import requests

from domain.people import Role
from runtime.endpoints import Endpoints, endpoints
from store import tokens
from store.session import Database, new_id

STOREFRONT = "bench"
PATIENCE_SECONDS = 120


@dataclass
class Client:
    """One caller of the API; keeps the time of each call, in seconds, by what it was for."""

    found: Endpoints
    token: str
    times: dict[str, list[float]] = field(default_factory=dict)

    def call(self, what: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(new_id())}
        begun = time.perf_counter()
        answer = requests.request(
            method, self.found.api + path, json=body, headers=headers, timeout=10
        )
        self.times.setdefault(what, []).append(time.perf_counter() - begun)
        answer.raise_for_status()
        return dict(answer.json())


def run(found: Endpoints, cases: int, threads: int) -> None:
    database = Database(found.database, pool=2)
    names = {role: f"bench-{role}-{new_id()}" for role in (Role.STOREFRONT, Role.LEAD)}
    with database.begin() as session:
        shop, lead = (
            Client(found, tokens.issue(session, name, role, storefront=_of(role)))
            for role, name in names.items()
        )

    def refund(_: int) -> float:
        order_id = f"b-{new_id()}"
        shop.call("order", "PUT", f"/v1/orders/{order_id}", _order(order_id, found))
        case = shop.call("apply", "POST", "/v1/cases", _request(order_id))
        lead.call("approve", "POST", f"/v1/cases/{case['case_id']}/approve", {})
        begun = time.perf_counter()
        while lead.call("read", "GET", f"/v1/cases/{case['case_id']}")["stage"] != "completed":
            if time.perf_counter() - begun > PATIENCE_SECONDS:
                raise SystemExit(f"case {case['case_id']} is not through")
            time.sleep(0.05)
        return time.perf_counter() - begun

    begun = time.perf_counter()
    paid = _in_parallel(refund, cases, threads)
    seconds = time.perf_counter() - begun
    for what, times in {**shop.times, **lead.times, "approved to paid": paid}.items():
        print(f"{what:18} p50 {median(times) * 1e3:7.0f} ms   p99 {_p99(times) * 1e3:7.0f} ms")
    print(f"{cases} refunds by {threads} callers in {seconds:.1f} s: {cases / seconds:.1f} cases/s")
    database.close()


def _of(role: Role) -> str | None:
    return STOREFRONT if role is Role.STOREFRONT else None


def _order(order_id: str, found: Endpoints) -> dict[str, Any]:
    charge = requests.post(
        f"{found.sandbox}/v1/charges",
        data={"amount": 1000, "currency": "gbp", "source": "tok_visa"}
        | {"metadata[order_id]": order_id},
        headers={"Authorization": "Bearer sk_test"},
        timeout=10,
    ).json()
    line = {"line": 1, "sku": "BENCH", "title": "Bench", "quantity": 2, "paid": 1000}
    payment = {"payment": charge["id"], "provider": "stripe", "captured": 1000}
    return {
        "currency": "GBP",
        "customer": {"id": "bench"},
        "ordered_at": "2026-01-01T00:00:00Z",
        "lines": [line],
        "payments": [payment],
    }


def _request(order_id: str) -> dict[str, Any]:
    lines = [{"line": 1, "quantity": 1}]
    return {"kind": "refund", "order_id": order_id, "lines": lines, "reason": "damaged"}


def _in_parallel(work: Callable[[int], float], count: int, threads: int) -> list[float]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(count)))


def _p99(times: list[float]) -> float:
    return quantiles(times, n=100)[98] if len(times) > 1 else times[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".aftersales"))
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    run(endpoints(options.data), options.cases, options.threads)
