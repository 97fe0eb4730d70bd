"""Do shops see their own figures, staff everybody's, and spreadsheets nothing to run?"""

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest

from api.sheets import sheet
from domain.feedback_messages import Satisfaction
from domain.people import Role
from store.submissions import feedback, ratings
from tests.api.callers import Caller, Callers, slug
from tests.shop import Shop

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)


def rate(shop: Shop, *stars: int, sku: str = "SKU1", day: date = TODAY, **fields: Any) -> None:
    """Reviews with these stars are published."""
    for each in stars:
        shop.database.run(
            lambda s, each=each: ratings.count(
                s,
                storefront=fields.get("storefront", "demo"),
                sku=sku,
                day=day,
                was=None,
                now_is=each,
                had_case=fields.get("had_case", False),
            )
        )


@pytest.fixture
def other(api: Callers, shop: Shop) -> Caller:
    shop.hire("other", Role.STOREFRONT, storefront="other")
    return api.named("other")


def test_a_rating_is_shown_with_how_sure_it_is(api: Callers, shop: Shop) -> None:
    rate(shop, 5, 5, 4)
    rate(shop, 1, had_case=True, day=YESTERDAY)
    shown = api.storefront.get("/v1/products/SKU1/rating").json()
    assert shown == {
        "sku": "SKU1",
        "count": 4,
        "mean": 3.75,
        "variance": {"population": 2.6875, "sample": 3.583333},
        "standard_deviation": {"population": 1.639360, "sample": 1.892969},
        "histogram": {"1": 1, "2": 0, "3": 0, "4": 1, "5": 2},
        "with_case": 1,
        "share_with_case": 0.25,
        "wilson_lower_bound": 0.300636,
        "bayesian_mean": 3.333333,  # (5 x 3 + 15) / (5 + 4)
    }
    assert api.auditor.get("/v1/products/SKU1/rating", storefront="demo").json() == shown


def test_what_nobody_has_reviewed_has_the_policys_prior_and_nothing_else(api: Callers) -> None:
    shown = api.storefront.get("/v1/products/NEW/rating").json()
    assert (shown["count"], shown["mean"], shown["variance"]["sample"]) == (0, None, None)
    assert (shown["wilson_lower_bound"], shown["bayesian_mean"]) == (None, 3.0)


def test_anothers_rating_is_as_that_of_a_product_nobody_has_reviewed(
    api: Callers, shop: Shop, other: Caller
) -> None:
    rate(shop, 5)
    nothing = other.get("/v1/products/SKU1/rating").json()
    assert nothing["count"] == 0
    assert other.get("/v1/products/SKU1/rating", storefront="demo").json() == nothing
    assert slug(api.lead.get("/v1/products/SKU1/rating")) == "invalid"


def test_reviews_are_told_by_product_and_day(api: Callers, shop: Shop) -> None:
    rate(shop, 5, 3)
    rate(shop, 1, day=YESTERDAY)
    rate(shop, 4, sku="SKU2")
    answer = api.storefront.get("/v1/stats/reviews", group_by="sku,day").json()
    assert (answer["to"], answer["group_by"]) == (str(TODAY), ["sku", "day"])
    assert [(i["sku"], i["day"], i["count"], i["mean"]) for i in answer["items"]] == [
        ("SKU1", str(YESTERDAY), 1, 1.0),
        ("SKU1", str(TODAY), 2, 4.0),
        ("SKU2", str(TODAY), 1, 4.0),
    ]
    (all_of_them,) = api.storefront.get("/v1/stats/reviews").json()["items"]
    assert (all_of_them["count"], "sku" in all_of_them) == (4, False)


def test_days_are_taken_from_the_first_to_the_last(api: Callers, shop: Shop) -> None:
    for day in (1, 2, 3):
        rate(shop, day, day=date(2026, 3, day))
    query = {"from": "2026-03-02", "to": "2026-03-03", "group_by": "day"}
    answer = api.storefront.get("/v1/stats/reviews", **query).json()
    assert [item["day"] for item in answer["items"]] == ["2026-03-02", "2026-03-03"]
    assert answer["from"] == "2026-03-02"
    by_default = api.storefront.get("/v1/stats/reviews", to="2026-03-31").json()
    assert (by_default["from"], by_default["items"][0]["count"]) == ("2026-03-02", 2)


WRONG = [
    ({"from": "2026-03-02", "to": "2026-03-01"}, "from"),
    ({"from": "2026-13-01"}, "from"),
    ({"to": "tomorrow"}, "to"),
    ({"to": "2026-03-01T00:00:00Z"}, "to"),
    ({"to": "0001-01-01"}, "to"),
    ({"to": "9999-12-31"}, "to"),
    ({"group_by": "customer"}, "group_by"),
    ({"group_by": "sku,"}, "group_by"),
    ({"group_by": ""}, "group_by"),
    ({"format": "xlsx"}, "format"),
    ({"since": "2026-03-01"}, "since"),
]


