"""Goods as others' platforms lost them: numbers used again, reports out of order, late parcels."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.e2e.live import Live
from tests.sandbox_process import eventually
from tests.shop import order_body


def days_ago(days: float) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def approved(platform: Live, **fields: Any) -> str:
    case_id = platform.apply(platform.sell((2, 1000)), 2, kind="return", reason="other", **fields)
    assert platform.approve(case_id)["stage"] == "awaiting_parcel"
    return case_id


def named(platform: Live, case_id: str, number: str, status: int = 200, **fields: Any) -> Any:
    body = {"carrier": "sandbox", "tracking_number": number, **fields}
    return platform.say("shop", case_id, "shipment", body, status)


def happened(platform: Live, case_id: str, what: str) -> bool:
    return bool(eventually(lambda: [e for e in platform.events(case_id) if e["what"] == what]))


def number() -> str:
    return f"N{uuid4().hex[:12]}"


def test_last_springs_report_does_not_move_a_return_and_the_number_is_free_afterwards(
    platform: Live,
) -> None:
    recycled = number()
    platform.report(recycled, "delivered", occurred_at=days_ago(250))
    case_id = approved(platform)
    named(platform, case_id, recycled)
    platform.report(recycled, "delivered", occurred_at=days_ago(249))
    platform.report(recycled, "in_transit")
    assert happened(platform, case_id, "parcel_in_transit")
    assert platform.read(case_id)["stage"] == "awaiting_parcel"
    platform.say("shop", case_id, "cancel")
    later = approved(platform)
    assert named(platform, later, recycled)["stage"] == "awaiting_parcel"


def test_a_wrongly_named_parcel_is_corrected_until_its_carrier_has_had_it(platform: Live) -> None:
    case_id, wrong, right = approved(platform), number(), number()
    named(platform, case_id, wrong)
    corrects = {"carrier": "sandbox", "tracking_number": wrong}
    named(platform, case_id, right, corrects=corrects)
    platform.report(right, "in_transit")
    assert happened(platform, case_id, "parcel_in_transit")
    corrects = {"carrier": "sandbox", "tracking_number": right}
    said = named(platform, case_id, number(), 409, corrects=corrects)
    assert said["type"] == "/problems/parcel-underway"


def test_a_pickup_that_was_cancelled_and_comes_all_the_same_is_to_be_counted(
    platform: Live,
) -> None:
    case_id = approved(platform)
    parcel = platform.parcel(case_id)
    for status in ("cancelled", "picked_up", "delivered"):
        platform.report(parcel, status)
    platform.wait_for(case_id, "awaiting_inspection")


def test_what_arrives_for_a_cancelled_case_is_seen_counted_and_sent_back(platform: Live) -> None:
    case_id = approved(platform)
    parcel = platform.parcel(case_id)
    platform.report(parcel, "picked_up")
    assert happened(platform, case_id, "parcel_picked_up")
    platform.say("shop", case_id, "cancel")
    platform.report(parcel, "delivered")
    assert happened(platform, case_id, "arrived_unexpected")
    stuck = json.loads(platform.command("stuck", "--json").stdout)["stuck"]
    (item,) = [each for each in stuck if each["case_id"] == case_id]
    assert item["what"] == "arrived"
    assert f"/v1/cases/{case_id}/inspection" in item["commands"][0]
    line = {"line": 1, "received": 2, "accepted": 0, "reason": "late", "disposition": "send_back"}
    case = platform.say("warehouse", case_id, "inspection", {"lines": [line]})
    assert (case["stage"], case["goods"]["arrivals"][0]["action"]) == ("cancelled", "send_back")
    platform.report(platform.parcel(case_id, 2), "delivered")
    assert happened(platform, case_id, "parcel_delivered")
    assert case_id not in platform.command("stuck", "--json").stdout


def with_serials(platform: Live, *serials: str) -> str:
    """An order of so many units that bear these."""
    order_id = platform.sell((len(serials), 3000))
    sold = platform.call("lead", "GET", f"/v1/orders/{order_id}?storefront=demo").json()
    paid = [{"payment": sold["payments"][0]["payment"], "provider": "stripe", "captured": 3000}]
    body = order_body((len(serials), 3000), payments=paid)
    body["lines"][0]["serials"] = list(serials)
    assert platform.call("shop", "PUT", f"/v1/orders/{order_id}", body).status_code == 200
    return order_id


def test_one_unit_is_in_one_repair_and_what_replaces_it_enters_the_order(platform: Live) -> None:
    order_id = with_serials(platform, "A1", "A2", "A3")
    first, *others = (
        platform.apply(order_id, 1, kind="repair", reason="warranty_fault") for _ in range(3)
    )
    for case_id in (first, *others):
        platform.approve(case_id)
        platform.parcel(case_id)
    found = {"serial": "A1", "fault": "no power", "covered": True, "repairable": True}
    platform.say("technician", first, "diagnosis", found)
    for case_id in others:
        said = platform.say("technician", case_id, "diagnosis", found, 409)
        assert said["type"] == "/problems/serial-in-use"
    platform.say("technician", first, "repaired", {"serial": "N1", "swapped": True})
    order = platform.call("lead", "GET", f"/v1/orders/{order_id}?storefront=demo").json()
    assert order["lines"][0]["serials"] == ["A2", "A3", "N1"]
    platform.report(platform.parcel(first, 2), "delivered")
    platform.wait_for(first)
    said = platform.say("technician", others[0], "diagnosis", found, 422)
    assert said["type"] == "/problems/unknown-serial"
    said = platform.say("technician", others[0], "diagnosis", {**found, "serial": "N1"})
    assert said["stage"] == "in_repair"


def test_a_used_unit_replaces_only_for_a_buyer_who_was_offered_one(platform: Live) -> None:
    sku = f"S{uuid4().hex[:8]}"
    count = {"storefront": "demo", "warehouse": "resale", "on_hand": 1}
    said = platform.call("warehouse", "PUT", f"/v1/stock/{sku}", count)
    assert said.json()["warehouses"][0]["condition"] == "used"
    wanted = {"line": 1, "sku": sku, "quantity": 1, "price": 1000}
    exchanges = [
        platform.apply(platform.sell((1, 1000)), kind="exchange", replacement=[wanted | condition])
        for condition in ({}, {"condition": "used"})
    ]
    for case_id in exchanges:
        platform.approve(case_id)
    brand_new, used = exchanges
    platform.wait_for(used, "awaiting_parcel")
    assert happened(platform, brand_new, "out_of_stock")
    assert platform.read(brand_new)["stage"] == "awaiting_stock"
    shown = platform.read(used)["goods"]["replacement"][0]
    assert (shown["sku"], shown["condition"]) == (sku, "used")
    shelf = platform.call("shop", "GET", f"/v1/stock/{sku}").json()["warehouses"]
    assert [(each["condition"], each["held"]) for each in shelf] == [("used", 1)]


def test_what_came_back_is_told_per_unit_sold_and_what_was_rejected_is_not(
    platform: Live,
) -> None:
    supplier, today = f"acme-{uuid4().hex[:8]}", f"{datetime.now(UTC):%Y-%m-%d}"
    body = order_body((4, 1000), ordered_at=f"{today}T00:00:00Z")
    body["lines"][0]["supplier"] = supplier
    order_id = platform.sell((4, 1000), ordered_at=body["ordered_at"], lines=body["lines"])
    refused = platform.apply(order_id, 2)
    word = {"reason": "other", "note": ""}
    assert platform.say("lead", refused, "reject", word)["stage"] == "rejected"
    case_id = platform.apply(order_id, 2, kind="return", reason="changed_mind")
    platform.approve(case_id)
    platform.report(platform.parcel(case_id), "delivered")
    platform.wait_for(case_id, "awaiting_inspection")
    line = {"line": 1, "received": 1, "accepted": 1, "disposition": "restock"}
    platform.say("warehouse", case_id, "inspection", {"lines": [line]})
    asked = f"/v1/stats/cases?group_by=supplier,reason&from={today}"
    items = platform.call("lead", "GET", asked).json()["items"]
    told = {
        item["reason"]: (item["units_returned"], item["returned_per_unit_sold"])
        for item in items
        if item["supplier"] == supplier
    }
    assert told == {"changed_mind": (1, 0.25), "damaged": (0, 0.0)}
