"""Does karrio book, void and track as FedEx and UPS document it, and leave the process as it was?

The carriers' answers are those of their API references, cut to what is read.
"""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from domain.parcels import Direction, ParcelStatus, Sighting
from gateways.carriers import Consignment, Place
from gateways.karrio_carrier import Account, KarrioCarrier, reference_of
from gateways.testimony import Verdict

KEY = "as1-0f8b1c9a-6f0e-5b7c-9d55-6f2f0a1b2c3d"
BUYER = Place(
    name="Ada Buyer",
    phone="2125550100",
    lines=("12 West Street", "Apartment 4"),
    city="New York",
    region="NY",
    postal_code="10001",
    country="US",
)
WAREHOUSE = Place(
    name="Returns",
    phone="9015550100",
    lines=("1 Depot Road",),
    city="Memphis",
    region="TN",
    postal_code="38116",
    country="US",
)
PARCEL = Consignment(
    key=KEY,
    case_id="019adf2a-0c00-7000-8000-000000000000",
    order_id="536365",
    direction=Direction.INBOUND,
    sender=BUYER,
    recipient=WAREHOUSE,
    pieces=(("SKU1", 2),),
)

LABEL = "XlhBXlha"  # an empty ZPL label
FEDEX_TOKEN = {"access_token": "t", "token_type": "bearer", "expires_in": 3599, "scope": "CXS"}
FEDEX_BOOKED = {
    "transactionId": "624deea6-b709-470c-8c39-4b5511281492",
    "output": {
        "transactionShipments": [
            {
                "masterTrackingNumber": "794953535000",
                "serviceType": "FEDEX_GROUND",
                "shipDatestamp": "2026-11-25",
                "pieceResponses": [
                    {
                        "trackingNumber": "794953535000",
                        "trackingIdType": "FEDEX",
                        "packageDocuments": [
                            {"contentType": "LABEL", "docType": "ZPLII", "encodedLabel": LABEL}
                        ],
                    }
                ],
            }
        ]
    },
}
FEDEX_TRACKED = {
    "output": {
        "completeTrackResults": [
            {
                "trackingNumber": "794953535000",
                "trackResults": [
                    {
                        "trackingNumberInfo": {"trackingNumber": "794953535000"},
                        "latestStatusDetail": {"code": "OD", "description": "Out for delivery"},
                        "scanEvents": [
                            {"date": "2026-11-25T08:55:00-05:00", "eventType": "OD"},
                            {"date": "2026-11-24T21:30:00-05:00", "eventType": "DP"},
                            {"date": "2026-11-24T16:10:00-05:00", "eventType": "PU"},
                            {"date": "2026-11-24T09:00:00-05:00", "eventType": "??"},
                        ],
                    }
                ],
            }
        ]
    }
}
FEDEX_PATHS = {
    "/oauth/token": (200, FEDEX_TOKEN),
    "/ship/v1/shipments": (200, FEDEX_BOOKED),
    "/ship/v1/shipments/cancel": (200, {"output": {"cancelledShipment": True}}),
    "/track/v1/trackingnumbers": (200, FEDEX_TRACKED),
}
FEDEX_CREDENTIALS = {
    "api_key": "id",
    "secret_key": "shh",
    "track_api_key": "id",
    "track_secret_key": "shh",
    "account_number": "740561073",
}

