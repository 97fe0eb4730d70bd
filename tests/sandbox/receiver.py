"""Who hears the sandbox's webhooks? A shop that can be told to refuse or to hang."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stripe

from tests.sandbox_process import WEBHOOK_SECRET


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


@contextmanager
def receiving() -> Iterator[Shop]:
    """A shop that takes webhooks until the block ends."""
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
