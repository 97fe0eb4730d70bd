"""What orders, cases and customers show of the money that moved."""

from tests.api.callers import Callers
from tests.shop import order_body, request_body


def test_an_order_shows_its_units_and_payments_as_cases_take_them(api: Callers) -> None:
    api.sells("o1", (6, 1530, 255))
    first = api.approved((1, 2))
    line = api.storefront.get("/v1/orders/o1").json()["lines"][0]
    assert line["units"] == {"bought": 6, "claimed": 2, "settled": 0, "free": 4}
    api.pays(first)
    order = api.storefront.get("/v1/orders/o1").json()
    assert order["lines"][0]["units"] == {"bought": 6, "claimed": 0, "settled": 2, "free": 4}
    assert order["payments"] == [
        {
            "payment": "ch_1",
            "provider": "stripe",
            "method": "card",
            "captured": 1530,
            "reserved": 0,
            "refunded": 510,
        }
    ]


def test_a_paid_case_shows_its_payout(api: Callers) -> None:
    api.sells()
    case_id = api.approved()
    api.pays(case_id)
    case = api.storefront.get(f"/v1/cases/{case_id}").json()
    payout = case["payouts"][0]
    assert list(payout) == [
        "payout_id",
        "to",
        "payment",
        "amount",
        "currency",
        "state",
        "reference",
        "settled_at",
    ]
    assert (payout["to"], payout["payment"], payout["amount"]) == ("original", "ch_1", 510)
    assert (payout["state"], payout["reference"]) == ("paid", "re_1")
    assert payout["settled_at"].endswith("Z")
    assert (case["outcome"], case["amount"]["paid"]) == ("refunded", 510)
    assert (case["due_at"], case["waiting_for"], case["overdue"]) == (None, None, False)


def test_an_offline_payout_is_shown_as_going_to_the_original_payment(api: Callers) -> None:
    body = order_body(
        (1, 100), payments=[{"payment": "cash-1", "provider": "offline", "captured": 100}]
    )
    api.storefront.put("/v1/orders/o1", body)
    case_id = api.approved((1, 1))
    api.pays(case_id)
    case = api.storefront.get(f"/v1/cases/{case_id}").json()
    assert case["stage"] == "needs_attention"
    assert case["payouts"][0]["to"] == "original"


def test_store_credit_is_summed_by_currency_newest_first(api: Callers) -> None:
    to_credit = {"kind": "store_credit"}
    api.sells()
    api.sells("o2", (1, 700), currency="JPY")
    first = api.approved((1, 1), payout_to=to_credit)
    second = api.approved((1, 1), payout_to=to_credit, order_id="o2")
    third = api.approved((1, 1), payout_to=to_credit)
    for case_id in (first, second, third):
        api.pays(case_id)
    credit = api.storefront.get("/v1/customers/17850/credit").json()
    assert credit["customer_id"] == "17850"
    assert credit["balances"] == [
        {"currency": "GBP", "amount": 510},
        {"currency": "JPY", "amount": 700},
    ]
    assert [entry["case_id"] for entry in credit["entries"]] == [third, second, first]
    assert list(credit["entries"][0]) == ["case_id", "amount", "currency", "at"]


def test_a_customer_without_credit_has_an_empty_account(api: Callers) -> None:
    assert api.storefront.get("/v1/customers/nobody/credit").json() == {
        "customer_id": "nobody",
        "balances": [],
        "entries": [],
    }


def test_a_preview_is_what_the_case_becomes_and_writes_nothing(api: Callers) -> None:
    api.sells("o1", (6, 1530, 255))
    answer = api.storefront.post("/v1/previews", request_body((1, 2)))
    assert answer.status_code == 200
    order = api.storefront.get("/v1/orders/o1").json()
    assert order["lines"][0]["units"]["free"] == 6
    case = api.applies((1, 2))
    assert answer.json() == {"amount": case["amount"], "lines": case["lines"]}
