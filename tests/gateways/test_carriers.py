"""Is a parcel booked once, found after a lost answer, cancelled in time, and reported truly?"""

import hashlib
import hmac
import json
import uuid
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from domain.parcels import Direction, ParcelStatus
from gateways.carriers import CarrierReport, Consignment, HttpCarrier, Unsigned, reports
from gateways.testimony import Verdict
from tests.gateways.consignments import BUYER, WAREHOUSE, consignment_for
from tests.gateways.test_strange_answers import saying
from tests.sandbox_process import API_KEY, CARRIER_SECRET, Row, Sandbox, eventually, running_sandbox

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def consignment() -> Consignment:
    return consignment_for(f"order-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def carrier(sandbox: Sandbox) -> HttpCarrier:
    return HttpCarrier(sandbox.url, API_KEY)


def fault(sandbox: Sandbox, consignment: Consignment, kind: str, **order: Any) -> None:
    match = {"order_id": consignment.order_id}
    sandbox.fault(kind, party="carrier", match=match, **order)


def executed(sandbox: Sandbox, consignment: Consignment) -> list[Row]:
    rows = sandbox.book()["shipments"]
    return [row for row in rows if row["metadata"]["order_id"] == consignment.order_id]


def seen(sandbox: Sandbox, tracking_number: str, status: str) -> None:
    url = f"{sandbox.url}/_sandbox/shipments/{tracking_number}/events"
    requests.post(url, json={"status": status}, timeout=10).raise_for_status()


def test_a_booked_parcel_is_found_by_its_key_and_stands_in_the_book_once(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment
) -> None:
    assert carrier.find(consignment).verdict is Verdict.NOT_FOUND
    booked = carrier.book(consignment)
    assert (booked.verdict, booked.carrier) == (Verdict.SUCCEEDED, "sandbox")
    assert carrier.book(consignment) == carrier.find(consignment) == booked
    (row,) = executed(sandbox, consignment)
    assert row == {
        "id": booked.reference,
        "key": consignment.key,
        "direction": "inbound",
        "tracking_number": booked.tracking_number,
        "status": "pending",
        "seen": 0,
        "metadata": {"case_id": consignment.case_id, "order_id": consignment.order_id},
        "created": row["created"],
    }


def test_no_name_and_no_address_is_kept_in_the_book(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment
) -> None:
    carrier.book(consignment)
    book = (sandbox.data / "book.jsonl").read_text()
    assert consignment.key in book
    for place in (BUYER, WAREHOUSE):
        for word in (place.name, place.phone, *place.lines, place.city, place.postal_code or ""):
            assert f'"{word}' not in book


@pytest.mark.parametrize(
    ("kind", "code"),
    [("error_after", "api_error"), ("reset_after", "connection_lost"), ("garbage", "http_200")],
)
def test_an_answer_lost_after_booking_is_ambiguous_and_found_by_the_key(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment, kind: str, code: str
) -> None:
    fault(sandbox, consignment, kind)
    said = carrier.book(consignment)
    assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, code)
    found = carrier.find(consignment)
    assert found.verdict is Verdict.SUCCEEDED
    assert carrier.book(consignment) == found
    assert len(executed(sandbox, consignment)) == 1


def test_a_500_that_sticks_to_the_key_is_only_resolved_by_asking(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment
) -> None:
    fault(sandbox, consignment, "sticky_500")
    for _ in range(3):
        assert carrier.book(consignment).verdict is Verdict.AMBIGUOUS
    assert carrier.find(consignment).verdict is Verdict.SUCCEEDED
    assert len(executed(sandbox, consignment)) == 1


def test_an_error_before_booking_leaves_nothing_and_the_key_works_later(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment
) -> None:
    fault(sandbox, consignment, "error_before")
    assert carrier.book(consignment).verdict is Verdict.AMBIGUOUS
    assert carrier.find(consignment).verdict is Verdict.NOT_FOUND
    assert carrier.book(consignment).verdict is Verdict.SUCCEEDED


@pytest.mark.parametrize(("kind", "rows"), [("hang_before", 0), ("hang_after", 1)])
def test_a_carrier_that_hangs_is_ambiguous_and_books_once(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment, kind: str, rows: int
) -> None:
    fault(sandbox, consignment, kind)
    said = carrier.book(consignment)
    assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "timeout")
    assert len(executed(sandbox, consignment)) == rows
    eventually(lambda: carrier.book(consignment).verdict is Verdict.SUCCEEDED)
    assert len(executed(sandbox, consignment)) == 1


def test_a_decline_is_a_refusal_and_the_book_has_nothing_of_it(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment
) -> None:
    fault(sandbox, consignment, "decline")
    said = carrier.book(consignment)
    assert (said.verdict, said.code) == (Verdict.REFUSED, "address_not_served")
    assert carrier.book(consignment) == said
    assert carrier.find(consignment).verdict is Verdict.NOT_FOUND
    assert executed(sandbox, consignment) == []
    again = replace(consignment, key=f"{consignment.key}-2")
    assert carrier.book(again).verdict is Verdict.SUCCEEDED