UPS_NUMBER = "1Z2220060290602143"
UPS_TOKEN = {"access_token": "t", "issued_at": "4102444800000", "expires_in": "14399"}
UPS_BOOKED = {
    "ShipmentResponse": {
        "Response": {"ResponseStatus": {"Code": "1", "Description": "Success"}},
        "ShipmentResults": {
            "ShipmentIdentificationNumber": UPS_NUMBER,
            "PackageResults": [
                {
                    "TrackingNumber": UPS_NUMBER,
                    "ShippingLabel": {"ImageFormat": {"Code": "ZPL"}, "GraphicImage": LABEL},
                }
            ],
        },
    }
}
UPS_TRACKED = {
    "trackResponse": {
        "shipment": [
            {
                "package": [
                    {
                        "trackingNumber": UPS_NUMBER,
                        "deliveryDate": [{"type": "DEL", "date": "20261125"}],
                        "activity": [
                            {
                                "status": {"type": "D", "code": "F4", "description": "DELIVERED"},
                                "date": "20261125",
                                "time": "103000",
                            },
                            {
                                "status": {"type": "I", "code": "DP", "description": "Departed"},
                                "date": "20261124",
                                "time": "221500",
                            },
                        ],
                    }
                ]
            }
        ]
    }
}
UPS_PATHS = {
    "/security/v1/oauth/token": (200, UPS_TOKEN),
    "/api/shipments/v2409/ship": (200, UPS_BOOKED),
    f"/api/shipments/v2409/void/cancel/{UPS_NUMBER}": (
        200,
        {"VoidShipmentResponse": {"Response": {"ResponseStatus": {"Code": "1"}}}},
    ),
    f"/api/track/v1/details/{UPS_NUMBER}": (200, UPS_TRACKED),
}
UPS_CREDENTIALS = {"client_id": "id", "client_secret": "shh", "account_number": "A1B2C3"}


