"""Do the sandbox's webhooks reach the shop as Stripe's do: signed, repeated, never in the way?"""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import stripe

from tests.sandbox_process import WEBHOOK_SECRET, Sandbox, eventually, running_sandbox


@dataclass
class Shop:
    """A webhook receiver: refuses while `open` is not set, hangs while `answering` is not."""

    url: str = ""
    open: threading.Event = field(default_factory=threading.Event)
    answering: threading.Event = field(default_factory=threading.Event)
    refused: list[stripe.Event] = field(default_factory=list)
    taken: list[stripe.Event] = field(default_factory=list)

    def receive(self, body: bytes, signature: str) -> int:
        event = stripe.Webhook.construct_event(body, signature, WEBHOOK_SECRET)
        self.answering.wait(30)
        (self.taken if self.open.is_set() else self.refused).append(event)
        return 200 if self.open.is_set() else 503

    def types(self) -> Counter[str]:
        return Counter(event.type for event in self.taken)


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    shop.open.set()
    shop.answering.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(shop.receive(body, self.headers["Stripe-Signature"]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        shop.url = f"http://127.0.0.1:{server.server_port}/hooks"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield shop
        shop.answering.set()
        server.shutdown()


@pytest.fixture
def sandbox(tmp_path: Path, shop: Shop) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path / "book", shop.url) as sandbox:
        yield sandbox


def refunded(sandbox: Sandbox) -> str:
    """Refund 400 of a new charge of 1000; the refund's id."""
    form = {"charge": sandbox.charge("order-1", 1000), "amount": 400, "metadata[key]": "key-1"}
    refund: str = sandbox.post("/v1/refunds", form, key="key-1").json()["id"]
    return refund


def test_a_refund_is_told_with_a_signature_that_stripe_accepts(
    sandbox: Sandbox, shop: Shop
) -> None:
    refund = refunded(sandbox)
    eventually(lambda: shop.types() == {"refund.created": 1, "charge.refunded": 1})
    told = {event.type: event.data.object for event in shop.taken}
    assert told["refund.created"]["id"] == refund
    assert told["refund.created"]["metadata"]["key"] == "key-1"
    assert told["charge.refunded"]["amount_refunded"] == 400


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("pending_then_succeeded", {"refund.updated": 1}),
        ("pending_then_failed", {"refund.updated": 1, "refund.failed": 1}),
        ("succeeded_then_reversed", {"refund.updated": 1, "refund.failed": 1}),
    ],
)
def test_a_later_change_is_told_too(
    sandbox: Sandbox, shop: Shop, fault: str, told: dict[str, int]
) -> None:
    sandbox.fault(fault, seconds=0.2)
    refunded(sandbox)
    both = {"refund.created": 1, "charge.refunded": 1}
    eventually(lambda: shop.types() == both | told)


def test_a_refused_event_comes_again_under_the_same_id(sandbox: Sandbox, shop: Shop) -> None:
    shop.open.clear()
    refunded(sandbox)
    eventually(lambda: len(shop.refused) >= 4)
    shop.open.set()
    eventually(lambda: len(shop.taken) == 2)
    assert {event.id for event in shop.refused} == {event.id for event in shop.taken}


def test_an_undelivered_event_comes_after_kill_9(sandbox: Sandbox, shop: Shop) -> None:
    shop.open.clear()
    refunded(sandbox)
    eventually(lambda: len(shop.refused) >= 2)
    sandbox.kill()
    shop.open.set()
    sandbox.restart()
    eventually(lambda: len(shop.taken) == 2)
    assert {event.id for event in shop.refused} == {event.id for event in shop.taken}


def test_a_delivered_event_does_not_come_again_after_a_restart(
    sandbox: Sandbox, shop: Shop
) -> None:
    refunded(sandbox)
    book = sandbox.data / "book.jsonl"
    eventually(lambda: book.read_text().count('"delivered"') == 2)
    sandbox.kill()
    sandbox.restart()
    refunded_later = sandbox.post("/v1/refunds", {"charge": sandbox.charge("order-2", 1)}).json()
    eventually(lambda: len(shop.taken) >= 4)
    assert len({event.id for event in shop.taken}) == len(shop.taken) == 4
    assert refunded_later["id"] in {event.data.object["id"] for event in shop.taken}


def test_a_shop_that_hangs_holds_up_no_answer(sandbox: Sandbox, shop: Shop) -> None:
    shop.answering.clear()
    charge = sandbox.charge("order-1", 1000)
    for number in range(30):
        form = {"charge": charge, "amount": 1}
        assert sandbox.post("/v1/refunds", form, key=f"key-{number}").elapsed.total_seconds() < 2
