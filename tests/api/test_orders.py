"""Orders as their storefront puts them: when what was delivered, and what may change later."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.api.callers import Callers, slug
from tests.shop import order_body

ORDERED = "2026-11-01T08:26:00Z"


def put(api: Callers, *, line: str | None = None, **fields: Any) -> Any:
    body = order_body((1, 100), (1, 100)) | {"ordered_at": ORDERED, **fields}
    if line:
        body["lines"][1]["delivered_at"] = line
    return api.storefront.put("/v1/orders/o1", body)


def test_a_line_shows_when_it_was_delivered_by_itself(api: Callers) -> None:
    answer = put(api, delivered_at="2026-11-03T10:00:00Z", line="2026-11-05T11:00:00+01:00")
    assert answer.status_code == 201
    for shown in (answer.json(), api.storefront.get("/v1/orders/o1").json()):
        assert shown["delivered_at"] == "2026-11-03T10:00:00Z"
        assert [line["delivered_at"] for line in shown["lines"]] == [None, "2026-11-05T10:00:00Z"]


def test_nothing_is_delivered_on_a_day_before_it_was_ordered(api: Callers) -> None:
    answer = put(api, delivered_at="2026-10-31T23:59:59Z", line="2026-10-31T00:00:00Z")
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    fields = [error["field"] for error in answer.json()["errors"]]
    assert fields == ["delivered_at", "lines.1.delivered_at"]


def test_a_shop_may_know_the_day_of_delivery_alone(api: Callers) -> None:
    assert put(api, delivered_at="2026-11-01T00:00:00Z").status_code == 201


@pytest.mark.parametrize(
    ("timezone", "delivered", "status"),
    [
        ("Asia/Shanghai", "2026-10-31T16:00:00Z", 201),
        ("Asia/Shanghai", "2026-10-31T15:59:59Z", 422),
        ("America/Los_Angeles", "2026-11-01T07:00:00Z", 201),
        ("America/Los_Angeles", "2026-11-01T06:59:59Z", 422),
    ],
)
def test_days_are_those_of_the_shop(
    api: Callers, timezone: str, delivered: str, status: int
) -> None:
    app = api.client.app
    rules = app.state.context.policy.model_copy(update={"timezone": ZoneInfo(timezone)})
    app.state.context = replace(app.state.context, policy=rules)
    assert put(api, delivered_at=delivered).status_code == status


def test_once_there_is_a_case_deliveries_and_the_customer_may_change(api: Callers) -> None:
    put(api)
    api.applies((1, 1))
    times = {"delivered_at": "2026-11-03T10:00:00Z", "line": "2026-11-05T10:00:00Z"}
    answer = put(api, **times, customer={"id": "17850", "name": "B. Buyer"})
    assert answer.status_code == 200
    assert answer.json()["customer"]["name"] == "B. Buyer"
    assert answer.json()["lines"][1]["delivered_at"] == "2026-11-05T10:00:00Z"
    assert slug(put(api, **times, currency="EUR")) == "order-frozen"
    assert slug(put(api, delivered_at="2026-10-03T10:00:00Z")) == "invalid"


def test_each_line_has_the_window_of_its_own_delivery(api: Callers) -> None:
    lately = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    put(api, ordered_at="2020-01-01T00:00:00Z", delivered_at="2020-01-03T00:00:00Z", line=lately)
    for line, status in ((1, 422), (2, 200)):
        body = {"kind": "refund", "order_id": "o1", "reason": "damaged"}
        body |= {"lines": [{"line": line, "quantity": 1}]}
        answer = api.storefront.post("/v1/previews", body)
        assert answer.status_code == status, answer.text