class Carriers:
    """Both carriers' APIs on loopback: what each path answers, and what was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.paths: dict[str, tuple[int, Any]] = {**FEDEX_PATHS, **UPS_PATHS}
        self.asked: list[tuple[str, Any]] = []

    def bodies(self, path: str) -> list[Any]:
        return [body for asked, body in self.asked if asked == path]

    def fedex(self, **other: str) -> KarrioCarrier:
        return self._carrier("fedex", "fedex_ground", FEDEX_CREDENTIALS, **other)

    def ups(self) -> KarrioCarrier:
        return self._carrier("ups", "ups_ground", UPS_CREDENTIALS)

    def _carrier(
        self, name: str, service: str, credentials: dict[str, str], base: str | None = None
    ) -> KarrioCarrier:
        return KarrioCarrier(
            Account(
                carrier=name,
                credentials=json.dumps(credentials),
                service=service,
                base=base or self.url,
            )
        )


@pytest.fixture
def carriers() -> Iterator[Carriers]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = self.path.partition("?")[0]
            known.asked.append((path, text.decode()))
            status, document = known.paths[path]
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known = Carriers(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield known
        server.shutdown()


def test_fedex_is_asked_to_bring_a_return_from_the_buyer_to_the_warehouse(
    carriers: Carriers,
) -> None:
    booked = carriers.fedex().book(PARCEL)
    assert (booked.verdict, booked.reference) == (Verdict.SUCCEEDED, "794953535000")
    assert (booked.carrier, booked.tracking_number) == ("fedex", "794953535000")
    (body,) = carriers.bodies("/ship/v1/shipments")
    asked = json.loads(body)
    shipment = asked["requestedShipment"]
    assert shipment["shipper"]["address"]["streetLines"] == ["12 West Street", "Apartment 4"]
    assert shipment["recipients"][0]["address"]["postalCode"] == "38116"
    assert shipment["shipmentSpecialServices"]["specialServiceTypes"] == ["RETURN_SHIPMENT"]
    assert asked["accountNumber"] == {"value": "740561073"}
    assert reference_of(KEY) in body


def test_ups_is_asked_to_bring_a_return_from_the_buyer_to_the_warehouse(
    carriers: Carriers,
) -> None:
    booked = carriers.ups().book(PARCEL)
    assert (booked.verdict, booked.reference) == (Verdict.SUCCEEDED, UPS_NUMBER)
    assert (booked.carrier, booked.tracking_number) == ("ups", UPS_NUMBER)
    (body,) = carriers.bodies("/api/shipments/v2409/ship")
    shipment = json.loads(body)["ShipmentRequest"]["Shipment"]
    assert shipment["ReturnService"]["Code"]
    assert shipment["ShipFrom"]["Address"]["PostalCode"] == "10001"
    assert shipment["ShipTo"]["Address"]["PostalCode"] == "38116"
    assert reference_of(KEY) in body


def test_a_parcel_to_the_buyer_is_no_return(carriers: Carriers) -> None:
    outbound = replace(PARCEL, direction=Direction.OUTBOUND, sender=WAREHOUSE, recipient=BUYER)
    assert carriers.fedex().book(outbound).verdict is Verdict.SUCCEEDED
    assert "RETURN_SHIPMENT" not in carriers.bodies("/ship/v1/shipments")[0]


def test_one_token_serves_many_bookings(carriers: Carriers) -> None:
    carrier = carriers.fedex()
    carriers.paths["/oauth/token"] = (200, FEDEX_TOKEN | {"expires_in": 7200})
    assert carrier.book(PARCEL).verdict is carrier.book(PARCEL).verdict is Verdict.SUCCEEDED
    assert len(carriers.bodies("/oauth/token")) == 1


@pytest.mark.parametrize(
    ("status", "document", "verdict", "code"),
    [
        (
            400,
            {"errors": [{"code": "SERVICETYPE.NOT.ALLOWED"}]},
            "failed",
            "servicetype_not_allowed",
        ),
        (422, {"errors": [{"code": "7405"}]}, "failed", "http_422"),
        (400, {}, "ambiguous", "http_400"),
        (401, {"errors": [{"code": "NOT.AUTHORIZED"}]}, "not_executed", "not_authorized"),
        (429, b"slow down", "not_executed", "http_429"),
        (503, {"errors": [{"code": "SERVICE.UNAVAILABLE"}]}, "ambiguous", "service_unavailable"),
        (500, b"<html>", "ambiguous", "unreadable"),
        (302, b"", "ambiguous", "unreadable"),
        (200, b"not json", "ambiguous", "unreadable"),
        (200, {"output": {"transactionShipments": [{}]}}, "ambiguous", "unreadable"),
    ],
)
def test_every_answer_to_a_booking_has_one_verdict(
    carriers: Carriers, status: int, document: Any, verdict: str, code: str
) -> None:
    carriers.paths["/ship/v1/shipments"] = (status, document)
    booked = carriers.fedex().book(PARCEL)
    assert (booked.verdict, booked.code) == (verdict, code)
    assert len(carriers.bodies("/ship/v1/shipments")) == 1


def test_nothing_is_booked_without_a_token_and_the_next_try_asks_for_one(
    carriers: Carriers,
) -> None:
    carrier = carriers.fedex()
    carriers.paths["/oauth/token"] = (401, {"errors": [{"code": "NOT.AUTHORIZED.ERROR"}]})
    refused = carrier.book(PARCEL)
    assert (refused.verdict, refused.code) == (Verdict.NOT_EXECUTED, "no_token")
    assert carriers.bodies("/ship/v1/shipments") == []
    carriers.paths["/oauth/token"] = (200, FEDEX_TOKEN)
    assert carrier.book(PARCEL).verdict is Verdict.SUCCEEDED


def test_nothing_is_booked_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        answer = Carriers(nowhere).fedex().book(PARCEL)
    assert answer.verdict is Verdict.NOT_EXECUTED


def test_what_karrio_cannot_write_is_refused_before_anything_is_sent(carriers: Carriers) -> None:
    nowhere = replace(PARCEL, recipient=replace(WAREHOUSE, lines=()))
    answer = carriers.fedex().book(nowhere)
    assert (answer.verdict, answer.code) == (Verdict.FAILED, "not_expressible")
    assert carriers.bodies("/ship/v1/shipments") == []


def test_a_lost_answer_is_in_doubt_and_cannot_be_found_again(carriers: Carriers) -> None:
    carrier = carriers.ups()
    carriers.paths.pop("/api/shipments/v2409/ship")  # hangs up on us
    lost = carrier.book(PARCEL)
    assert (lost.verdict, lost.code) == (Verdict.AMBIGUOUS, "connection_lost")
    before = len(carriers.asked)
    found = carrier.find(PARCEL)
    assert (found.verdict, found.code) == (Verdict.AMBIGUOUS, "not_searchable")
    assert len(carriers.asked) == before


@pytest.mark.parametrize("name", ["fedex", "ups"])
def test_a_shipment_is_voided_by_its_id(carriers: Carriers, name: str) -> None:
    reference = {"fedex": "794953535000", "ups": UPS_NUMBER}[name]
    assert getattr(carriers, name)().cancel(KEY, reference).verdict is Verdict.SUCCEEDED


def test_a_refusal_to_void_is_for_a_person_to_judge(carriers: Carriers) -> None:
    refusal = {"errors": [{"code": "TRACKINGNUMBER.NOT.CANCELLABLE"}]}
    carriers.paths["/ship/v1/shipments/cancel"] = (400, refusal)
    answer = carriers.fedex().cancel(KEY, "794953535000")
    assert (answer.verdict, answer.code) == (
        Verdict.AMBIGUOUS,
        "trackingnumber_not_cancellable",
    )


def test_fedex_scans_become_sightings_by_the_clock_of_the_place(carriers: Carriers) -> None:
    assert carriers.fedex().sightings("794953535000") == [
        Sighting(ParcelStatus.OUT_FOR_DELIVERY, datetime(2026, 11, 25, 8, 55, tzinfo=UTC)),
        Sighting(ParcelStatus.IN_TRANSIT, datetime(2026, 11, 24, 21, 30, tzinfo=UTC)),
        Sighting(ParcelStatus.PICKED_UP, datetime(2026, 11, 24, 16, 10, tzinfo=UTC)),
    ]


def test_ups_activities_become_sightings(carriers: Carriers) -> None:
    assert carriers.ups().sightings(UPS_NUMBER) == [
        Sighting(ParcelStatus.DELIVERED, datetime(2026, 11, 25, 10, 30, tzinfo=UTC)),
        Sighting(ParcelStatus.IN_TRANSIT, datetime(2026, 11, 24, 22, 15, tzinfo=UTC)),
    ]


def test_a_parcel_that_the_carrier_does_not_know_was_seen_nowhere(carriers: Carriers) -> None:
    unknown = {"output": {"completeTrackResults": [{"trackResults": [{"error": {"code": "X"}}]}]}}
    carriers.paths["/track/v1/trackingnumbers"] = (200, unknown)
    assert carriers.fedex().sightings("1") == []


def test_it_leaves_certificates_pictures_and_output_as_they_were(
    carriers: Carriers, capfd: pytest.CaptureFixture[str]
) -> None:
    program = f"""