def test_too_many_requests_are_not_executed_and_say_when_to_come_back(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment
) -> None:
    fault(sandbox, consignment, "too_many_requests", seconds=3)
    said = carrier.book(consignment)
    assert (said.verdict, said.retry_after) == (Verdict.NOT_EXECUTED, 3)
    assert executed(sandbox, consignment) == []


@pytest.mark.parametrize("kind", ["error_before", "garbage", "too_many_requests"])
def test_a_question_that_goes_wrong_says_nothing_of_the_parcel(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment, kind: str
) -> None:
    booked = carrier.book(consignment)
    fault(sandbox, consignment, kind, operation="list")
    assert carrier.find(consignment).verdict is Verdict.AMBIGUOUS
    assert carrier.find(consignment) == booked


def test_a_carrier_that_is_not_there_executed_nothing(
    tmp_path: Path, consignment: Consignment
) -> None:
    with running_sandbox(tmp_path) as gone:
        carrier = HttpCarrier(gone.url, API_KEY)
        gone.kill()
        assert carrier.book(consignment).verdict is Verdict.NOT_EXECUTED
        assert carrier.find(consignment).verdict is Verdict.AMBIGUOUS
        assert carrier.cancel("key", "shp_1").verdict is Verdict.NOT_EXECUTED
        gone.restart()


def test_a_key_that_stands_for_another_parcel_is_never_taken_for_ours(
    carrier: HttpCarrier, consignment: Consignment
) -> None:
    carrier.book(consignment)
    for other in (
        replace(consignment, direction=Direction.OUTBOUND),
        replace(consignment, case_id="another"),
        replace(consignment, order_id="another"),
    ):
        found = carrier.find(other)
        assert (found.verdict, found.code) == (Verdict.AMBIGUOUS, "echo_mismatch")
        assert carrier.book(other).verdict is Verdict.REFUSED


def test_a_cancelled_parcel_stays_cancelled_and_is_found_as_such(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment
) -> None:
    reference = carrier.book(consignment).reference or ""
    for _ in range(2):
        said = carrier.cancel("key-of-cancelling", reference)
        assert (said.verdict, said.reference) == (Verdict.SUCCEEDED, reference)
    found = carrier.find(consignment)
    assert (found.verdict, found.code) == (Verdict.FAILED, "cancelled")
    assert [row["status"] for row in executed(sandbox, consignment)] == ["cancelled"]


@pytest.mark.parametrize("status", ["picked_up", "in_transit", "delivered"])
def test_a_parcel_that_was_picked_up_is_not_cancelled(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment, status: str
) -> None:
    booked = carrier.book(consignment)
    seen(sandbox, booked.tracking_number or "", status)
    said = carrier.cancel("key-of-cancelling", booked.reference or "")
    assert (said.verdict, said.code) == (Verdict.FAILED, "already_picked_up")
    assert carrier.find(consignment) == booked


@pytest.mark.parametrize("kind", ["error_after", "reset_after", "garbage", "sticky_500"])
def test_a_cancelling_whose_answer_was_lost_is_simply_repeated(
    sandbox: Sandbox, carrier: HttpCarrier, consignment: Consignment, kind: str
) -> None:
    reference = carrier.book(consignment).reference or ""
    fault(sandbox, consignment, kind)
    assert carrier.cancel("key-of-cancelling", reference).verdict is Verdict.AMBIGUOUS
    assert carrier.cancel("key-of-cancelling", reference).verdict is Verdict.SUCCEEDED


@pytest.mark.parametrize("reference", ["", "../shipments", "a/b", "a?b"])
def test_cancelling_what_no_carrier_can_name_is_ambiguous(
    carrier: HttpCarrier, reference: str
) -> None:
    assert carrier.cancel("key-of-cancelling", reference).verdict is Verdict.AMBIGUOUS


