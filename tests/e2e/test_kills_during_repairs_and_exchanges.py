"""Repair shops, gateways and shelves do everything once, though the worker dies meanwhile."""

from collections import Counter
from pathlib import Path

import requests

from tests.e2e.dying import LOST_ANSWERS, dying_workers
from tests.e2e.live import Live, live
from tests.sandbox_process import eventually

EXCHANGES = 4
REPAIRS = 4


def test_work_is_ordered_once_though_the_worker_dies_at_every_step(tmp_path: Path) -> None:
    """Every work order's first answer is lost, and the worker is killed all the while."""
    covered = {"fault": "no power", "covered": True, "repairable": True}
    with live(tmp_path) as platform:
        orders = platform.many(lambda _: platform.sell((1, 1000)), REPAIRS)
        for n, order_id in enumerate(orders):
            fault = LOST_ANSWERS[n % len(LOST_ANSWERS)]
            platform.fault(fault, order_id, times=2, party="repair_shop", seconds=6)

        def send_in(n: int) -> str:
            case_id = platform.apply(orders[n], kind="repair", reason="warranty_fault")
            platform.approve(case_id)
            platform.report(platform.parcel(case_id), "delivered", copies=2)
            platform.wait_for(case_id, "in_repair")
            platform.say("technician", case_id, "diagnosis", covered)
            eventually(lambda: "work_taken" in happened(platform, case_id), platform.patience)
            platform.say("technician", case_id, "repaired", {})
            platform.report(platform.parcel(case_id, 2), "delivered")
            return case_id

        with dying_workers(platform):
            cases = platform.many(send_in, REPAIRS)
        for case_id in cases:
            assert platform.wait_for(case_id)["outcome"] == "repaired"
        ordered = Counter(row["metadata"]["case_id"] for row in platform.book()["work_orders"])
        assert ordered == dict.fromkeys(cases, 1)
        assert platform.check().returncode == 0


def test_exchanges_bill_hold_and_ship_once_though_the_worker_dies_at_every_step(
    tmp_path: Path,
) -> None:
    """The first answers of gateway and carrier are lost, and the worker is killed all the while."""
    accepted = {"line": 1, "received": 2, "accepted": 2, "disposition": "scrap"}
    wanted = {"line": 1, "sku": "NEW1", "quantity": 2, "price": 1300}
    with live(tmp_path) as platform:
        counted = {"storefront": "demo", "on_hand": 2 * EXCHANGES}
        assert platform.call("warehouse", "PUT", "/v1/stock/NEW1", counted).ok
        orders = platform.many(lambda _: platform.sell((2, 1000)), EXCHANGES)
        for n, order_id in enumerate(orders):
            fault = LOST_ANSWERS[n % len(LOST_ANSWERS)]
            platform.fault(fault, order_id, times=2, seconds=6)
            platform.fault(fault, order_id, times=2, party="carrier", seconds=6)

        def send_in(n: int) -> str:
            case_id = platform.apply(orders[n], 2, kind="exchange", replacement=[wanted])
            platform.approve(case_id)
            platform.report(platform.parcel(case_id), "delivered", copies=2)
            platform.wait_for(case_id, "awaiting_inspection")
            platform.say("warehouse", case_id, "inspection", {"lines": [accepted]})
            page = eventually(lambda: platform.read(case_id)["bill"]["url"], platform.patience)
            requests.post(page, timeout=10).raise_for_status()
            return case_id

        with dying_workers(platform):
            cases = platform.many(send_in, EXCHANGES)
        for case_id in cases:
            platform.report(platform.parcel(case_id, 2), "delivered")
        for case_id in cases:
            assert platform.wait_for(case_id)["outcome"] == "exchanged"
        book = platform.book()
        for rows, each in ((book["shipments"], 2), (book["checkouts"], 1)):
            assert Counter(row["metadata"]["case_id"] for row in rows) == dict.fromkeys(cases, each)
        said = platform.call("warehouse", "GET", "/v1/stock/NEW1?storefront=demo").json()
        assert [(place["on_hand"], place["held"]) for place in said["warehouses"]] == [(0, 0)]
        assert platform.check().returncode == 0


def happened(platform: Live, case_id: str) -> list[str]:
    return [event["what"] for event in platform.events(case_id)]
