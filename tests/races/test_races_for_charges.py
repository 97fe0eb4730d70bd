"""Orders that share a charge pay at one moment: does it give more than it holds?"""

from functools import partial

from store.tables import Charge
from tests.races.at_once import at_once
from tests.shop import order_body, request_body
from tests.store.till import Till
from tests.workflows.gateway import charge_of

ORDERS = 8
ROUNDS = 10


def test_orders_of_one_charge_are_never_paid_more_than_it_holds(till: Till) -> None:
    for round_ in range(ROUNDS):
        name, cases = f"ch_{round_}", []
        for number in range(ORDERS):
            known = name if number % 2 else name.replace("ch_", "pi_")
            till.charges[known] = charge_of(name, captured=550)
            order_id = f"o{round_}-{number}"
            payment = {"payment": known, "provider": "stripe", "captured": 100}
            till.shop.sell(order_id, order_body((1, 100), payments=[payment]))
            to = {"kind": "store_credit"}
            case = till.shop.apply(request_body((1, 1), order_id=order_id, payout_to=to))
            till.shop.approve(case.case_id)
            cases.append(case.case_id)
        at_once([partial(till.begin, case_id) for case_id in cases])
        paid = [till.shop.read(case_id).paid for case_id in cases]
        assert sorted(paid) == [0, 0, 0, 100, 100, 100, 100, 100]
        with till.shop.database.begin() as session:
            charge = session.get_one(Charge, name)
            assert (charge.reserved, charge.refunded) == (0, 500)
