"""What one person may approve on an order and in a day, and when an order needs a second one."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.people import Role
from domain.policy import Policy
from store.tables import Approval, Payout
from tests.shop import NOW, Shop, order_body, request_body
from tests.store.till import DECLINED, Till, refused

LIMIT = 50_000


def case(shop: Shop, amount: int, order_id: str = "o1", **fields: Any) -> UUID:
    """A refund of so much of an order of 1,000 units at 10.00; the order is there already."""
    return shop.apply(request_body((1, amount // 1000), order_id=order_id, **fields)).case_id


def sold(shop: Shop, *order_ids: str) -> None:
    for order_id in order_ids:
        shop.sell(order_id, order_body((1000, 1_000_000)))


def test_an_auditor_approves_their_limit_on_an_order_and_no_more(till: Till) -> None:
    shop = till.shop
    sold(shop, "o1", "o2")
    shop.approve(case(shop, 30_000), shop.auditor)
    shop.approve(case(shop, 20_000), shop.auditor)
    one_more = case(shop, 1_000)
    with refused("over-limit") as refusal:
        shop.approve(one_more, shop.auditor)
    assert "on one order" in refusal.value.detail
    shop.approve(case(shop, 50_000, "o2"), shop.auditor)
    shop.approve(one_more, shop.lead)


def test_an_auditor_approves_four_times_their_limit_in_a_day(till: Till) -> None:
    shop = till.shop
    sold(shop, *(f"o{n}" for n in range(5)))
    for number in range(4):
        shop.approve(case(shop, 50_000, f"o{number}"), shop.auditor)
    last = case(shop, 1_000, "o4")
    with refused("over-limit") as refusal:
        shop.approve(last, shop.auditor)
    assert "in a day" in refusal.value.detail
    shop.approve(last, shop.auditor, NOW + timedelta(days=1))


def test_the_day_is_that_of_the_policys_time_zone(till: Till) -> None:
    shop = till.shop
    rules = shop.policy.model_dump(by_alias=True) | {"timezone": "Pacific/Kiritimati"}
    shop.policy = Policy.model_validate(rules)
    sold(shop, *(f"o{n}" for n in range(5)))
    evening = NOW.replace(hour=9, minute=59)
    for number in range(4):
        shop.approve(case(shop, 50_000, f"o{number}"), shop.auditor, evening)
    shop.approve(case(shop, 1_000, "o4"), shop.auditor, NOW.replace(hour=10, minute=0))


def test_a_case_that_ended_unpaid_gives_its_order_back_but_not_its_day(till: Till) -> None:
    shop = till.shop
    sold(shop, "o1")
    given_up = case(shop, 50_000)
    shop.approve(given_up, shop.auditor)
    till.step(given_up, DECLINED)
    shop.resume(given_up, action="give_up")
    shop.approve(case(shop, 50_000), shop.auditor)
    with shop.session() as session:
        counted = session.scalars(select(Approval.amount).where(Approval.actor == "alice"))
        assert list(counted) == [50_000, 50_000]


def test_a_second_approval_counts_for_the_second_person_too(till: Till) -> None:
    shop = till.shop
    sold(shop, "o1")
    to_card = {"payout_to": {"kind": "bank_card", "token": "tok_9", "last4": "4242"}}
    shared = case(shop, 30_000, **to_card)
    shop.approve(shared, shop.lead)
    shop.approve(shared, shop.auditor)
    with refused("over-limit"):
        shop.approve(case(shop, 21_000), shop.auditor)


def test_limits_are_counted_by_currency(till: Till) -> None:
    shop = till.shop
    both = shop.hire("bo", Role.AUDITOR, limits={"GBP": LIMIT, "EUR": LIMIT})
    sold(shop, "o1")
    shop.sell("o2", order_body((1000, 1_000_000), currency="EUR"))
    shop.approve(case(shop, 50_000, "o1"), both)
    shop.approve(case(shop, 50_000, "o2"), both)


def test_the_limits_of_a_policy_may_be_wider(till: Till) -> None:
    shop = till.shop
    limits = shop.policy.limits.model_copy(update={"per_order": 2})
    shop.policy = shop.policy.model_copy(update={"limits": limits})
    sold(shop, "o1")
    for _ in range(2):
        shop.approve(case(shop, 50_000), shop.auditor)
    with refused("over-limit"):
        shop.approve(case(shop, 1_000), shop.auditor)


@pytest.mark.parametrize("paid", [False, True])
def test_an_order_of_many_small_cases_needs_a_second_person(till: Till, paid: bool) -> None:
    shop = till.shop
    sold(shop, "o1")
    first, second = case(shop, 60_000), case(shop, 60_000)
    assert shop.approve(first, shop.lead).stage == "paying"
    if paid:
        till.pay(first)
        till.complete(first)
    assert shop.approve(second, shop.other_lead).stage == "awaiting_second_audit"
    with refused("four-eyes"):
        shop.approve(second, shop.other_lead)
    assert shop.approve(second, shop.lead).stage == "paying"


def test_how_many_approve_is_fixed_at_the_approval(till: Till) -> None:
    shop = till.shop
    sold(shop, "o1")
    first = case(shop, 60_000)
    shop.approve(first, shop.lead)
    shop.approve(case(shop, 60_000), shop.lead)
    shop.policy = shop.policy.model_copy(update={"second_approval_above": 1})
    till.pay(first)
    with shop.session() as session:
        assert list(session.scalars(select(Payout.approvals))) == [1]


def test_a_policy_approves_nothing_by_itself_once_the_order_needs_two(shop: Shop) -> None:
    shop.auto_approve(60_000)
    sold(shop, "o1")
    assert shop.read(case(shop, 60_000)).stage == "paying"
    assert shop.read(case(shop, 60_000)).stage == "awaiting_audit"


def test_a_lead_without_a_limit_has_neither(till: Till) -> None:
    shop = till.shop
    sold(shop, "o1")
    for _ in range(3):
        shop.approve(case(shop, 90_000), shop.lead)
