"""Does the sandbox's carrier report as carriers do: signed, repeated, in any order, never lost?"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from domain.parcels import ParcelStatus, Sighting, status_of
from gateways.carriers import CarrierReport, HttpCarrier, reports
from tests.gateways.consignments import consignment_for
from tests.sandbox_process import API_KEY, CARRIER_SECRET, Sandbox, eventually, running_sandbox

MONDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)


@dataclass
class Shop:
    """A receiver of reports: refuses them while `open` is not set."""

    url: str = ""
    open: threading.Event = field(default_factory=threading.Event)
    refused: list[CarrierReport] = field(default_factory=list)
    taken: list[CarrierReport] = field(default_factory=list)
    calls: int = 0

    def receive(self, body: bytes, signature: str) -> int:
        self.calls += 1
        found = reports(body, signature, CARRIER_SECRET, datetime.now(UTC))
        (self.taken if self.open.is_set() else self.refused).extend(found)
        return 200 if self.open.is_set() else 503


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    shop.open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(shop.receive(body, self.headers["Carrier-Signature"]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        shop.url = f"http://127.0.0.1:{server.server_port}/hooks"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield shop
        server.shutdown()


@pytest.fixture
def sandbox(tmp_path: Path, shop: Shop) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path / "book", carrier_webhook_url=shop.url) as sandbox:
        yield sandbox


@pytest.fixture
def parcel(sandbox: Sandbox) -> str:
    """The tracking number of a booked parcel."""
    booked = HttpCarrier(sandbox.url, API_KEY).book(consignment_for("order-1"))
    assert booked.tracking_number
    return booked.tracking_number


def see(sandbox: Sandbox, parcel: str, status: str, **more: Any) -> requests.Response:
    url = f"{sandbox.url}/_sandbox/shipments/{parcel}/events"
    return requests.post(url, json={"status": status} | more, timeout=10)


def test_a_report_is_signed_and_names_parcel_status_and_time(
    sandbox: Sandbox, shop: Shop, parcel: str
) -> None:
    said = see(sandbox, parcel, "picked_up", occurred_at=MONDAY.isoformat()).json()
    eventually(lambda: shop.taken)
    assert shop.taken == [CarrierReport(said["id"], parcel, ParcelStatus.PICKED_UP, MONDAY)]
    assert [row["status"] for row in sandbox.book()["shipments"]] == ["picked_up"]


def test_copies_come_under_one_id_each_until_it_is_taken(
    sandbox: Sandbox, shop: Shop, parcel: str
) -> None:
    shop.open.clear()
    see(sandbox, parcel, "delivered", copies=3, event_id="evt_of_mine")
    eventually(lambda: len(shop.refused) >= 4)
    shop.open.set()
    eventually(lambda: len(shop.taken) == 3)
    assert {report.event_id for report in shop.refused + shop.taken} == {"evt_of_mine"}


def test_reports_in_the_wrong_order_still_tell_when_each_thing_happened(
    sandbox: Sandbox, shop: Shop, parcel: str
) -> None:
    for days, status in ((2, "out_for_delivery"), (0, "picked_up"), (1, "in_transit")):
        at = MONDAY + timedelta(days=days)
        see(sandbox, parcel, status, occurred_at=at.isoformat())
    eventually(lambda: len(shop.taken) == 3)
    sightings = [Sighting(report.status, report.at) for report in shop.taken]
    assert status_of(sightings) is ParcelStatus.OUT_FOR_DELIVERY
    assert [row["status"] for row in sandbox.book()["shipments"]] == ["out_for_delivery"]


def test_a_report_that_nobody_took_comes_after_kill_9(
    sandbox: Sandbox, shop: Shop, parcel: str
) -> None:
    shop.open.clear()
    see(sandbox, parcel, "in_transit", copies=2)
    eventually(lambda: len(shop.refused) >= 2)
    sandbox.kill()
    shop.open.set()
    sandbox.restart()
    eventually(lambda: len(shop.taken) == 2)
    assert [row["status"] for row in sandbox.book()["shipments"]] == ["in_transit"]


def test_a_parcel_that_the_buyer_booked_elsewhere_is_reported_too(
    sandbox: Sandbox, shop: Shop
) -> None:
    see(sandbox, "GB123456789", "in_transit")
    eventually(lambda: [report.tracking_number for report in shop.taken] == ["GB123456789"])
    assert sandbox.book()["shipments"] == []


def test_payments_do_not_report_to_where_the_carrier_does(
    sandbox: Sandbox, shop: Shop, parcel: str
) -> None:
    charge = sandbox.charge("order-1", 1000)
    assert sandbox.post("/v1/refunds", {"charge": charge, "amount": 1}).status_code == 200
    see(sandbox, parcel, "delivered")
    eventually(lambda: [report.status for report in shop.taken] == [ParcelStatus.DELIVERED])
    assert shop.calls == 1


@pytest.mark.parametrize(
    "order",
    [
        {"status": "teleported"},
        {"status": "delivered", "occurred_at": "2026-01-05T12:00:00"},
        {"status": "delivered", "copies": 0},
        {"status": "delivered", "copy": 2},
    ],
)
def test_an_order_for_an_impossible_report_is_refused(
    sandbox: Sandbox, order: dict[str, Any]
) -> None:
    assert see(sandbox, "SBX1", **order).status_code == 422


@pytest.mark.parametrize("path", ["/v1/shipments", "/v1/work_orders"])
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"direction": 7, "sku": []}', b"a=b"])
def test_a_malformed_order_is_refused_and_its_key_stays_free(
    sandbox: Sandbox, path: str, body: bytes
) -> None:
    headers = {"Idempotency-Key": "key-1"}
    first = requests.post(sandbox.url + path, data=body, headers=headers, timeout=10)
    assert first.status_code == 400
    good = {
        "direction": "inbound",
        "sender": {"name": "Ada"},
        "recipient": {"name": "Returns"},
        "pieces": [{"sku": "SKU-1", "quantity": 1}],
        "sku": "SKU-1",
        "fault": "broken",
    }
    second = requests.post(sandbox.url + path, json=good, headers=headers, timeout=10)
    assert second.status_code == 200
