"""The warehouse says what it has; shops see theirs, and staff everybody's."""

from typing import Any

import pytest

from activities.embedded_stock import EmbeddedStock
from api.context import now
from domain.orders import CENTURIES
from domain.people import Role
from gateways.testimony import Verdict
from tests.api.callers import Caller, Callers, slug
from tests.shop import Shop

FOR_DEMO = {"storefront": "demo", "on_hand": 5}


@pytest.fixture
def warehouse(api: Callers, shop: Shop) -> Caller:
    shop.hire("walter", Role.WAREHOUSE)
    return api.named("walter")


def held(shop: Shop, sku: str, quantity: int) -> None:
    stock = EmbeddedStock(shop.database, now)
    said = stock.hold(
        key=f"key-{sku}", storefront="demo", sku=sku, quantity=quantity, until=CENTURIES[1]
    )
    assert said.verdict is Verdict.SUCCEEDED


def test_a_sku_is_created_and_then_counted_anew(api: Callers, warehouse: Caller) -> None:
    created = warehouse.put("/v1/stock/85123A", FOR_DEMO)
    assert created.status_code == 201
    assert created.json() == {
        "storefront": "demo",
        "sku": "85123A",
        "warehouses": [
            {"warehouse": "main", "condition": "new", "on_hand": 5, "held": 0, "available": 5}
        ],
    }
    again = warehouse.put("/v1/stock/85123A", FOR_DEMO | {"on_hand": 7})
    assert (again.status_code, again.json()["warehouses"][0]["on_hand"]) == (200, 7)
    assert warehouse.get("/v1/stock/85123A", storefront="demo").json() == again.json()
    assert api.storefront.get("/v1/stock/85123A").json() == again.json()


def test_warehouses_are_shown_in_the_order_they_are_asked(
    api: Callers, warehouse: Caller, shop: Shop
) -> None:
    for name, on_hand in (("zurich", 1), ("main", 2), ("athens", 3)):
        body = {"storefront": "demo", "warehouse": name, "on_hand": on_hand}
        assert warehouse.put("/v1/stock/s1", body).status_code == 201
    held(shop, "s1", 3)
    assert api.operator.get("/v1/stock/s1", storefront="demo").json()["warehouses"] == [
        {"warehouse": "main", "condition": "new", "on_hand": 2, "held": 0, "available": 2},
        {"warehouse": "athens", "condition": "new", "on_hand": 3, "held": 3, "available": 0},
        {"warehouse": "zurich", "condition": "new", "on_hand": 1, "held": 0, "available": 1},
    ]


def test_a_count_below_what_is_held_is_refused_and_says_how_many_are(
    warehouse: Caller, shop: Shop
) -> None:
    warehouse.put("/v1/stock/s1", FOR_DEMO)
    held(shop, "s1", 3)
    answer = warehouse.put("/v1/stock/s1", FOR_DEMO | {"on_hand": 2})
    assert (answer.status_code, slug(answer)) == (409, "stock-held")
    assert answer.json()["held"] == 3
    assert warehouse.put("/v1/stock/s1", FOR_DEMO | {"on_hand": 3}).status_code == 200


@pytest.mark.parametrize(
    ("place", "first", "other"),
    [("main", None, "used"), ("resale", None, "new"), ("outlet", "used", "new")],
)
def test_a_warehouse_has_a_sku_new_or_used_for_good(
    warehouse: Caller, place: str, first: str | None, other: str
) -> None:
    body = FOR_DEMO | {"warehouse": place}
    began = warehouse.put("/v1/stock/s1", body | ({"condition": first} if first else {}))
    stands = "new" if other == "used" else "used"
    assert began.json()["warehouses"][0]["condition"] == stands
    answer = warehouse.put("/v1/stock/s1", body | {"condition": other, "on_hand": 9})
    assert (answer.status_code, slug(answer)) == (409, "stock-condition")
    assert answer.json()["condition"] == stands
    again = warehouse.put("/v1/stock/s1", body | {"on_hand": 6}).json()["warehouses"][0]
    assert (again["condition"], again["on_hand"]) == (stands, 6)


def test_a_storefront_that_is_not_there_has_no_stock(warehouse: Caller) -> None:
    answer = warehouse.put("/v1/stock/s1", FOR_DEMO | {"storefront": "nowhere"})
    assert (answer.status_code, slug(answer)) == (404, "storefront-not-found")
    answer = warehouse.get("/v1/stock/s1", storefront="nowhere")
    assert (answer.status_code, slug(answer)) == (404, "sku-not-found")


def test_anothers_stock_is_as_what_does_not_exist(
    api: Callers, warehouse: Caller, shop: Shop
) -> None:
    shop.hire("other", Role.STOREFRONT, storefront="other")
    warehouse.put("/v1/stock/s1", FOR_DEMO)
    other = api.named("other")
    nothing = other.get("/v1/stock/none")
    assert (nothing.status_code, slug(nothing)) == (404, "sku-not-found")
    for query in ({}, {"storefront": "demo"}):
        assert other.get("/v1/stock/s1", **query).json() == nothing.json()
    warehouse.put("/v1/stock/s1", {"storefront": "other", "on_hand": 1})
    assert api.storefront.get("/v1/stock/s1").json()["warehouses"][0]["on_hand"] == 5


def test_staff_have_to_say_whose_stock_they_mean(warehouse: Caller) -> None:
    answer = warehouse.get("/v1/stock/s1")
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert answer.json()["errors"][0]["field"] == "storefront"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"storefront": "demo"}, "on_hand"),
        ({"on_hand": 1}, "storefront"),
        (FOR_DEMO | {"on_hand": -1}, "on_hand"),
        (FOR_DEMO | {"on_hand": 1.0}, "on_hand"),
        (FOR_DEMO | {"on_hand": "1"}, "on_hand"),
        (FOR_DEMO | {"on_hand": True}, "on_hand"),
        (FOR_DEMO | {"on_hand": 10**9 + 1}, "on_hand"),
        (FOR_DEMO | {"warehouse": "the main one"}, "warehouse"),
        (FOR_DEMO | {"held": 1}, "held"),
        (FOR_DEMO | {"condition": "broken"}, "condition"),
    ],
)
def test_a_count_of_another_form_is_invalid(
    warehouse: Caller, body: dict[str, Any], field: str
) -> None:
    answer = warehouse.put("/v1/stock/s1", body)
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_sku_is_a_short_plain_word(warehouse: Caller) -> None:
    assert slug(warehouse.put("/v1/stock/a%20b", FOR_DEMO)) == "invalid"
