"""Goods over HTTP: what a return takes, what it refuses by which name, and what it shows."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.policy_parts import Trusted
from tests.api.callers import Caller, Callers, new_key, slug
from tests.shop import ADDRESS, Shop, request_body

CARD = "4111 1111 1111 1111"
GOOD = {"line": 1, "received": 2, "accepted": 2, "disposition": "restock"}
WORN = {"line": 1, "received": 2, "accepted": 1, "disposition": "restock", "reason": "worn"}


@pytest.fixture
def warehouse(api: Callers) -> Caller:
    return api.named("wanda")


@pytest.fixture
def case_id(api: Callers) -> str:
    """An approved return of two units for 5.10."""
    api.sells()
    return api.approved(kind="return", address=ADDRESS)


def asks(api: Callers, **fields: Any) -> Any:
    body = request_body((1, 2), kind="return", **fields)
    return api.storefront.post("/v1/cases", body, key=new_key())


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, "address"),
        ({"address": {**ADDRESS, "lines": []}}, "address.lines"),
        ({"address": {**ADDRESS, "country": "gb"}}, "address.country"),
        ({"address": {**ADDRESS, "floor": 2}}, "address.floor"),
        ({"address": ADDRESS, "amount": 100}, "amount"),
    ],
)
def test_a_return_needs_an_address_and_asks_for_no_amount(
    api: Callers, fields: dict[str, Any], where: str
) -> None:
    api.sells()
    answer = asks(api, **fields)
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert where.split(".", maxsplit=1)[0] in answer.text


def test_an_address_with_a_card_number_is_refused(api: Callers) -> None:
    api.sells()
    answer = asks(api, address={**ADDRESS, "name": CARD})
    assert (answer.status_code, slug(answer)) == (422, "card-number-refused")


def test_a_preview_of_a_return_shows_what_it_would_pay(api: Callers) -> None:
    api.sells()
    body = request_body((1, 2), kind="return", address=ADDRESS)
    assert api.storefront.post("/v1/previews", body).json()["amount"]["total"] == 510


def test_an_approved_return_waits_for_its_parcel(api: Callers, case_id: str) -> None:
    case = api.storefront.get(f"/v1/cases/{case_id}").json()
    assert (case["stage"], case["waiting_for"]) == ("awaiting_parcel", "buyer")
    assert (case["goods"]["parcels"], case["goods"]["inspection"]) == ([], None)
    assert case["workflow_id"] == f"return/{case_id}"


def test_a_return_says_whether_it_is_refunded_before_the_goods_are_back(
    api: Callers, warehouse: Caller, shop: Shop, case_id: str
) -> None:
    assert warehouse.post(f"/v1/cases/{case_id}/inspection", {"lines": [GOOD]}).status_code == 200
    api.pays(case_id)
    trusted = Trusted(good_returns=1, up_to={"GBP": 510})
    shop.policy = shop.policy.model_copy(update={"trusted": trusted})
    api.sells("o2")
    later = api.applies(kind="return", address=ADDRESS, order_id="o2")["case_id"]
    shop.approve(UUID(later))
    cases = [api.storefront.get(f"/v1/cases/{each}").json() for each in (case_id, later)]
    assert [case["goods"]["refund_first"] for case in cases] == [False, True]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "invalid"),
        ({"lines": [GOOD], "surprise": 1}, "invalid"),
        ({"lines": [{**GOOD, "received": 2.0}]}, "invalid"),
        ({"lines": [{**GOOD, "received": -1}]}, "invalid"),
        ({"lines": [{**GOOD, "accepted": 3}]}, "invalid"),
        ({"lines": [{**GOOD, "accepted": 1}]}, "invalid"),
        ({"lines": [{**GOOD, "disposition": "send_back"}]}, "invalid"),
        ({"lines": [{**GOOD, "disposition": "shred"}]}, "invalid"),
        ({"lines": [{**GOOD, "grade": "E"}]}, "invalid"),
        ({"lines": [GOOD, GOOD]}, "line-repeated"),
        ({"lines": [{**GOOD, "line": 2}]}, "unknown-line"),
        ({"lines": [{**GOOD, "received": 3, "accepted": 3}]}, "units-not-available"),
        ({"lines": [{**WORN, "reason": CARD}]}, "card-number-refused"),
        ({"lines": [], "unlisted": [{"title": CARD, "quantity": 1}]}, "card-number-refused"),
        ({"lines": [], "note": CARD}, "card-number-refused"),
    ],
)
def test_a_count_that_cannot_be_is_refused_and_counts_nothing(
    api: Callers, warehouse: Caller, case_id: str, body: dict[str, Any], name: str
) -> None:
    before = api.lead.get(f"/v1/cases/{case_id}").json()
    answer = warehouse.post(f"/v1/cases/{case_id}/inspection", body)
    assert slug(answer) == name, answer.text
    assert api.lead.get(f"/v1/cases/{case_id}").json() == before


def test_goods_are_counted_once_and_shown(api: Callers, warehouse: Caller, case_id: str) -> None:
    body = {"inspection_id": "i-1", "lines": [WORN], "unlisted": [{"title": "A", "quantity": 1}]}
    first = warehouse.post(f"/v1/cases/{case_id}/inspection", body)
    again = warehouse.post(f"/v1/cases/{case_id}/inspection", body)
    assert first.json() == again.json()
    other = warehouse.post(f"/v1/cases/{case_id}/inspection", {"lines": [GOOD]})
    assert (other.status_code, slug(other)) == (409, "already-inspected")
    shown = api.storefront.get(f"/v1/cases/{case_id}").json()
    assert shown["goods"]["inspection"]["lines"][0]["reason"] == "worn"
    assert (shown["amount"]["total"], shown["waiting_for"]) == (255, "auditor")


def test_an_offer_goes_to_the_buyer_and_is_answered_once(
    api: Callers, warehouse: Caller, case_id: str
) -> None:
    path = f"/v1/cases/{case_id}"
    assert slug(api.lead.post(f"{path}/offer", {"amount": 1})) == "not-awaited"
    assert slug(api.storefront.post(f"{path}/offer/accept")) == "not-awaited"
    warehouse.post(f"{path}/inspection", {"lines": [WORN]})
    assert slug(api.lead.post(f"{path}/offer", {"amount": 256})) == "amount-too-high"
    assert slug(api.lead.post(f"{path}/offer", {"amount": 1.5})) == "invalid"
    word = {"offer_id": "of-1", "amount": 100}
    assert api.lead.post(f"{path}/offer", word).json()["stage"] == "awaiting_buyer"
    assert api.lead.post(f"{path}/offer", word).status_code == 200
    assert slug(api.lead.post(f"{path}/offer", {"amount": 100})) == "already-offered"
    assert api.storefront.post(f"{path}/offer/accept").json()["stage"] == "paying"
    assert api.storefront.post(f"{path}/offer/accept").status_code == 200
    assert slug(api.storefront.post(f"{path}/offer/decline")) == "already-answered"


def test_an_offer_above_the_auditors_limit_is_refused(
    api: Callers, warehouse: Caller, case_id: str
) -> None:
    api.shop.hire("pip", api.shop.auditor.role, limits={"GBP": 300})
    warehouse.post(f"/v1/cases/{case_id}/inspection", {"lines": [WORN]})
    answer = api.named("pip").post(f"/v1/cases/{case_id}/offer", {"amount": 100})
    assert (answer.status_code, slug(answer)) == (403, "over-limit")


def test_the_buyer_names_the_parcel_and_the_carrier_reports_of_it(
    api: Callers, case_id: str
) -> None:
    sent = {"carrier": "post", "tracking_number": "RR123456785GB"}
    assert api.storefront.post(f"/v1/cases/{case_id}/shipment", sent).status_code == 200
    assert slug(api.storefront.post(f"/v1/cases/{case_id}/shipment", {})) == "invalid"
    for status, hours in (("delivered", 2), ("picked_up", 1), ("delivered", 2)):
        assert reports(api, "post", status, hours).status_code == 200
    case = api.storefront.get(f"/v1/cases/{case_id}").json()
    assert (case["stage"], case["waiting_for"]) == ("awaiting_inspection", "warehouse")
    assert case["goods"]["parcels"][0]["status"] == "delivered"


def reports(api: Callers, carrier: str, status: str, hours: int, secret: str = "") -> Any:
    at = datetime.now(UTC) + timedelta(hours=hours - 3)
    body = (
        f'{{"id": "e-{status}", "tracking_number": "RR123456785GB", "status": "{status}",'
        f' "occurred_at": "{at:%Y-%m-%dT%H:%M:%SZ}"}}'
    ).encode()
    signed_at = int(datetime.now(UTC).timestamp())
    key = (secret or "whsec_sandbox").encode()
    digest = hmac.new(key, f"{signed_at}.".encode() + body, hashlib.sha256).hexdigest()
    return api.client.post(
        f"/v1/hooks/carriers/{carrier}",
        content=body,
        headers={
            "Carrier-Signature": f"t={signed_at},v1={digest}",
            "Content-Type": "application/json",
        },
    )


def test_a_report_that_the_carrier_did_not_sign_is_refused(api: Callers, case_id: str) -> None:
    answer = reports(api, "post", "delivered", 1, secret="another")
    assert (answer.status_code, slug(answer)) == (401, "signature-invalid")


def test_only_posted_goods_can_be_lost(api: Callers, case_id: str) -> None:
    answer = api.operator.post(f"/v1/cases/{case_id}/lost", {})
    assert (answer.status_code, slug(answer)) == (409, "not-posted")


@pytest.mark.parametrize("verb", ["shipment", "offer/accept", "offer/decline"])
def test_another_storefronts_case_is_as_one_that_does_not_exist(
    api: Callers, case_id: str, verb: str
) -> None:
    api.shop.hire("rival", api.shop.storefront.role, storefront="rival")
    sent = {"carrier": "post", "tracking_number": "X1"} if verb == "shipment" else None
    answer = api.named("rival").post(f"/v1/cases/{case_id}/{verb}", sent)
    assert (answer.status_code, slug(answer)) == (404, "case-not-found")
