"""What stars add up to is exact, whoever writes at once and though the worker dies meanwhile.

Thirty-two buyers publish, edit, re-rate and withdraw reviews of the same twenty products over HTTP.
Most audits come in by the API; every so often one comes as a raw signal, which the worker settles,
so that publishing is torn apart too. AFTERSALES_WRITER_OPERATIONS=1000 is the whole proof.
"""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from random import Random
from typing import Any

import pytest
import requests
from anyio.from_thread import BlockingPortal, start_blocking_portal
from temporalio.client import Client
from temporalio.service import RPCError

from domain.ratings import Tally, change
from runtime.client import connect
from runtime.settings import Settings
from store.submissions import ratings
from tests.e2e.live import Live
from tests.sandbox_process import eventually
from tests.shop import order_body

WRITERS = 32
PRODUCTS = 20
OPERATIONS = int(os.environ.get("AFTERSALES_WRITER_OPERATIONS", "3"))
"""Of each writer."""

KILLS = max(2, OPERATIONS // 50)
SIGNALLED = 0.1
"""The share of audits that are tried as raw signals."""

HEARD_WITHIN = 3.0  # seconds: else the relay is dead or behind, and the API is told instead
SETTLED_WITHIN = 120.0  # seconds: the worker may be dead, and then has others to catch up with


@pytest.mark.timeout(300 + 6 * OPERATIONS)
def test_figures_are_those_of_the_reviews_though_many_write_and_the_worker_dies(
    platform: Live,
) -> None:
    with signals(platform) as signalled:
        killing = Killing(platform)
        writers = [Writer(platform, number, signalled, killing) for number in range(WRITERS)]
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(Writer.write, writers))
    assert killing.killed > 0
    assert sum(writer.settled_by_signal for writer in writers) > 0
    for product in range(1, PRODUCTS + 1):
        seen = [change(None, w.seen[product]) for w in writers if product in w.seen]
        expected = sum(seen, Tally())
        with platform.database.snapshot() as session:
            assert ratings.read(session, "demo", sku_of(product)) == expected
        said = platform.call("shop", "GET", f"/v1/products/{sku_of(product)}/rating").json()
        assert said["count"] == expected.n
    checked = platform.check()
    assert checked.returncode == 0, checked.stdout


def sku_of(product: int) -> str:
    return f"WRITTEN{product}"


class Signals:
    """Words that reach a review's workflow without the API, as an operator's would."""

    def __init__(self, portal: BlockingPortal, client: Client) -> None:
        self._portal = portal
        self._client = client

    def approve(self, review_id: str) -> bool:
        """False if no workflow is there to hear it, yet."""
        handle = self._client.get_workflow_handle(f"review/{review_id}")
        try:
            self._portal.call(handle.signal, "approve", {"actor": "lead"})
        except RPCError:
            return False
        return True


@contextmanager
def signals(platform: Live) -> Iterator[Signals]:
    with start_blocking_portal() as portal:
        at = Settings(temporal=platform.found.temporal)
        yield Signals(portal, portal.call(connect, at))


class Killing:
    """Kills the worker each time that so many operations are done."""

    def __init__(self, platform: Live) -> None:
        self._platform = platform
        self._lock = threading.Lock()
        self._done = 0
        self.killed = 0

    def one_more(self) -> None:
        with self._lock:
            self._done += 1
            due = self._done % max(WRITERS * OPERATIONS // (KILLS + 1), 1) == 0
            if due:
                with suppress(ProcessLookupError):  # still dead of the last time
                    self._platform.kill("worker")
                    self.killed += 1


class Writer:
    """A buyer of one piece of each product. `seen` is what everybody must see of their reviews: the
    stars of each product.
    """

    def __init__(self, platform: Live, number: int, signalled: Signals, killing: Killing) -> None:
        self.seen: dict[int, int] = {}
        self._platform = platform
        self._signalled = signalled
        self._killing = killing
        self._random = Random(number)
        self._customer = f"writer-{number}"
        self._reviews: dict[int, str] = {}
        self._http = requests.Session()
        self._said = 0
        self.settled_by_signal = 0
        lines = order_body(*[(1, 100)] * PRODUCTS)["lines"]
        self._order = platform.sell(
            *[(1, 100)] * PRODUCTS,
            offline=True,
            customer={"id": self._customer},
            lines=[{**line, "sku": sku_of(line["line"])} for line in lines],
        )

    def write(self) -> None:
        for _ in range(OPERATIONS):
            product = self._random.randint(1, PRODUCTS)
            if product not in self.seen:
                self._publish(product)
            else:
                ways = (self._edit, self._edit, self._rate_anew, self._rate_anew, self._withdraw)
                self._random.choice(ways)(product)
            self._killing.one_more()

    def _publish(self, product: int) -> None:
        stars = self._random.randint(1, 5)
        body = {**self._words(stars), "order_id": self._order, "line": product}
        said = self._call("shop", "POST", "/v1/reviews", body, 201)
        self._reviews[product] = said["review_id"]
        self._audited(product)
        self.seen[product] = stars

    def _edit(self, product: int) -> None:
        self._put(product, self.seen[product])

    def _rate_anew(self, product: int) -> None:
        self._put(product, self.seen[product] % 5 + 1)

    def _put(self, product: int, stars: int) -> None:
        self._call("shop", "PUT", f"/v1/reviews/{self._reviews[product]}", self._words(stars))
        self._audited(product)
        self.seen[product] = stars

    def _withdraw(self, product: int) -> None:
        body = {"customer_id": self._customer}
        self._call("shop", "POST", f"/v1/reviews/{self._reviews.pop(product)}/withdraw", body)
        del self.seen[product]

    def _audited(self, product: int) -> None:
        review_id = self._reviews[product]
        if self._random.random() < SIGNALLED and self._heard(review_id):
            eventually(lambda: self._is_published(review_id), SETTLED_WITHIN)
            self.settled_by_signal += 1
        else:
            word = {"decision_id": f"{self._customer}-{self._said}"}
            self._call("lead", "POST", f"/v1/reviews/{review_id}/approve", word)

    def _heard(self, review_id: str) -> bool:
        with suppress(AssertionError):
            return bool(eventually(lambda: self._signalled.approve(review_id), HEARD_WITHIN))
        return False

    def _is_published(self, review_id: str) -> bool:
        said = self._call("lead", "GET", f"/v1/reviews/{review_id}", None)
        return bool(said["stage"] == "published")

    def _words(self, stars: int) -> dict[str, Any]:
        self._said += 1
        content = f"The {self._said}. word of {self._customer}."
        return {"customer_id": self._customer, "stars": stars, "content": content}

    def _call(self, who: str, method: str, path: str, body: Any, status: int = 200) -> Any:
        headers = {
            "Authorization": f"Bearer {self._platform.tokens[who]}",
            "Idempotency-Key": f"{self._customer}-{self._said}",
        }
        url = self._platform.found.api + path

        def answer() -> requests.Response | None:
            said = self._http.request(method, url, json=body, headers=headers, timeout=30)
            return None if said.status_code == 503 else said  # too many at once: again

        said = eventually(answer, SETTLED_WITHIN)
        assert said.status_code == status, said.text
        return said.json()
