"""What may change in an order, and when is it frozen for good?"""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from domain.orders import OrderPut
from store import bulk_orders, orders
from store.tables import Case
from tests.reviewers import Reviewers
from tests.shop import NOW, Shop, order_body, request_body
from tests.store.till import PAID, Till, refused


def put(shop: Shop, body: dict[str, Any], order_id: str = "o1") -> bool:
    order = OrderPut.model_validate(body)
    return shop.database.run(lambda s: orders.put_order(s, "demo", order_id, order, NOW))


def test_an_order_is_created_once_and_then_brought_up_to_date(till: Till) -> None:
    assert put(till.shop, order_body((1, 100)))
    assert not put(till.shop, order_body((2, 300), (1, 50)))
    record = till.order()
    assert [(row.line, row.quantity, row.paid) for row, _ in record.lines] == [
        (1, 2, 300),
        (2, 1, 50),
    ]
    assert [(p.payment, p.captured) for p in record.payments] == [("ch_1", 350)]


def test_an_order_that_does_not_balance_is_refused(shop: Shop) -> None:
    payments = [{"payment": "ch_1", "provider": "stripe", "captured": 99}]
    with refused("order-does-not-balance"):
        put(shop, order_body((1, 100), payments=payments))
    with refused("order-not-found"), shop.database.begin() as session:
        orders.read_order(session, "demo", "o1")


def test_an_order_shows_what_its_cases_took(till: Till) -> None:
    till.shop.sell("o1", order_body((6, 600)))
    settled, claimed = (till.shop.apply(request_body((1, n))).case_id for n in (1, 2))
    till.shop.approve(settled)
    till.pay(settled)
    till.shop.approve(claimed)
    till.call(claimed)
    count = till.units()
    assert (count.bought, count.claimed, count.settled, count.free) == (6, 2, 1, 3)
    assert till.money() == [(200, 100)]


class TestFrozen:
    BODY = order_body((2, 1000, 200), (1, 0), shipping=(300, 60))

    @pytest.fixture(autouse=True)
    def _case(self, shop: Shop) -> None:
        put(shop, self.BODY)
        shop.cancel(shop.apply(request_body((1, 1))).case_id)

    @pytest.mark.parametrize(
        "change",
        [
            {"currency": "EUR"},
            {"ordered_at": "2026-11-02T00:00:00Z"},
            {"shipping": {"paid": 300, "tax": 59}},
            {"lines": order_body((2, 1000, 199), (1, 0))["lines"]},
            {"lines": [BODY["lines"][0] | {"title": "Another"}, BODY["lines"][1]]},
            {"lines": order_body((3, 1000, 200), (1, 0))["lines"]},
            {"lines": order_body((2, 1000, 200))["lines"]},
            {"lines": order_body((2, 1000, 200), (1, 0), (1, 0))["lines"]},
            {"payments": [{"payment": "ch_2", "provider": "stripe", "captured": 1300}]},
        ],
    )
    def test_its_amounts_stand_for_good(self, shop: Shop, change: dict[str, Any]) -> None:
        with refused("order-frozen"):
            put(shop, {**self.BODY, **change})

    def test_the_same_content_again_is_accepted_in_any_order_of_lines(self, shop: Shop) -> None:
        assert not put(shop, self.BODY)
        assert not put(shop, {**self.BODY, "lines": self.BODY["lines"][::-1]})

    def test_delivery_and_buyer_may_change_and_cases_keep_theirs(self, till: Till) -> None:
        customer = {"id": "99", "name": "B. Buyer"}
        put(till.shop, {**self.BODY, "delivered_at": "2026-11-20T00:00:00Z", "customer": customer})
        order = till.order().order
        assert (order.customer_id, order.customer_name) == ("99", "B. Buyer")
        assert order.delivered_at is not None
        with till.shop.session() as session:
            assert session.scalars(select(Case.customer_id)).all() == ["17850"]

    def test_a_line_may_be_delivered_by_itself_and_at_another_time(self, till: Till) -> None:
        first, second = self.BODY["lines"]
        for at in ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", None):
            lines = [first, {**second, "delivered_at": at}]
            put(till.shop, {**self.BODY, "lines": lines})
            shown = [row.delivered_at for row, _ in till.order().lines]
            assert shown == [None, at and datetime.fromisoformat(at)]


def test_many_orders_are_put_as_each_alone_would_be(till: Till) -> None:
    bodies = {f"o{n}": OrderPut.model_validate(order_body((n, 100 * n))) for n in range(1, 4)}
    put(till.shop, order_body((9, 900)), "o1")
    put(till.shop, order_body((2, 200)), "o2")
    case_id = till.shop.apply(request_body((1, 1), order_id="o2")).case_id
    for created in (1, 0):
        assert (
            till.shop.database.run(lambda s: bulk_orders.put_orders(s, "demo", bodies, NOW))
            == created
        )
        quantities = [till.order(o).lines[0][0].quantity for o in bodies]
        assert quantities == [1, 2, 3]
    till.shop.approve(case_id)
    assert till.step(case_id, PAID).case.stage == "paying"
    changed = {"o2": OrderPut.model_validate(order_body((2, 201)))}
    with refused("order-frozen"):
        till.shop.database.run(lambda s: bulk_orders.put_orders(s, "demo", changed, NOW))


def test_orders_that_cases_or_reviews_hold_as_they_are_are_known_beforehand(shop: Shop) -> None:
    buyers = Reviewers(shop)
    for order_id in ("free", "reviewed", "claimed"):
        put(shop, order_body((2, 200)), order_id)
    buyers.submits("reviewed")
    shop.apply(request_body((1, 1), order_id="claimed"))

    def held(**fields: Any) -> list[str]:
        body = OrderPut.model_validate(order_body((2, 200)) | fields)
        bodies = dict.fromkeys(("free", "reviewed", "claimed", "new"), body)
        with shop.database.begin() as session:
            books = bulk_orders.in_books(session, "demo", bodies)
            return sorted(bulk_orders.frozen_otherwise(session, "demo", bodies, books))

    line = order_body((2, 200))["lines"][0]
    assert held() == []
    assert held(customer={"id": "99"}, delivered_at="2026-11-20T00:00:00Z") == []
    assert held(ordered_at="2026-11-02T00:00:00Z") == ["claimed"]
    assert held(lines=[line | {"title": "Another thing"}]) == ["claimed"]
    assert held(lines=[line | {"sku": "OTHER"}]) == ["claimed", "reviewed"]
