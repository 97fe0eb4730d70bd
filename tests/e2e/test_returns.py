"""Returns over HTTP on real servers: the carrier reports twice and in the wrong order."""

from datetime import UTC, datetime, timedelta

from tests.e2e.live import Live, paid_once
from tests.sandbox_process import eventually

RESTOCK = {"line": 1, "received": 2, "accepted": 2, "grade": "A", "disposition": "restock"}


def at(minutes: int) -> str:
    moment = datetime.now(UTC) - timedelta(hours=1) + timedelta(minutes=minutes)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def on_shelf(platform: Live, sku: str) -> int:
    said = platform.call("warehouse", "GET", f"/v1/stock/{sku}?storefront=demo").json()
    return sum(place["on_hand"] for place in said["warehouses"])


def approved(platform: Live, order_id: str) -> str:
    case_id = platform.apply(order_id, 2, kind="return", reason="changed_mind")
    assert platform.approve(case_id)["stage"] == "awaiting_parcel"
    return case_id


def test_a_return_from_pickup_to_money_with_reports_twice_and_in_the_wrong_order(
    platform: Live,
) -> None:
    counted = {"storefront": "demo", "on_hand": 5}
    assert platform.call("warehouse", "PUT", "/v1/stock/SKU1", counted).ok
    order_id = platform.sell((2, 1000))
    case_id = approved(platform, order_id)
    number = platform.parcel(case_id)
    platform.report(number, "delivered", copies=2, occurred_at=at(30))
    platform.report(number, "in_transit", copies=2, occurred_at=at(20))
    platform.report(number, "picked_up", copies=2, occurred_at=at(10))
    platform.wait_for(case_id, "awaiting_inspection")
    before = on_shelf(platform, "SKU1")
    assert platform.say("warehouse", case_id, "inspection", {"lines": [RESTOCK]})["stage"] == (
        "paying"
    )
    case = platform.wait_for(case_id)
    assert (case["outcome"], case["amount"]["paid"]) == ("returned_and_refunded", 1000)
    assert case["goods"]["parcels"][0]["status"] == "delivered"
    assert [event["what"] for event in platform.events(case_id)].count("parcel_delivered") == 1
    paid_once(platform, [order_id], 1000)
    assert eventually(lambda: on_shelf(platform, "SKU1") == before + 2)


def test_what_was_not_accepted_is_offered_for_declined_and_sent_back(platform: Live) -> None:
    order_id = platform.sell((2, 1000))
    case_id = approved(platform, order_id)
    platform.report(platform.parcel(case_id), "delivered")
    platform.wait_for(case_id, "awaiting_inspection")
    worn = {**RESTOCK, "accepted": 1, "reason": "worn"}
    platform.say("warehouse", case_id, "inspection", {"lines": [worn]})
    assert platform.say("lead", case_id, "offer", {"amount": 200})["waiting_for"] == "buyer"
    platform.say("shop", case_id, "offer/decline")
    platform.wait_for(case_id, "shipping")
    platform.report(platform.parcel(case_id, 2), "delivered", copies=2)
    case = platform.wait_for(case_id)
    assert (case["outcome"], case["amount"]["paid"]) == ("returned_and_refunded", 500)
    paid_once(platform, [order_id], 500)


def test_a_pickup_whose_answer_was_lost_is_booked_once(platform: Live) -> None:
    order_id = platform.sell((2, 1000))
    platform.fault("reset_after", order_id, party="carrier")
    case_id = approved(platform, order_id)
    platform.parcel(case_id)
    booked = [row for row in platform.book()["shipments"] if row["metadata"]["case_id"] == case_id]
    assert len(booked) == 1


def test_a_buyer_who_cancels_has_the_pickup_called_off(platform: Live) -> None:
    order_id = platform.sell((2, 1000))
    case_id = approved(platform, order_id)
    platform.parcel(case_id)
    assert platform.say("shop", case_id, "cancel")["outcome"] == "cancelled"

    def called_off() -> bool:
        rows = platform.book()["shipments"]
        return [r["status"] for r in rows if r["metadata"]["case_id"] == case_id] == ["cancelled"]

    assert eventually(called_off)
