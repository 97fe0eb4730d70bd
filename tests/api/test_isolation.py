"""A storefront sees its own and nobody's name; staff see every storefront."""

from collections.abc import Callable

import pytest

from domain.people import Role
from tests.api.callers import Caller, Callers, slug
from tests.shop import Shop, request_body

NOBODY = "019adf2a-0c00-7000-8000-000000000000"
STAFF = ("alice", "lea", "leo", "otto")


@pytest.fixture
def other(api: Callers, shop: Shop) -> Caller:
    """Another storefront's token."""
    shop.hire("other", Role.STOREFRONT, storefront="other")
    return api.named("other")


@pytest.mark.parametrize(
    "ask",
    [
        lambda caller, case: caller.get(f"/v1/cases/{case}"),
        lambda caller, case: caller.get(f"/v1/cases/{case}/events"),
        lambda caller, case: caller.get(f"/v1/cases/{case}/label"),
        lambda caller, case: caller.post(f"/v1/cases/{case}/cancel", {}),
    ],
)
def test_anothers_case_is_as_one_that_does_not_exist(
    api: Callers, other: Caller, ask: Callable[[Caller, str], object]
) -> None:
    api.sells()
    theirs, nobodys = ask(other, api.applies()["case_id"]), ask(other, NOBODY)
    assert theirs.status_code == 404  # type: ignore[attr-defined]
    assert theirs.json() == nobodys.json()  # type: ignore[attr-defined]


def test_anothers_order_is_as_one_that_does_not_exist(api: Callers, other: Caller) -> None:
    api.sells()
    for query in ({}, {"storefront": "demo"}, {"storefront": "other"}):
        assert slug(other.get("/v1/orders/o1", **query)) == "order-not-found"
    assert slug(other.post("/v1/previews", request_body((1, 1)))) == "order-not-found"


def test_a_storefront_lists_its_own_whatever_it_asks_for(api: Callers, other: Caller) -> None:
    api.sells()
    case = api.applies()
    asked: tuple[dict[str, str], ...] = (
        {},
        {"storefront": "demo"},
        {"q": case["case_id"]},
        {"order_id": "o1"},
        {"q": "1"},
    )
    for query in asked:
        assert other.get("/v1/cases", **query).json() == {"items": [], "next": None}
    assert api.storefront.get("/v1/cases").json()["items"] == [case]


def test_staff_read_every_storefronts_cases(api: Callers, other: Caller) -> None:
    api.sells()
    case = api.applies()
    (listed,) = api.operator.get("/v1/cases").json()["items"]
    assert case.items() <= listed.items()
    assert api.operator.get("/v1/cases", storefront="other").json()["items"] == []


def test_staff_name_the_storefront_of_orders_and_customers(api: Callers) -> None:
    api.sells()
    for path in ("/v1/orders/o1", "/v1/customers/17850/credit"):
        assert slug(api.lead.get(path)) == "invalid"
        assert api.lead.get(path, storefront="demo").status_code == 200


def test_two_storefronts_may_have_an_order_of_the_same_name(api: Callers, other: Caller) -> None:
    api.sells("o1", (6, 1530))
    assert slug(other.get("/v1/orders/o1")) == "order-not-found"
    order = api.storefront.get("/v1/orders/o1").json()
    body = {name: order[name] for name in ("currency", "customer", "ordered_at", "shipping")} | {
        "lines": [{"line": 1, "sku": "A", "title": "Else", "quantity": 1, "paid": 5}],
        "payments": [{"payment": "ch_2", "provider": "stripe", "captured": 5}],
    }
    assert other.put("/v1/orders/o1", body).status_code == 201
    assert api.storefront.get("/v1/orders/o1").json() == order


def test_a_storefront_learns_the_kind_of_staff_and_never_a_name(api: Callers) -> None:
    api.sells("o1", (1, 30_000))
    case_id = api.applies((1, 1))["case_id"]
    api.auditor.post(f"/v1/cases/{case_id}/approve", {})
    api.declined(case_id)
    order = {"action": "retry", "note": ""}
    assert api.operator.post(f"/v1/cases/{case_id}/resume", order).status_code == 200
    refused = api.storefront.post(f"/v1/cases/{case_id}/cancel", {})
    case = api.storefront.get(f"/v1/cases/{case_id}")
    events = api.storefront.get(f"/v1/cases/{case_id}/events")
    listed = api.storefront.get("/v1/cases")
    for answer in (refused, case, events, listed):
        assert not [name for name in STAFF if f'"{name}"' in answer.text]
    assert case.json()["decisions"][0]["actor"] == "auditor"
    kinds = [(e["actor"], e["actor_kind"]) for e in events.json()["items"]]
    assert kinds[0] == ("shop", "storefront")
    assert ("auditor", "auditor") in kinds
    assert ("operator", "operator") in kinds
    seen = api.lead.get(f"/v1/cases/{case_id}/events").json()["items"]
    assert {"alice", "otto"} <= {event["actor"] for event in seen}
