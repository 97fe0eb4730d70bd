"""Carriers and shelves do everything once, though the worker dies while it asks them."""

from collections import Counter
from pathlib import Path

from tests.e2e.dying import LOST_ANSWERS, dying_workers
from tests.e2e.live import Live, live, paid_once
from tests.sandbox_process import eventually

RETURNS = 8


def test_what_carriers_are_asked_for_is_done_once_though_the_worker_dies_at_every_step(
    tmp_path: Path,
) -> None:
    """Every booking's first answer is lost, and the worker is killed all the while."""
    with live(tmp_path) as platform:
        orders = platform.many(lambda _: platform.sell((2, 1000)), RETURNS)
        for n, order_id in enumerate(orders):
            fault = LOST_ANSWERS[n % len(LOST_ANSWERS)]
            platform.fault(fault, order_id, times=2, party="carrier", seconds=6)

        def send_in(n: int) -> str:
            case_id = platform.apply(orders[n], 2, kind="return")
            platform.approve(case_id)
            platform.report(platform.parcel(case_id), "delivered", copies=2)
            platform.wait_for(case_id, "awaiting_inspection")
            worn = {"line": 1, "received": 2, "accepted": 1, "reason": "worn"}
            found = {"lines": [{**worn, "disposition": "restock"}]}
            platform.say("warehouse", case_id, "inspection", found)
            platform.say("lead", case_id, "offer", {"amount": 0})
            platform.report(platform.parcel(case_id, 2), "delivered")
            return case_id

        with dying_workers(platform):
            cases = platform.many(send_in, RETURNS)
        for case_id in cases:
            assert platform.wait_for(case_id)["amount"]["paid"] == 500
        paid_once(platform, orders, 500)
        carried = Counter(row["metadata"]["case_id"] for row in platform.book()["shipments"])
        assert carried == dict.fromkeys(cases, 2)
        eventually(lambda: on_shelf(platform) == RETURNS)
        assert platform.check().returncode == 0


def on_shelf(platform: Live) -> int:
    said = platform.call("warehouse", "GET", "/v1/stock/SKU1?storefront=demo").json()
    return sum(place["on_hand"] for place in said["warehouses"])
