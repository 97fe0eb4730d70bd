"""Carriers, shelves, repair shops and gateways do everything once, though the worker dies while it
asks them.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import requests

from tests.e2e.dying import LOST_ANSWERS, dying_workers
from tests.e2e.live import Live, live, paid_once
from tests.sandbox_process import eventually

EACH = 4
"""Cases of a kind: one for each way in which an answer gets lost."""


def test_what_is_asked_of_others_is_done_once_though_the_worker_dies_at_every_step(
    tmp_path: Path,
) -> None:
    """The first answers to every case are lost, and the worker is killed all the while."""
    with live(tmp_path) as platform:
        counted = {"storefront": "demo", "on_hand": 2 * EACH}
        assert platform.call("warehouse", "PUT", "/v1/stock/NEW1", counted).ok
        ways = (send_in, have_repaired, exchange)
        sold = [platform.many(lambda _: platform.sell((2, 1000)), EACH) for _ in ways]
        for orders, parties in zip(sold, PARTIES, strict=True):
            for fault, order_id in zip(LOST_ANSWERS, orders, strict=True):
                for party in parties:
                    platform.fault(fault, order_id, times=2, party=party, seconds=6)
        doing: list[Callable[[], str]] = [
            partial(way, platform, order_id)
            for way, orders in zip(ways, sold, strict=True)
            for order_id in orders
        ]
        with dying_workers(platform):
            cases = platform.many(lambda n: doing[n](), len(doing), threads=len(doing))
        returned, repaired, exchanged = (cases[n * EACH : (n + 1) * EACH] for n in range(3))
        for case_id in exchanged:
            platform.report(platform.parcel(case_id, 2), "delivered")
        for case_id in returned:
            assert platform.wait_for(case_id)["amount"]["paid"] == 500
        for case_id in repaired:
            assert platform.wait_for(case_id)["outcome"] == "repaired"
        for case_id in exchanged:
            assert platform.wait_for(case_id)["outcome"] == "exchanged"
        paid_once(platform, sold[0], 500)
        book = platform.book()
        assert of_case(book["shipments"]) == dict.fromkeys(cases, 2)
        assert of_case(book["work_orders"]) == dict.fromkeys(repaired, 1)
        assert of_case(book["checkouts"]) == dict.fromkeys(exchanged, 1)
        eventually(lambda: shelves(platform, "SKU1") == (EACH, 0))
        assert shelves(platform, "NEW1") == (0, 0)
        assert platform.check().returncode == 0


PARTIES = (("carrier",), ("repair_shop",), ("carrier", "payments"))
"""Whose answers get lost: to returns, to repairs, to exchanges."""


def send_in(platform: Live, order_id: str) -> str:
    """Two units come back; one is accepted and paid for, the other is sent back."""
    case_id = platform.apply(order_id, 2, kind="return")
    platform.approve(case_id)
    worn = {"line": 1, "received": 2, "accepted": 1, "reason": "worn", "disposition": "restock"}
    inspect(platform, case_id, worn)
    platform.say("lead", case_id, "offer", {"amount": 0})
    platform.report(platform.parcel(case_id, 2), "delivered")
    return case_id


def have_repaired(platform: Live, order_id: str) -> str:
    case_id = platform.apply(order_id, kind="repair", reason="warranty_fault")
    platform.approve(case_id)
    platform.report(platform.parcel(case_id), "delivered", copies=2)
    platform.wait_for(case_id, "in_repair")
    covered = {"fault": "no power", "covered": True, "repairable": True}
    platform.say("technician", case_id, "diagnosis", covered)
    eventually(lambda: "work_taken" in happened(platform, case_id), platform.patience)
    platform.say("technician", case_id, "repaired", {})
    platform.report(platform.parcel(case_id, 2), "delivered")
    return case_id


def exchange(platform: Live, order_id: str) -> str:
    """Two units for two dearer ones: the buyer pays the difference."""
    wanted = {"line": 1, "sku": "NEW1", "quantity": 2, "price": 1300}
    case_id = platform.apply(order_id, 2, kind="exchange", replacement=[wanted])
    platform.approve(case_id)
    inspect(platform, case_id, {"line": 1, "received": 2, "accepted": 2, "disposition": "scrap"})
    page = eventually(lambda: platform.read(case_id)["bill"]["url"], platform.patience)
    requests.post(page, timeout=10).raise_for_status()
    return case_id


def inspect(platform: Live, case_id: str, line: dict[str, object]) -> None:
    platform.report(platform.parcel(case_id), "delivered", copies=2)
    platform.wait_for(case_id, "awaiting_inspection")
    platform.say("warehouse", case_id, "inspection", {"lines": [line]})


def happened(platform: Live, case_id: str) -> list[str]:
    return [event["what"] for event in platform.events(case_id)]


def of_case(rows: list[dict[str, dict[str, str]]]) -> Counter[str]:
    """How many rows of the sandbox's book are of each case."""
    return Counter(row["metadata"].get("case_id") for row in rows)


def shelves(platform: Live, sku: str) -> tuple[int, int]:
    """What is on hand and what is held, over all warehouses."""
    said = platform.call("warehouse", "GET", f"/v1/stock/{sku}?storefront=demo").json()
    places = said.get("warehouses", [])
    return sum(each["on_hand"] for each in places), sum(each["held"] for each in places)
