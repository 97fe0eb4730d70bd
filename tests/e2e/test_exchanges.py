"""Exchanges over HTTP on real servers: every webhook comes twice and in the wrong order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from tests.e2e.live import Live, paid_once
from tests.sandbox_process import eventually

RESTOCK = {"line": 1, "received": 2, "accepted": 2, "grade": "A", "disposition": "restock"}


def at(minutes: int) -> str:
    moment = datetime.now(UTC) - timedelta(hours=1) + timedelta(minutes=minutes)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def count(platform: Live, sku: str, n: int) -> None:
    body = {"storefront": "demo", "on_hand": n}
    assert platform.call("warehouse", "PUT", f"/v1/stock/{sku}", body).ok


def on_shelf(platform: Live, sku: str) -> tuple[int, int]:
    """(on hand, held) at every warehouse."""
    said = platform.call("warehouse", "GET", f"/v1/stock/{sku}?storefront=demo").json()
    places = said["warehouses"]
    return sum(each["on_hand"] for each in places), sum(each["held"] for each in places)


def approved(platform: Live, order_id: str, sku: str, price: int, **fields: Any) -> str:
    wanted = [{"line": 1, "sku": sku, "quantity": 2, "price": price}]
    case_id = platform.apply(order_id, 2, kind="exchange", replacement=wanted, **fields)
    platform.approve(case_id)
    return case_id


def come_in(platform: Live, case_id: str) -> None:
    """The goods arrive, which their carrier says twice and last things first."""
    number = platform.parcel(case_id)
    platform.report(number, "delivered", copies=2, occurred_at=at(30))
    platform.report(number, "in_transit", copies=2, occurred_at=at(20))
    platform.report(number, "picked_up", copies=2, occurred_at=at(10))
    platform.wait_for(case_id, "awaiting_inspection")
    platform.say("warehouse", case_id, "inspection", {"lines": [RESTOCK]})


def page(platform: Live, case_id: str) -> str:
    """Where the buyer can pay, once it is known."""

    def known() -> str | None:
        bill = platform.read(case_id)["bill"]
        return str(bill["url"]) if bill and bill["url"] else None

    return str(eventually(known, 40))


def test_a_dearer_replacement_is_paid_for_and_sent(platform: Live) -> None:
    count(platform, "DEAR", 2)
    order_id = platform.sell((2, 1000))
    case_id = approved(platform, order_id, "DEAR", 1300)
    come_in(platform, case_id)
    case = platform.wait_for(case_id, "awaiting_buyer")
    assert (case["bill"]["amount"], case["bill"]["state"]) == (300, "open")
    assert on_shelf(platform, "DEAR") == (2, 2)
    requests.post(page(platform, case_id), timeout=10).raise_for_status()
    platform.report(platform.parcel(case_id, 2), "delivered", copies=2)
    case = platform.wait_for(case_id)
    assert (case["outcome"], case["amount"]["paid"]) == ("exchanged", 0)
    assert (case["bill"]["state"], case["bill"]["url"]) == ("paid", None)
    assert on_shelf(platform, "DEAR") == (0, 0)
    bills = [c for c in platform.book()["checkouts"] if c["metadata"].get("case_id") == case_id]
    assert [(bill["amount"], bill["status"]) for bill in bills] == [(300, "complete")]
    assert platform.refunds(order_id) == []


def test_a_cheaper_replacement_pays_the_rest_back_and_is_sent(platform: Live) -> None:
    count(platform, "CHEAP", 3)
    order_id = platform.sell((2, 1000))
    case_id = approved(platform, order_id, "CHEAP", 700)
    come_in(platform, case_id)
    platform.wait_for(case_id, "shipping")
    platform.report(platform.parcel(case_id, 2), "delivered", copies=2)
    case = platform.wait_for(case_id)
    assert (case["outcome"], case["amount"]["paid"]) == ("exchanged", 300)
    paid_once(platform, [order_id], 300)
    assert on_shelf(platform, "CHEAP") == (1, 0)


def test_what_is_out_of_stock_is_waited_for(platform: Live) -> None:
    order_id = platform.sell((2, 1000))
    case_id = approved(platform, order_id, "RARE", 1000)
    platform.wait_for(case_id, "awaiting_stock")
    eventually(lambda: "out_of_stock" in [event["what"] for event in platform.events(case_id)], 40)
    count(platform, "RARE", 2)
    platform.wait_for(case_id, "awaiting_parcel")
    assert on_shelf(platform, "RARE") == (2, 2)
    assert platform.say("shop", case_id, "cancel")["outcome"] == "cancelled"
    assert eventually(lambda: on_shelf(platform, "RARE") == (2, 0), 40)


def test_a_bill_whose_answer_was_lost_asks_the_buyer_once(platform: Live) -> None:
    count(platform, "LOST", 2)
    order_id = platform.sell((2, 1000))
    case_id = approved(platform, order_id, "LOST", 1300)
    platform.fault("reset_after", order_id)
    come_in(platform, case_id)
    page(platform, case_id)
    opened = [c for c in platform.book()["checkouts"] if c["metadata"].get("case_id") == case_id]
    assert len(opened) == 1