import json, ssl
from PIL import ImageFile
from gateways.karrio_carrier import Account, KarrioCarrier
account = Account(carrier="ups", credentials={json.dumps(UPS_CREDENTIALS)!r}, service="ups_ground",
    base={carriers.url!r})
carrier = KarrioCarrier(account)
assert len(carrier.sightings({UPS_NUMBER!r})) == 2
assert ssl._create_default_https_context is ssl.create_default_context
assert not ImageFile.LOAD_TRUNCATED_IMAGES
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("module", ["api.app", "workflows", "gateways.karrio_carrier", "worker"])
def test_nobody_loads_karrio_by_being_imported(module: str) -> None:
    program = f"import sys, {module}; sys.exit('karrio' in sys.modules or 'loguru' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("carrier", "credentials", "why"),
    [
        ("ups", "[]", "JSON object"),
        ("ups", "shh", "JSON object"),
        ("pigeon", "{}", "no plug-in of karrio for 'pigeon'"),
        ("ups.proxy", "{}", "no plug-in of karrio"),
    ],
)
def test_an_account_that_cannot_work_is_refused_at_once(
    carrier: str, credentials: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why) as refusal:
        KarrioCarrier(Account(carrier=carrier, credentials=credentials, service="any"))
    assert "shh" not in str(refusal.value)
