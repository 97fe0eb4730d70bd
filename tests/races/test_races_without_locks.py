"""If a lock were forgotten: does a constraint or the version of the case still refuse?

Every client has read before any of them writes, which no barrier around whole calls can promise.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from store.calls import Call
from store.reservations import Destination, add_payout
from store.session import Database
from store.tables import Case, Payment
from tests.races.at_once import at_once, slugs, unlocked, won
from tests.shop import NOW, order_body, request_body
from tests.store.till import PAID, Till

ROUNDS = 20
CLIENTS = 4


def test_the_exclusion_of_units_refuses_a_second_owner(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        order_id = f"o{number}"
        shop.sell(order_id, order_body((1, 1000)))
        body = request_body((1, 1), order_id=order_id)
        with unlocked(shop.database, clients=CLIENTS, after="SELECT claims."):
            outcomes = at_once([partial(shop.apply, body)] * CLIENTS)
        assert len(won(outcomes)) == 1
        assert slugs(outcomes) == {"units-not-available": CLIENTS - 1}


def test_the_version_of_the_case_refuses_a_second_decision(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        order_id = f"o{number}"
        shop.sell(order_id, order_body((1, 1000)))
        case_id = shop.apply(request_body((1, 1), order_id=order_id)).case_id
        works: list[Callable[[], object]] = [
            partial(shop.approve, case_id),
            partial(shop.approve, case_id, shop.other_lead),
            partial(shop.reject, case_id),
            partial(shop.cancel, case_id),
        ]
        with unlocked(shop.database, clients=CLIENTS, after="SELECT cases."):
            outcomes = at_once(works)
        assert len(won(outcomes)) == 1
        assert len(till.events(case_id)) == 2


def test_a_payout_is_reserved_and_booked_once(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        order_id = f"o{number}"
        shop.sell(order_id, order_body((1, 1000)))
        case_id = shop.apply(request_body((1, 1), order_id=order_id)).case_id
        shop.approve(case_id)
        with unlocked(shop.database, clients=CLIENTS, after="SELECT payouts."):
            steps = won(at_once([partial(till.begin, case_id)] * CLIENTS))
        assert till.money(order_id) == [(1000, 0)]
        calls = [step for step in steps if isinstance(step, Call)]
        assert {call.gateway_key for call in calls} == {calls[0].gateway_key}
        with unlocked(shop.database, clients=CLIENTS, after="SELECT payouts."):
            at_once([partial(till.conclude, call, PAID) for call in calls])
        assert till.money(order_id) == [(0, 1000)]
        assert till.happened(case_id)[2:] == ["payout_reserved", "payout_paid"]


def _reserve(database: Database, case_id: UUID, n: int) -> str | None:
    """Reserve 6.00 as the n-th payout of a case; the constraint that refuses it."""
    try:
        with database.begin() as session:
            case = session.get_one(Case, case_id)
            payment = session.scalars(
                select(Payment).where(Payment.order_id == case.order_id)
            ).one()
            add_payout(session, case, n, payment, 600, Destination("original"), 1, NOW)
    except IntegrityError as refused:
        constraint: str = refused.orig.diag.constraint_name  # type: ignore[union-attr]
        return constraint
    return None


def test_two_payouts_of_a_case_hold_no_more_than_it_pays(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        order_id = f"o{number}"
        shop.sell(order_id, order_body((4, 4000)))
        case_id = shop.apply(request_body((1, 1), order_id=order_id)).case_id
        shop.approve(case_id)
        works = [partial(_reserve, shop.database, case_id, n) for n in range(1, CLIENTS + 1)]
        with unlocked(shop.database, clients=CLIENTS, after="SELECT payments."):
            refusals = Counter(at_once(works))
        assert refusals == {None: 1, "payouts_within_case": CLIENTS - 1}
        assert till.money(order_id) == [(600, 0)]


def test_a_payment_gives_no_more_than_was_captured(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        order_id = f"o{number}"
        shop.sell(order_id, order_body((CLIENTS, CLIENTS * 100)))
        case_ids: list[UUID] = []
        for _ in range(CLIENTS):
            case_ids.append(shop.apply(request_body((1, 1), order_id=order_id)).case_id)
            shop.approve(case_ids[-1])
        with shop.database.begin() as session:  # as if the rest were refunded elsewhere
            session.execute(
                text("update payments set captured = 250 where order_id = :id"), {"id": order_id}
            )
        with unlocked(shop.database, clients=CLIENTS, after="SELECT payments."):
            steps = won(at_once([partial(till.begin, case_id) for case_id in case_ids]))
        assert len([step for step in steps if isinstance(step, Call)]) == 2
        assert till.money(order_id) == [(200, 0)]
