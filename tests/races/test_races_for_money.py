"""Eight workers pay at one moment: does the money leave once, and never more than there is?"""

from functools import partial
from uuid import UUID

from sqlalchemy import text

from domain.payouts import Move, Standing
from store.calls import Call
from tests.races.at_once import at_once, won
from tests.shop import Shop, order_body, request_body
from tests.store.till import PAID, Till

ROUNDS = 100
WORKERS = 8


def approved(shop: Shop, order_id: str) -> UUID:
    case_id = shop.apply(request_body((1, 1), order_id=order_id)).case_id
    shop.approve(case_id)
    return case_id


def test_eight_workers_at_one_payout_book_it_once(till: Till) -> None:
    for number in range(ROUNDS):
        order_id = f"o{number}"
        till.shop.sell(order_id, order_body((1, 1000)))
        case_id = approved(till.shop, order_id)
        steps = won(at_once([partial(till.begin, case_id)] * WORKERS))
        calls = [step for step in steps if isinstance(step, Call)]
        assert [call.move for call in calls].count(Move.SEND) == 1
        assert {call.gateway_key for call in calls} == {calls[0].gateway_key}
        assert till.money(order_id) == [(1000, 0)]
        at_once([partial(till.conclude, call, PAID) for call in calls])
        assert till.money(order_id) == [(0, 1000)]
        assert till.happened(case_id)[2:] == ["payout_reserved", "payout_paid"]


def test_whole_steps_at_once_pay_and_complete_a_case_once(till: Till) -> None:
    for number in range(ROUNDS // 4):
        order_id = f"o{number}"
        till.shop.sell(order_id, order_body((1, 1000)))
        case_id = approved(till.shop, order_id)
        at_once([partial(till.pay, case_id)] * WORKERS)
        assert till.money(order_id) == [(0, 1000)]
        assert till.happened(case_id)[2:] == ["payout_reserved", "payout_paid", "completed"]


def test_cases_that_drain_one_payment_never_take_more_than_was_captured(till: Till) -> None:
    for number in range(ROUNDS // 4):
        order_id = f"o{number}"
        till.shop.sell(order_id, order_body((WORKERS, WORKERS * 100)))
        case_ids = [approved(till.shop, order_id) for _ in range(WORKERS)]
        with till.shop.database.begin() as session:  # as if the rest were refunded elsewhere
            session.execute(
                text("update payments set captured = 550 where order_id = :id"), {"id": order_id}
            )
        steps = won(at_once([partial(till.begin, case_id) for case_id in case_ids]))
        parked = [step for step in steps if isinstance(step, Standing)]
        assert [step.case.attention for step in parked] == ["payments_do_not_cover"] * 3
        assert till.money(order_id) == [(500, 0)]
