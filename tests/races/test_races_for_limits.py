"""People who approve at one moment: does nobody exceed a limit, and no order go to one person?"""

from functools import partial
from threading import Barrier, get_ident
from typing import Any
from uuid import UUID

import pytest

from domain.policy_parts import PolicyApprovals
from store import approvals
from tests.races.at_once import PATIENCE, at_once, slugs, unlocked, won
from tests.shop import Shop, order_body, request_body
from tests.store.till import Till

ROUNDS = 10


def case(shop: Shop, order_id: str, units: int) -> UUID:
    return shop.apply(request_body((1, units), order_id=order_id)).case_id


def sold(shop: Shop, *order_ids: str) -> None:
    for order_id in order_ids:
        shop.sell(order_id, order_body((400, 400_000)))


def test_one_person_on_many_orders_at_once_keeps_within_the_day(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        who = shop.hire(f"aud-{number}", shop.auditor.role, limits={"GBP": 10_000})
        orders = [f"o{number}-{n}" for n in range(6)]
        sold(shop, *orders)
        works = [partial(shop.approve, case(shop, order_id, 10), who) for order_id in orders]
        outcomes = at_once(works)
        assert (len(won(outcomes)), slugs(outcomes)) == (4, {"over-limit": 2})


def test_one_person_on_cases_of_one_order_at_once_keeps_within_the_order(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        who = shop.hire(f"aud-{number}", shop.auditor.role, limits={"GBP": 10_000})
        sold(shop, f"o{number}")
        cases = [case(shop, f"o{number}", 6) for _ in range(4)]
        outcomes = at_once([partial(shop.approve, each, who) for each in cases])
        assert (len(won(outcomes)), slugs(outcomes)) == (1, {"over-limit": 3})


def stages(shop: Shop, *order_ids: str) -> list[str]:
    """Where cases of 2.00 stand that were opened on these orders at once."""
    opened = at_once([partial(case, shop, order_id, 2) for order_id in order_ids])
    return sorted(shop.read(case_id).stage for case_id in won(opened))


LEFT_TO_PEOPLE = ["awaiting_audit"] * 3 + ["paying"] * 3


def test_the_policy_keeps_within_the_order_of_many_cases_at_once(till: Till) -> None:
    till.shop.auto_approve(2000, per_order=7000)
    for number in range(ROUNDS):
        sold(till.shop, f"o{number}")
        assert stages(till.shop, *[f"o{number}"] * 6) == LEFT_TO_PEOPLE


def test_the_policy_keeps_within_the_buyer_of_many_orders_at_once(till: Till) -> None:
    for number in range(ROUNDS):
        till.shop.auto_approve(2000, per_buyer=6000 * number + 7000)
        orders = [f"o{number}-{n}" for n in range(6)]
        sold(till.shop, *orders)
        assert stages(till.shop, *orders) == LEFT_TO_PEOPLE


def test_the_policy_keeps_within_the_day_of_many_buyers_at_once(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        shop.auto_approve(2000, per_day=6000 * number + 7000)
        orders = [f"o{number}-{n}" for n in range(6)]
        for order_id in orders:
            shop.sell(order_id, order_body((400, 400_000), customer={"id": order_id}))
        assert stages(shop, *orders) == LEFT_TO_PEOPLE


@pytest.mark.parametrize("cap", ["per_buyer", "per_day"])
def test_a_policy_that_counted_without_a_lock_is_refused_the_row_and_counts_anew(
    till: Till, cap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of two counts before any of them has approved, as if there were no lock."""
    counted, barrier, met = approvals.by_policy, Barrier(2), set[int]()

    def count_unlocked(*arguments: Any) -> tuple[int, PolicyApprovals]:
        if get_ident() in met:
            return counted(*arguments)
        met.add(get_ident())
        barrier.wait(PATIENCE)
        return 0, PolicyApprovals(0, 0, 0)

    monkeypatch.setattr(approvals, "by_policy", count_unlocked)
    till.shop.auto_approve(2000, **{cap: 3000})
    for order_id in ("o1", "o2"):
        buyer = {"id": order_id if cap == "per_day" else "c1"}
        till.shop.sell(order_id, order_body((400, 400_000), customer=buyer))
    assert stages(till.shop, "o1", "o2") == ["awaiting_audit", "paying"]
    assert len(met) == 2


def test_two_people_on_one_order_at_once_leave_one_case_to_a_second_person(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        sold(shop, f"o{number}")
        cases = [case(shop, f"o{number}", 60) for _ in range(2)]
        people = (shop.lead, shop.other_lead)
        works = [partial(shop.approve, *each) for each in zip(cases, people, strict=True)]
        stages = sorted(done.stage for done in won(at_once(works)))
        assert stages == ["awaiting_second_audit", "paying"]


def test_without_the_orders_lock_the_count_of_the_order_still_refuses(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        sold(shop, f"o{number}")
        cases = [case(shop, f"o{number}", 60) for _ in range(2)]
        people = (shop.lead, shop.other_lead)
        works = [partial(shop.approve, *each) for each in zip(cases, people, strict=True)]
        with unlocked(shop.database, clients=2, after="SELECT array("):
            stages = sorted(done.stage for done in won(at_once(works)))
        assert stages == ["awaiting_second_audit", "paying"]


def test_without_any_lock_the_count_of_the_person_still_refuses(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        who = shop.hire(f"aud-{number}", shop.auditor.role, limits={"GBP": 10_000})
        orders = [f"o{number}-{n}" for n in range(6)]
        sold(shop, *orders)
        works = [partial(shop.approve, case(shop, order_id, 10), who) for order_id in orders]
        with unlocked(shop.database, clients=6, after="SELECT array("):
            outcomes = at_once(works)
        assert (len(won(outcomes)), slugs(outcomes)) == (4, {"over-limit": 2})
