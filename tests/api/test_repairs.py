"""A repair over HTTP: what the technician and the buyer say, and what they are refused."""

from typing import Any

import pytest

from domain.people import Role
from tests.api.callers import Callers, new_key, slug
from tests.shop import order_body, repair_body

COVERED = {"serial": "A1", "fault": "no power", "covered": True, "repairable": True}
NOT_COVERED = {**COVERED, "covered": False, "parts": 2000, "labour": 3000, "tax": 800}


@pytest.fixture
def case_id(api: Callers) -> str:
    """An approved repair of a unit whose serial is A1 and whose warranty is over."""
    ordered, delivered = "2026-05-30T10:00:00Z", "2026-06-01T10:00:00Z"
    body = order_body((1, 1000), ordered_at=ordered, delivered_at=delivered)
    body["lines"][0] |= {"serials": ["A1"], "warranty_until": "2026-07-01"}
    assert api.storefront.put("/v1/orders/o1", body).status_code == 201
    answer = api.storefront.post("/v1/cases", repair_body((1, 1)), key=new_key())
    assert answer.status_code == 201, answer.text
    named: str = answer.json()["case_id"]
    assert api.lead.post(f"/v1/cases/{named}/approve", {}).status_code == 200
    return named


def diagnosed(api: Callers, case_id: str, **fields: Any) -> dict[str, Any]:
    answer = api.named("tina").post(f"/v1/cases/{case_id}/diagnosis", NOT_COVERED | fields)
    assert answer.status_code == 200, answer.text
    case: dict[str, Any] = answer.json()
    return case


def test_a_diagnosis_and_its_quote_are_shown_to_the_buyer(api: Callers, case_id: str) -> None:
    diagnosed(api, case_id, diagnosis_id="d-1", note="fell")
    case = api.storefront.get(f"/v1/cases/{case_id}").json()
    assert (case["stage"], case["waiting_for"]) == ("awaiting_buyer", "buyer")
    diagnosis, quote = case["goods"]["diagnosis"], case["goods"]["quote"]
    assert diagnosis.pop("at") == quote.pop("at")
    assert diagnosis == {
        "diagnosis_id": "d-1",
        "line": 1,
        "serial": "A1",
        "fault": "no power",
        "covered": False,
        "repairable": True,
        "parts": 2000,
        "labour": 3000,
        "tax": 800,
        "note": "fell",
    }
    assert quote == {
        "version": 1,
        "diagnosis_id": "d-1",
        "amount": 5000,
        "tax": 800,
        "answer": None,
        "answered_at": None,
    }


def test_a_repaired_unit_is_shown_with_the_serials_it_came_and_left_by(
    api: Callers, case_id: str
) -> None:
    diagnosed(api, case_id)
    answer = api.storefront.post(f"/v1/cases/{case_id}/quote/accept", {"version": 1})
    assert answer.json()["goods"]["quote"]["answer"] == "accepted"
    path = f"/v1/cases/{case_id}/repaired"
    assert slug(api.named("tina").post(path, {"serial": "B9"})) == "wrong-serial"
    case = api.named("tina").post(path, {"serial": "A1", "note": "new fuse"}).json()
    assert case["goods"]["repair"]["serial_out"] == "A1"
    assert case["stage"] in ("shipping", "awaiting_buyer")


def test_a_declined_quote_is_answered_once(api: Callers, case_id: str) -> None:
    diagnosed(api, case_id)
    path = f"/v1/cases/{case_id}/quote"
    assert slug(api.storefront.post(f"{path}/decline", {"version": 2})) == "version-conflict"
    assert api.storefront.post(f"{path}/decline").json()["stage"] == "shipping"
    assert api.storefront.post(f"{path}/decline").status_code == 200
    assert slug(api.storefront.post(f"{path}/accept")) == "already-answered"


def test_the_buyer_chooses_what_there_is_instead_of_a_repair(api: Callers, case_id: str) -> None:
    diagnosed(api, case_id, repairable=False)
    path = f"/v1/cases/{case_id}/choice"
    assert slug(api.storefront.post(path, {"remedy": "a_pony"})) == "invalid"
    assert slug(api.storefront.post(path, {"remedy": "repair"})) == "not-awaited"
    assert api.storefront.post(path, {"remedy": "store_credit"}).json()["stage"] == "paying"
    assert slug(api.storefront.post(path, {"remedy": "refund"})) == "already-answered"


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"covered": True}, "not-covered"),
        ({"serial": "B9"}, "unknown-serial"),
        ({"serial": None}, "unknown-serial"),
        ({"line": 2}, "unknown-line"),
        ({"parts": 0, "labour": 0, "tax": 0}, "invalid"),
        ({"tax": 5001}, "invalid"),
        ({"parts": 20.0}, "invalid"),
        ({"fault": ""}, "invalid"),
        ({"covered": "yes"}, "invalid"),
        ({"note": "pay to 4242 4242 4242 4242"}, "card-number-refused"),
    ],
)
def test_a_diagnosis_that_cannot_be_is_refused_by_name(
    api: Callers, case_id: str, fields: dict[str, Any], refused: str
) -> None:
    path = f"/v1/cases/{case_id}/diagnosis"
    answer = api.named("tina").post(path, NOT_COVERED | fields)
    assert (answer.status_code, slug(answer)) == (422, refused)
    assert api.lead.get(f"/v1/cases/{case_id}").json()["goods"]["diagnosis"] is None


def test_what_nobody_waits_for_is_refused(api: Callers, case_id: str) -> None:
    for caller, path, body in (
        (api.storefront, "quote/accept", {}),
        (api.storefront, "choice", {"remedy": "refund"}),
        (api.named("tina"), "repaired", {"serial": "A1"}),
    ):
        answer = caller.post(f"/v1/cases/{case_id}/{path}", body)
        assert (answer.status_code, slug(answer)) == (409, "not-awaited")


def test_another_storefront_learns_nothing_of_a_repair(api: Callers, case_id: str) -> None:
    api.shop.hire("rival", Role.STOREFRONT, storefront="rival")
    diagnosed(api, case_id)
    for path, body in (("quote/accept", {}), ("choice", {"remedy": "refund"})):
        answer = api.named("rival").post(f"/v1/cases/{case_id}/{path}", body)
        assert (answer.status_code, slug(answer)) == (404, "case-not-found")


@pytest.mark.parametrize(
    ("kind", "fallback", "status"),
    [
        ("repair", ["swap", "refund"], 201),
        ("repair", ["wait"], 422),
        ("return", ["swap"], 422),
    ],
)
def test_a_buyer_says_beforehand_what_a_repair_may_come_to(
    api: Callers, kind: str, fallback: list[str], status: int
) -> None:
    api.sells("o2")
    body = repair_body((1, 1), order_id="o2", kind=kind, reason="defective", fallback=fallback)
    assert api.storefront.post("/v1/cases", body, key=new_key()).status_code == status
