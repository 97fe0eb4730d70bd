"""An exchange over HTTP: what it is asked for with, what it is refused for, and what it shows."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.bills import BillState, BillWord
from domain.effects import EffectState, Said
from store.goods.effect_requests import EffectRequest
from store.goods.effect_steps import conclude
from tests.api.callers import Callers, new_key, slug
from tests.effects import begin_next
from tests.shop import exchange_body, request_body, return_body

WANTED = {"line": 1, "sku": "NEW1", "quantity": 2, "price": 900}
PAGE = BillWord(BillState.OPEN, url="https://pay.example/1")
SAID = {
    "book_pickup": Said(EffectState.DONE, "shp_1", carrier="sandbox", tracking_number="TRK1"),
    "collect_bill": Said(EffectState.DONE, "cs_1", bill=PAGE),
}


def opened(api: Callers, **fields: Any) -> dict[str, Any]:
    api.sells()
    body = exchange_body((1, 2), price=900, **fields)
    answer = api.storefront.post("/v1/cases", body, key=new_key())
    assert answer.status_code == 201, answer.text
    case: dict[str, Any] = answer.json()
    return case


def effect_done(api: Callers, case_id: str) -> None:
    """The next thing that the case has to have done is done."""
    now, shop = datetime.now(UTC), api.shop
    request = shop.database.run(lambda s: begin_next(s, UUID(case_id), now))
    assert isinstance(request, EffectRequest)
    said = SAID.get(request.action, Said(EffectState.DONE))
    shop.database.run(lambda s: conclude(s, request, said, shop.policy, now))


def test_what_is_wanted_is_shown(api: Callers) -> None:
    case = opened(api, fallback=["wait", "store_credit"])
    assert case["goods"]["replacement"] == [WANTED | {"condition": "new"}]
    assert case["goods"]["fallback"] == ["wait", "store_credit"]
    assert (case["goods"]["remedy"], case["bill"]) == (None, None)


def test_a_refund_shows_neither_goods_nor_bill(api: Callers) -> None:
    api.sells()
    assert not {"goods", "bill"} & api.applies().keys()


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"replacement": None}, 422, "invalid"),
        ({"replacement": []}, 422, "invalid"),
        ({"replacement": [WANTED | {"quantity": 1}]}, 422, "invalid"),
        ({"replacement": [WANTED | {"price": -1}]}, 422, "invalid"),
        ({"replacement": [WANTED | {"price": 900.0}]}, 422, "invalid"),
        ({"replacement": [WANTED | {"size": "L"}]}, 422, "invalid"),
        ({"replacement": [WANTED, WANTED | {"line": 2}]}, 422, "unknown-line"),
        ({"replacement": [WANTED, WANTED]}, 422, "line-repeated"),
        ({"address": None}, 422, "invalid"),
        ({"fallback": ["wait", "wait"]}, 422, "invalid"),
        ({"fallback": ["swap"]}, 422, "invalid"),
        ({"amount": 100}, 422, "invalid"),
        ({"reason": "not_received"}, 422, "not-eligible"),
        (
            {"lines": [{"line": 1, "quantity": 7}], "replacement": [WANTED | {"quantity": 7}]},
            409,
            "units-not-available",
        ),
    ],
)
def test_an_exchange_is_refused_alike_by_preview_and_opening(
    api: Callers, change: dict[str, Any], status: int, expected: str
) -> None:
    api.sells()
    body = exchange_body((1, 2), price=900) | change
    for answer in (
        api.storefront.post("/v1/previews", body),
        api.storefront.post("/v1/cases", body, key=new_key()),
    ):
        assert (answer.status_code, slug(answer)) == (status, expected)


@pytest.mark.parametrize("body", [request_body((1, 2)), return_body((1, 2))])
def test_only_an_exchange_says_what_it_is_for(api: Callers, body: dict[str, Any]) -> None:
    api.sells()
    answer = api.storefront.post("/v1/cases", body | {"replacement": [WANTED]}, key=new_key())
    assert (answer.status_code, slug(answer)) == (422, "invalid")


def test_the_same_article_again_may_be_asked_for(api: Callers) -> None:
    assert opened(api, sku="SKU1")["goods"]["replacement"][0]["sku"] == "SKU1"


def test_a_buyer_who_owes_the_difference_sees_where_to_pay_it(api: Callers) -> None:
    case_id = opened(api)["case_id"]
    assert api.lead.post(f"/v1/cases/{case_id}/approve", {}).json()["stage"] == "awaiting_stock"
    effect_done(api, case_id)  # held
    effect_done(api, case_id)  # collected
    counted = {"line": 1, "received": 2, "accepted": 2, "disposition": "restock"}
    answer = api.named("wanda").post(f"/v1/cases/{case_id}/inspection", {"lines": [counted]})
    assert answer.json()["stage"] == "awaiting_buyer"
    assert answer.json()["bill"]["url"] is None
    effect_done(api, case_id)  # put back
    effect_done(api, case_id)  # billed
    case = api.storefront.get(f"/v1/cases/{case_id}").json()
    assert case["bill"] == {
        "what": "exchange difference",
        "amount": 390,
        "currency": "GBP",
        "state": "open",
        "due_at": case["due_at"],
        "url": "https://pay.example/1",
    }