def test_days_and_groups_that_there_are_not_are_invalid(api: Callers) -> None:
    for query, field in WRONG:
        answer = api.storefront.get("/v1/stats/reviews", **query)
        assert (answer.status_code, slug(answer)) == (422, "invalid")
        assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_storefront_sees_its_own_figures_and_staff_everybodys(
    api: Callers, shop: Shop, other: Caller
) -> None:
    rate(shop, 5)
    rate(shop, 1, storefront="other")
    api.sells()
    api.applies()
    by = {"group_by": "storefront"}

    def seen(caller: Caller, what: str, **query: str) -> list[str]:
        items = caller.get(f"/v1/stats/{what}", **by, **query).json()["items"]
        return [item["storefront"] for item in items]

    assert seen(other, "reviews") == ["other"]
    assert seen(other, "cases") == seen(other, "feedback") == []
    for what in ("reviews", "feedback", "cases"):
        assert seen(other, what, storefront="demo") == []
    assert seen(api.operator, "reviews") == ["demo", "other"]
    assert seen(api.operator, "reviews", storefront="demo") == ["demo"]
    assert seen(api.operator, "cases") == seen(api.storefront, "cases") == ["demo"]


def test_of_auditors_only_staff_learn(api: Callers) -> None:
    api.sells()
    api.approved((1, 1))
    assert slug(api.storefront.get("/v1/stats/auditors")) == "forbidden"
    (item,) = api.auditor.get("/v1/stats/auditors", group_by="auditor").json()["items"]
    assert (item["auditor"], item["decisions"], item["share_approved"]) == ("lea", 1, 1.0)
    assert item["overdue_share"] == 0.0
    assert 0 <= item["hours_to_decision"]["median"] < 0.1


def test_what_cases_cost_is_told_by_currency_and_supplier(api: Callers) -> None:
    api.sells("o1", (10, 2000), ordered_at=f"{TODAY}T00:00:00Z")
    order = api.storefront.get("/v1/orders/o1").json()
    assert order["lines"][0]["supplier"] is None
    api.storefront.put(
        "/v1/orders/o2",
        {
            "currency": "EUR",
            "customer": {"id": "17850"},
            "ordered_at": f"{TODAY}T00:00:00Z",
            "lines": [
                {
                    "line": 1,
                    "sku": "A",
                    "title": "A",
                    "quantity": 4,
                    "paid": 800,
                    "supplier": "acme",
                }
            ],
            "payments": [{"payment": "ch_2", "provider": "stripe", "captured": 800}],
        },
    )
    for order_id in ("o1", "o2"):
        api.pays(api.approved((1, 1), order_id=order_id))
    items = api.storefront.get("/v1/stats/cases", group_by="supplier").json()["items"]
    assert [(i["supplier"], i["paid"], i["cases"]) for i in items] == [
        (None, {"GBP": 200}, 1),
        ("acme", {"EUR": 200}, 1),
    ]
    (whole,) = api.storefront.get("/v1/stats/cases").json()["items"]
    assert (whole["paid"], whole["units_sold"]) == ({"EUR": 200, "GBP": 200}, 14)


def test_how_content_buyers_are_is_told_by_day(api: Callers, shop: Shop) -> None:
    api.sells("o1", (3, 900))
    scores = []
    for score in (5, 4):
        case_id = api.approved((1, 1))
        api.pays(case_id)
        scores.append((UUID(case_id), Satisfaction(customer_id="17850", score=score)))
    with shop.database.begin() as session:
        for case, word in scores:
            feedback.rate(session, case, word, shop.storefront, shop.policy, datetime.now(UTC))
    (item,) = api.storefront.get("/v1/stats/feedback", group_by="category").json()["items"]
    assert (item["category"], item["received"], item["count"]) == ("satisfaction", 2, 2)
    assert (item["mean"], item["variance"]) == (4.5, {"population": 0.25, "sample": 0.5})


def test_a_supplier_is_frozen_with_the_line(api: Callers) -> None:
    api.sells()
    order = api.storefront.get("/v1/orders/o1").json()
    api.applies()
    body = {name: order[name] for name in ("currency", "customer", "ordered_at", "shipping")} | {
        "lines": [{k: v for k, v in line.items() if k != "units"} for line in order["lines"]],
        "payments": [
            {k: v for k, v in each.items() if k not in ("reserved", "refunded")}
            for each in order["payments"]
        ],
    }
    assert api.storefront.put("/v1/orders/o1", body).status_code == 200
    body["lines"][0]["supplier"] = "acme"
    assert slug(api.storefront.put("/v1/orders/o1", body)) == "order-frozen"


def test_figures_come_as_csv_too(api: Callers, shop: Shop) -> None:
    rate(shop, 5, 3)
    rate(shop, 4, sku="-SUM.1")
    answer = api.storefront.get("/v1/stats/reviews", group_by="sku", format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert [row["sku"] for row in rows] == ["'-SUM.1", "SKU1"]
    assert (rows[1]["count"], rows[1]["mean"], rows[1]["variance_sample"]) == ("2", "4.0", "2.0")
    assert (rows[0]["variance_sample"], rows[0]["histogram_4"]) == ("", "1")
    assert list(rows[0])[:3] == ["sku", "count", "mean"]


def test_a_sheet_has_the_columns_of_all_its_rows() -> None:
    text = sheet([{"a": 1, "paid": {"EUR": 2}}, {"a": None, "paid": {"GBP": 3}}])
    assert text == "a,paid_EUR,paid_GBP\r\n1,2,\r\n,,3\r\n"
    assert sheet([]) == ""


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_as_a_formula_does(beginning: str) -> None:
    cell = f'{beginning}HYPERLINK("x","y")'
    assert list(csv.reader(StringIO(sheet([{"name": cell}]), newline="")))[1] == ["'" + cell]
