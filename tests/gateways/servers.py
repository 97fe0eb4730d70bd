"""What does a gateway test need of a server of Stripe's API, and what does it ask of it?"""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gateways.bank import BankTransfers
from gateways.payments import Charges, StripeRefunds
from gateways.testimony import Instruction, PayoutGateway, Verdict
from tests.sandbox_process import API_KEY

CLIENTS: dict[str, Callable[[str, str], PayoutGateway]] = {
    "payments": StripeRefunds,
    "bank": BankTransfers,
}


@dataclass
class Server:
    """A server of Stripe's API, and what it takes there to have a refund declined."""

    url: str
    make_declined: Callable[[Instruction], Instruction]

    @property
    def refunds(self) -> StripeRefunds:
        return StripeRefunds(self.url, API_KEY)

    @property
    def charges(self) -> Charges:
        return Charges(self.url, API_KEY)

    def charged(self, amount: int = 1000, source: str = "tok_visa") -> Instruction:
        """An instruction to refund a new charge in full."""
        order_id = f"order-{uuid.uuid4().hex[:8]}"
        made = self.charges.make(
            order_id, order_id=order_id, amount=amount, currency="GBP", source=source
        )
        assert made.verdict is Verdict.SUCCEEDED, made
        assert made.reference
        return instruction_for(order_id, made.reference, amount)


def instruction_for(order_id: str, payment: str, amount: int) -> Instruction:
    payout_id = str(uuid.uuid4())
    return Instruction(
        key=f"as1-{payout_id}-1",
        payout_id=payout_id,
        case_id=str(uuid.uuid4()),
        order_id=order_id,
        payment=payment,
        amount=amount,
        currency="GBP",
        token="card_of_the_buyer",
    )


@contextmanager
def saying(
    status: int, body: bytes, headers: dict[str, str] | None = None
) -> Iterator[tuple[str, list[str]]]:
    """A server that answers everything alike; its address, and the paths asked so far."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            paths.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", paths
        finally:
            server.shutdown()
