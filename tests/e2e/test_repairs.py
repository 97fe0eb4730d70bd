"""Repairs over HTTP on real servers: the carrier reports twice and in the wrong order."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from tests.e2e.live import Live, paid_once
from tests.sandbox_process import eventually
from tests.shop import order_body

_numbers = itertools.count(1)

COVERED = {"serial": "A1", "fault": "no power", "covered": True, "repairable": True}
NOT_COVERED = {**COVERED, "covered": False, "parts": 2000, "labour": 3000, "tax": 800}


def at(minutes: int) -> str:
    moment = datetime.now(UTC) - timedelta(hours=1) + timedelta(minutes=minutes)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def arrives(platform: Live, case_id: str, n: int) -> None:
    """The n-th parcel arrives, which its carrier says twice and before all else."""
    number = platform.parcel(case_id, n)
    platform.report(number, "delivered", copies=2, occurred_at=at(30))
    platform.report(number, "in_transit", copies=2, occurred_at=at(20))
    platform.report(number, "picked_up", copies=2, occurred_at=at(10))


def brought(platform: Live, **request: Any) -> tuple[str, str]:
    """A unit with the serial A1 that came in for repair: its order and its case."""
    order_id = f"repair-{next(_numbers)}"
    charge = {"payment": platform.charge(order_id, 1000), "provider": "stripe", "captured": 1000}
    body = order_body((1, 1000), payments=[charge])
    body["lines"][0]["serials"] = ["A1"]
    assert platform.call("shop", "PUT", f"/v1/orders/{order_id}", body).status_code == 201
    case_id = platform.apply(order_id, kind="repair", reason="warranty_fault", **request)
    assert platform.approve(case_id)["stage"] == "awaiting_parcel"
    arrives(platform, case_id, 1)
    platform.wait_for(case_id, "in_repair")
    return order_id, case_id


def of_case(platform: Live, case_id: str, what: str) -> list[dict[str, Any]]:
    """The rows of the sandbox's book about a case."""
    return [row for row in platform.book()[what] if row["metadata"].get("case_id") == case_id]


def test_a_unit_is_quoted_repaired_paid_for_and_brought_back(platform: Live) -> None:
    _, case_id = brought(platform)
    quote = platform.say("technician", case_id, "diagnosis", NOT_COVERED)["goods"]["quote"]
    assert (quote["version"], quote["amount"]) == (1, 5000)
    assert platform.say("shop", case_id, "quote/accept", {"version": 1})["stage"] == "in_repair"
    assert eventually(lambda: len(of_case(platform, case_id, "work_orders")) == 1)
    platform.say("technician", case_id, "repaired", {"serial": "A1"})
    session = eventually(lambda: of_case(platform, case_id, "checkouts"))[0]
    page = f"{platform.found.sandbox}/_sandbox/checkout/{session['id']}/pay"
    paid = requests.post(page, timeout=10)
    assert paid.ok, paid.text
    platform.wait_for(case_id, "shipping")
    arrives(platform, case_id, 2)
    case = platform.wait_for(case_id)
    assert (case["outcome"], case["amount"]["paid"]) == ("repaired", 0)
    assert case["goods"]["repair"]["serial_out"] == "A1"
    assert [event["what"] for event in platform.events(case_id)].count("parcel_delivered") == 1


def test_a_unit_that_cannot_be_repaired_is_refunded_as_its_buyer_chooses(platform: Live) -> None:
    order_id, case_id = brought(platform)
    platform.say("technician", case_id, "diagnosis", COVERED | {"repairable": False})
    platform.say("shop", case_id, "choice", {"remedy": "refund"})
    case = platform.wait_for(case_id)
    assert (case["outcome"], case["amount"]["paid"]) == ("refunded", 1000)
    paid_once(platform, [order_id], 1000)


def test_a_shop_whose_answer_was_lost_has_the_work_once(platform: Live) -> None:
    order_id, case_id = brought(platform)
    platform.fault("reset_after", order_id, party="repair_shop")
    platform.say("technician", case_id, "diagnosis", COVERED)

    def taken() -> bool:
        return "work_taken" in [event["what"] for event in platform.events(case_id)]

    assert eventually(taken, 40)
    assert len(of_case(platform, case_id, "work_orders")) == 1
