"""People who approve at one moment: does nobody exceed a limit, and no order go to one person?"""

from functools import partial
from uuid import UUID

from tests.races.at_once import at_once, slugs, unlocked, won
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
