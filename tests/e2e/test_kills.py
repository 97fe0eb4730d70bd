"""kill -9 of every part during a hundred cases: nothing lost, nothing paid twice, no help."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from tests.e2e.live import FINISH_SECONDS, Live, live, paid_once
from tests.sandbox_process import eventually

CASES = 100
EXCHANGES = 8
REPAIRS = 8
RETURNS = 16
KILL_EVERY_SECONDS = 4.0
"""Longer than a worker takes to start, so that it gets to work in between."""
VICTIMS = ("worker", "temporal", "postgres", "api", "worker", "sandbox", "postgres")


def test_a_hundred_cases_survive_the_death_of_every_part(tmp_path: Path) -> None:
    with live(tmp_path) as platform:
        orders = platform.many(lambda _: platform.sell((2, 1000)), CASES)
        done = threading.Event()

        def killer() -> None:
            for victim in VICTIMS:
                if done.wait(1.5):
                    return
                platform.kill(victim)

        killing = threading.Thread(target=killer)
        killing.start()

        def refund(n: int) -> str:
            case_id = platform.apply(orders[n])
            platform.approve(case_id)
            return case_id

        cases = platform.many(refund, CASES)
        killing.join()
        done.set()

        def all_completed() -> bool:
            page = platform.call("lead", "GET", "/v1/cases?stage=completed&limit=200").json()
            return {case["case_id"] for case in page["items"]} >= set(cases)

        assert eventually(all_completed, FINISH_SECONDS)
        paid_once(platform, orders, 500)
        assert platform.check().returncode == 0


@contextmanager
def dying_workers(platform: Live) -> Iterator[None]:
    """The worker is killed again and again until the block ends."""
    done = threading.Event()

    def killer() -> None:
        while not done.wait(KILL_EVERY_SECONDS):
            with suppress(ProcessLookupError):  # still dead of the last time
                platform.kill("worker")

    killing = threading.Thread(target=killer)
    killing.start()
    try:
        yield
    finally:
        done.set()
        killing.join()


LOST_ANSWERS = ("reset_after", "error_after", "hang_after", "garbage")


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
            eventually(lambda: "work_taken" in happened(platform, case_id), FINISH_SECONDS)
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
            page = eventually(lambda: platform.read(case_id)["bill"]["url"], 3 * FINISH_SECONDS)
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


def on_shelf(platform: Live) -> int:
    said = platform.call("warehouse", "GET", "/v1/stock/SKU1?storefront=demo").json()
    return sum(place["on_hand"] for place in said["warehouses"])