def test_cancelling_what_the_carrier_does_not_know_fails(carrier: HttpCarrier) -> None:
    said = carrier.cancel("key-of-cancelling", "shp_unknown")
    assert (said.verdict, said.code) == (Verdict.FAILED, "resource_missing")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"null"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b"\xff\xfe"),
        (200, b'{"data": null, "has_more": false}'),
        (200, b'{"data": [], "has_more": true}'),
        (200, b'{"data": []}'),
        (200, b'{"data": [null], "has_more": false}'),
        (200, b'{"data": [{}, {}], "has_more": false}'),
        (302, b"{}"),
        (409, b'{"error": {"code": "never_heard_of"}}'),
        (500, b'{"error": {"code": "address_not_served"}}'),
        (503, b"[]"),
    ],
)
def test_whatever_is_not_listed_is_ambiguous(
    consignment: Consignment, status: int, body: bytes
) -> None:
    with saying(status, body) as (url, paths):
        carrier = HttpCarrier(url, API_KEY)
        assert carrier.book(consignment).verdict is Verdict.AMBIGUOUS
        assert carrier.find(consignment).verdict is Verdict.AMBIGUOUS
        assert carrier.cancel("key-of-cancelling", "shp_1").verdict is Verdict.AMBIGUOUS
        assert len(paths) == 3


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, b'{"error": {"code": "never_heard_of"}}', "never_heard_of"),
        (400, b'{"error": {"code": ["address_not_served"]}}', "http_400"),
        (404, b"<html>Not Found</html>", "http_404"),
        (422, b"null", "http_422"),
    ],
)
def test_any_other_4xx_is_a_refusal_whatever_its_code(
    consignment: Consignment, status: int, body: bytes, code: str
) -> None:
    with saying(status, body) as (url, _):
        carrier = HttpCarrier(url, API_KEY)
        booked = carrier.book(consignment)
        assert (booked.verdict, booked.code) == (Verdict.REFUSED, code)
        assert carrier.find(consignment).verdict is Verdict.AMBIGUOUS
        cancelled = carrier.cancel("key-of-cancelling", "shp_1")
        assert (cancelled.verdict, cancelled.code) == (Verdict.FAILED, code)


def test_a_shipment_in_a_status_nobody_listed_is_ambiguous(consignment: Consignment) -> None:
    shipment = {
        "id": "shp_1",
        "key": consignment.key,
        "direction": "inbound",
        "tracking_number": "SBX1",
        "status": "teleported",
        "metadata": {"case_id": consignment.case_id, "order_id": consignment.order_id},
    }
    with saying(200, json.dumps(shipment).encode()) as (url, _):
        said = HttpCarrier(url, API_KEY).book(consignment)
    assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "unlisted_status")


def test_nothing_personal_is_in_what_a_refusal_leaves_behind(consignment: Consignment) -> None:
    body = {"error": {"code": f"no such person: {BUYER.name}", "message": BUYER.name}}
    with saying(400, json.dumps(body).encode()) as (url, _):
        said = HttpCarrier(url, API_KEY).book(consignment)
    assert BUYER.name not in str(asdict(said))


EVENT = {
    "id": "evt_1",
    "tracking_number": "SBX1",
    "status": "in_transit",
    "occurred_at": "2026-01-02T04:00:00+01:00",
}
BODY = json.dumps(EVENT).encode()


def signature(body: bytes = BODY, *, at: datetime = NOW, secret: str = CARRIER_SECRET) -> str:
    signed = f"{int(at.timestamp())}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={int(at.timestamp())},v1={digest}"


def test_a_signed_report_is_read_in_utc() -> None:
    (report,) = reports(BODY, signature(), CARRIER_SECRET, NOW)
    at = datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert report == CarrierReport("evt_1", "SBX1", ParcelStatus.IN_TRANSIT, at)
    assert report.at.tzinfo is UTC


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "t=1,v1=" + 64 * "0",
        signature(BODY + b" "),
        signature(secret="whsec_other"),
        signature(at=NOW - timedelta(seconds=301)),
        signature(at=NOW + timedelta(seconds=301)),
        signature().replace(",v1=", ",v0="),
        signature() + "\n",
        "t=١,v1=" + 64 * "0",
    ],
)
def test_a_report_that_was_not_signed_lately_is_not_believed(header: str | None) -> None:
    with pytest.raises(Unsigned):
        reports(BODY, header, CARRIER_SECRET, NOW)


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(Unsigned):
        reports(BODY, signature(secret=""), "", NOW)


def test_a_report_is_believed_for_five_minutes() -> None:
    assert reports(BODY, signature(at=NOW - timedelta(seconds=300)), CARRIER_SECRET, NOW)


def test_a_status_that_we_have_no_word_for_is_no_report() -> None:
    body = json.dumps(EVENT | {"status": "customs_clearance"}).encode()
    assert reports(body, signature(body), CARRIER_SECRET, NOW) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        *(
            json.dumps(EVENT | change).encode()
            for change in (
                {"id": ""},
                {"id": "evt 1"},
                {"id": "evt_1\n"},
                {"id": None},
                {"tracking_number": "SBX1\x00"},
                {"tracking_number": 256 * "1"},
                {"status": 7},
                {"occurred_at": "2026-01-02T03:00:00"},
                {"occurred_at": "yesterday"},
                {"occurred_at": "0001-01-01T00:00:00+14:00"},
            )
        ),
    ],
)
def test_a_signed_body_of_another_form_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^not a carrier's event$"):
        reports(body, signature(body), CARRIER_SECRET, NOW)
