"""Is Temporal told of everything, in order within a case and by one relay at a time?"""

from uuid import UUID

from sqlalchemy import text

from store import outbox
from store.outbox import Delivery
from tests.shop import Shop, order_body, request_body


def lease(shop: Shop, limit: int = 10) -> list[Delivery]:
    with shop.database.begin() as session:
        return outbox.lease(session, limit)


def deliver(shop: Shop, deliveries: list[Delivery]) -> None:
    with shop.database.begin() as session:
        outbox.delivered(session, deliveries)


def apply(shop: Shop, order_id: str) -> UUID:
    shop.sell(order_id, order_body((2, 1000)))
    return shop.apply(request_body((1, 1), order_id=order_id)).case_id


def test_a_message_is_leased_to_one_relay_at_a_time(shop: Shop) -> None:
    case_id = apply(shop, "o1")
    (delivery,) = lease(shop)
    assert (delivery.topic, delivery.about) == ("start", case_id)
    assert lease(shop) == []


def test_a_lease_that_ran_out_is_given_again(shop: Shop) -> None:
    apply(shop, "o1")
    lease(shop)
    _move_clock(shop, outbox.LEASE_SECONDS)
    assert len(lease(shop)) == 1


def test_messages_of_a_case_go_out_in_order_one_at_a_time(shop: Shop) -> None:
    case_id = apply(shop, "o1")
    deliver(shop, lease(shop))
    shop.approve(case_id, decision_id="d-1")
    with shop.database.begin() as session:
        session.execute(
            text("insert into outbox (storefront, case_id, topic) values ('demo', :c, :t)"),
            {"c": case_id, "t": "payout_news"},
        )
    seen = []
    while batch := lease(shop):
        seen.append([(d.topic, d.message_id) for d in batch])
        deliver(shop, batch)
    assert seen == [[("approve", "d-1")], [("payout_news", None)]]


def test_cases_do_not_wait_for_each_other(shop: Shop) -> None:
    ids = [apply(shop, order_id) for order_id in ("a", "b", "c")]
    assert [d.about for d in lease(shop, 2)] == ids[:2]
    assert [d.about for d in lease(shop)] == ids[2:]


def test_a_start_carries_what_followed_it(shop: Shop) -> None:
    case_id = apply(shop, "o1")
    shop.approve(case_id)
    (start,) = lease(shop)
    assert (start.topic, start.subject.stage) == ("start", "paying")
    deliver(shop, [start])
    _move_clock(shop, 60)
    assert lease(shop) == []


def test_what_comes_after_the_lease_of_a_start_is_told(shop: Shop) -> None:
    case_id = apply(shop, "o1")
    (start,) = lease(shop)
    shop.approve(case_id, decision_id="d-1")
    deliver(shop, [start])
    assert [d.message_id for d in lease(shop)] == ["d-1"]


def test_what_did_not_get_through_is_tried_again_later(shop: Shop) -> None:
    apply(shop, "o1")
    batch = lease(shop)
    with shop.database.begin() as session:
        outbox.postpone(session, batch)
    assert lease(shop) == []
    _move_clock(shop, outbox.RETRY_CAP_SECONDS)
    assert len(lease(shop)) == 1


def _move_clock(shop: Shop, seconds: float) -> None:
    """As if so many seconds had passed."""
    with shop.database.begin() as session:
        session.execute(
            text("update outbox set available_at = available_at - :s * interval '1 second'"),
            {"s": seconds},
        )
