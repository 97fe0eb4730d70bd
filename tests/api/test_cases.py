"""Opening, reading and deciding a case over HTTP."""

from tests.api.callers import Callers, new_key
from tests.shop import order_body, request_body


def test_an_order_is_created_once_and_then_brought_up_to_date(api: Callers) -> None:
    body = order_body((6, 1530, 255))
    assert api.storefront.put("/v1/orders/o1", body).status_code == 201
    again = api.storefront.put("/v1/orders/o1", body | {"delivered_at": "2026-11-03T10:00:00Z"})
    assert again.status_code == 200
    assert again.json()["delivered_at"] == "2026-11-03T10:00:00Z"


def test_a_case_is_opened_and_shown_as_the_contract_has_it(api: Callers) -> None:
    api.sells("o1", (6, 1530, 255))
    opened = api.storefront.post(
        "/v1/cases", request_body((1, 2), note="two arrived cracked"), key=new_key()
    )
    assert opened.status_code == 201
    case = opened.json()
    assert opened.headers["location"] == f"/v1/cases/{case['case_id']}"
    assert api.storefront.get(opened.headers["location"]).json() == case
    minted = {name: case.pop(name) for name in ("case_id", "opened_at", "due_at", "policy")}
    assert minted["opened_at"].endswith("Z")
    name = f"refund/{minted['case_id']}"
    assert list(case.items()) == list(
        {
            "storefront": "demo",
            "kind": "refund",
            "order_id": "o1",
            "customer_id": "17850",
            "stage": "awaiting_audit",
            "waiting_for": "auditor",
            "overdue": False,
            "reason": "damaged",
            "note": "two arrived cracked",
            "currency": "GBP",
            "lines": [{"line": 1, "quantity": 2, "units": [[1, 2]], "amount": 510, "tax": 85}],
            "amount": {
                "items": 510,
                "shipping": 0,
                "deductions": 0,
                "total": 510,
                "tax": 85,
                "approved": None,
                "paid": 0,
                "steps": ["line 1: units 1-2 of 6, paid 1530 -> 510"],
            },
            "payouts": [],
            "decisions": [],
            "version": 1,
            "closed_at": None,
            "outcome": None,
            "workflow_id": name,
            "workflow_url": "http://127.0.0.1:8233/namespaces/default/workflows/"
            f"refund%2F{minted['case_id']}",
        }.items()
    )


def test_an_approval_answers_with_the_case_on_its_way_to_be_paid(api: Callers) -> None:
    api.sells()
    case = api.applies()
    answer = api.auditor.post(f"/v1/cases/{case['case_id']}/approve", {"decision_id": "d1"})
    assert answer.status_code == 200
    approved = answer.json()
    assert (approved["stage"], approved["waiting_for"]) == ("paying", "gateway")
    assert approved["amount"]["approved"] == 510
    assert approved["decisions"][0] | {"at": ""} == {
        "decision_id": "d1",
        "verdict": "approve",
        "by": "person",
        "actor": "alice",
        "amount": None,
        "reason": None,
        "note": "",
        "at": "",
    }
