"""What a policy approves by itself: refunds alone, and no large claim in small cases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from domain.orders import OrderPut
from domain.people import Role
from domain.policy import parse
from domain.policy_parts import PolicyApprovals
from store import orders
from store.tables import Approval, Decision
from tests.shop import (
    NOW,
    Shop,
    exchange_body,
    order_body,
    repair_body,
    request_body,
    return_body,
)
from tests.store.till import DECLINED, Till

UNITS = 100


def sold(shop: Shop, order_id: str = "o1", buyer: str = "c1") -> str:
    """An order of 100 units at 10.00."""
    shop.sell(order_id, order_body((UNITS, 1000 * UNITS), customer={"id": buyer}))
    return order_id


def stage(shop: Shop, order_id: str = "o1", units: int = 1, reason: str = "damaged") -> str:
    """Where a refund of so many units stands once it is opened."""
    return shop.apply(request_body((1, units), order_id=order_id, reason=reason)).stage


def test_only_refunds_are_approved_unless_the_policy_names_another_kind(shop: Shop) -> None:
    sold(shop)
    shop.auto_approve(5000)
    goods = (return_body((1, 1)), exchange_body((1, 1), price=1000), repair_body((1, 1)))
    damaged = [body | {"reason": "damaged"} for body in goods]
    assert [shop.apply(body).stage for body in damaged] == ["awaiting_audit"] * 3
    assert stage(shop) == "paying"
    shop.auto_approve(5000, kinds=("return", "exchange", "repair"))
    then = [shop.apply(body).stage for body in damaged]
    assert then == ["awaiting_parcel", "awaiting_stock", "awaiting_parcel"]
    assert stage(shop) == "awaiting_audit"


def test_a_large_claim_in_small_cases_comes_to_a_person(till: Till) -> None:
    shop = till.shop
    sold(shop)
    shop.auto_approve(1000, per_order=3500)
    assert [stage(shop) for _ in range(4)] == ["paying"] * 3 + ["awaiting_audit"]


def test_paid_cases_count_as_those_on_their_way(till: Till) -> None:
    shop = till.shop
    sold(shop)
    shop.auto_approve(1000, per_order=1000)
    till.pay(shop.apply(request_body((1, 1))).case_id)
    assert stage(shop) == "awaiting_audit"


def test_one_buyer_with_many_orders_comes_to_a_person(till: Till) -> None:
    shop = till.shop
    shop.auto_approve(1000, per_buyer=2000)
    sold_to_one = [sold(shop, f"o{n}") for n in range(3)]
    assert [stage(shop, each) for each in sold_to_one] == ["paying"] * 2 + ["awaiting_audit"]
    assert stage(shop, sold(shop, "other", buyer="c2")) == "paying"


def test_a_buyer_is_one_of_a_storefront(till: Till) -> None:
    shop = till.shop
    shop.auto_approve(1000, per_buyer=1000)
    assert stage(shop, sold(shop)) == "paying"
    shop.storefront = shop.hire("second", Role.STOREFRONT, storefront="second")
    order = OrderPut.model_validate(order_body((1, 1000), customer={"id": "c1"}))
    shop.database.run(lambda s: orders.put_order(s, "second", "o1", order, NOW))
    assert stage(shop) == "paying"


def test_a_day_comes_to_a_person_and_the_next_does_not(till: Till) -> None:
    shop = till.shop
    shop.auto_approve(1000, per_day=2000)
    for n in range(2):
        assert stage(shop, sold(shop, f"o{n}", buyer=f"c{n}")) == "paying"
    sold(shop, "o2", buyer="c2")
    assert stage(shop, "o2") == "awaiting_audit"
    tomorrow = NOW + timedelta(days=1)
    later = shop.apply(request_body((1, 1), order_id="o2"), tomorrow)
    assert later.stage == "paying"


def test_a_policy_of_another_version_goes_on_counting(till: Till) -> None:
    shop = till.shop
    sold(shop)
    shop.auto_approve(1000, per_order=1000)
    assert stage(shop) == "paying"
    shop.policy = parse(shop.policy._text + "\n# another version\n")
    shop.auto_approve(1000, per_order=1000)
    assert stage(shop) == "awaiting_audit"


def test_what_people_approve_is_none_of_the_policys(till: Till) -> None:
    shop = till.shop
    sold(shop)
    shop.approve(shop.apply(request_body((1, 5), order_id="o1")).case_id)
    shop.auto_approve(1000, per_order=1000, per_buyer=1000, per_day=1000)
    assert stage(shop) == "paying"


def test_a_case_that_ended_unpaid_gives_order_and_buyer_back_but_not_the_day(till: Till) -> None:
    shop = till.shop
    sold(shop)
    shop.auto_approve(1000, per_order=1000, per_buyer=1000, per_day=2000)
    given_up = shop.apply(request_body((1, 1))).case_id
    till.step(given_up, DECLINED)
    shop.resume(given_up, action="give_up")
    assert stage(shop) == "paying"
    shop.auto_approve(1000, per_day=2000)
    assert stage(shop) == "awaiting_audit"


def test_an_order_that_needs_two_people_is_not_the_policys_whatever_its_caps(till: Till) -> None:
    shop = till.shop
    sold(shop)
    shop.approve(shop.apply(request_body((1, 95))).case_id)
    shop.policy = shop.policy.model_copy(update={"second_approval_above": 96_000})
    shop.auto_approve(1000)
    assert [stage(shop), stage(shop)] == ["paying", "awaiting_audit"]


def test_the_row_says_which_policy_approved_and_within_what(till: Till) -> None:
    shop = till.shop
    sold(shop)
    shop.auto_approve(1000, per_order=3000, per_buyer=4000, per_day=5000)
    case = shop.apply(request_body((1, 1)))
    shop.apply(request_body((1, 1)))
    with shop.session() as session:
        rows = list(session.scalars(select(Approval).order_by(Approval.id)))
        by = session.scalars(select(Decision.actor).where(Decision.case_id == case.case_id)).one()
    assert by == rows[0].actor == f"policy:{shop.policy.version}"
    caps = [(row.most_per_order, row.most_per_buyer, row.most_per_day) for row in rows]
    assert caps == [(3000, 4000, 5000)] * 2
    assert [row.day_total for row in rows] == [1000, 2000]
    assert [(e.actor, e.actor_kind) for e in till.events(case.case_id) if e.what == "approved"] == [
        ("policy", "policy")
    ]


@pytest.mark.parametrize("cap", ["per_order", "per_buyer", "per_day"])
def test_code_that_counts_nothing_cannot_exceed_a_cap(
    till: Till, cap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = till.shop
    sold(shop)
    shop.auto_approve(1000, **{cap: 1000})
    assert stage(shop) == "paying"
    monkeypatch.setattr(PolicyApprovals, "allow", lambda *_: True)
    with pytest.raises(OperationalError, match="approved of meanwhile"):
        stage(shop)


def test_a_case_that_no_cap_allows_asks_the_database_nothing(till: Till) -> None:
    shop = till.shop
    sold(shop)
    shop.auto_approve(1000)
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(shop.database.engine, "before_cursor_execute", note)
    try:
        stage(shop, units=2)
        counted = [statement for statement in asked if "approved_by_policy" in statement]
        assert counted == []
        stage(shop)
    finally:
        event.remove(shop.database.engine, "before_cursor_execute", note)
    assert sum("approved_by_policy" in statement for statement in asked) == 1
