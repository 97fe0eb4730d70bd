"""Eight clients want the same at one moment: does exactly one of them get it?"""

from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from domain.cases import Stage
from domain.messages import CaseRequest
from store import opening
from store.idempotency import Kept, earlier_answer, keep
from store.session import Database
from tests.races.at_once import at_once, slugs, won
from tests.shop import NOW, Shop, order_body, request_body
from tests.store.till import Till

ROUNDS = 100
CLIENTS = 8


def open_case(shop: Shop, order_id: str) -> UUID:
    shop.sell(order_id, order_body((1, 1000)))
    return shop.apply(request_body((1, 1), order_id=order_id)).case_id


def test_one_unit_is_given_to_one_of_eight_openings(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        order_id = f"o{number}"
        shop.sell(order_id, order_body((1, 1000)))
        body = request_body((1, 1), order_id=order_id)
        outcomes = at_once([partial(shop.apply, body)] * CLIENTS)
        assert len(won(outcomes)) == 1
        assert slugs(outcomes) == {"units-not-available": CLIENTS - 1}
        assert till.units(order_id).claimed == 1


def test_one_word_decides_a_case_that_eight_want_to_decide(till: Till) -> None:
    shop = till.shop
    losers = {
        Stage.PAYING: {"already-decided": 6, "too-late": 1},
        Stage.REJECTED: {"already-decided": 6, "case-closed": 1},
        Stage.CANCELLED: {"case-closed": 7},
    }
    for number in range(ROUNDS):
        case_id = open_case(shop, f"o{number}")
        outcomes = at_once(
            [
                partial(shop.approve, case_id),
                partial(shop.reject, case_id),
                partial(shop.cancel, case_id),
                partial(shop.approve, case_id, shop.auditor),
                partial(shop.reject, case_id, shop.auditor),
                partial(shop.approve, case_id, shop.other_lead),
                partial(shop.reject, case_id, shop.other_lead),
                partial(shop.reject, case_id),
            ]
        )
        (winner,) = won(outcomes)
        assert slugs(outcomes) == losers[Stage(winner.stage)]
        assert shop.read(case_id).stage == winner.stage
        assert len(till.events(case_id)) == 2


def test_one_decision_sent_eight_times_is_taken_once(till: Till) -> None:
    shop = till.shop
    for number in range(ROUNDS):
        case_id = open_case(shop, f"o{number}")
        outcomes = at_once([partial(shop.approve, case_id, decision_id=f"d-{number}")] * CLIENTS)
        assert [(case.stage, case.version) for case in won(outcomes)] == [("paying", 2)] * CLIENTS
        assert len(till.record(case_id).decisions) == 1


def test_fifty_equal_keys_open_one_case(till: Till, database_url: str) -> None:
    shop, clients = till.shop, 50
    crowd = Database(database_url, pool=clients)
    for number in range(10):
        order_id = f"o{number}"
        shop.sell(order_id, order_body((clients, 5000)))
        outcomes = at_once([partial(_accept, crowd, shop, order_id)] * clients)
        answers = set(won(outcomes))
        assert len(answers) == 1
        assert slugs(outcomes).keys() <= {"idempotency-key-in-use"}
        assert _accept(crowd, shop, order_id) in answers
        assert till.units(order_id).claimed == 1
    crowd.close()


def _accept(database: Database, shop: Shop, order_id: str) -> Kept:
    """Open a case on one unit under the order's own key, or give the answer already given."""
    body = request_body((1, 1), order_id=order_id)
    key = ("demo", "POST /v1/cases", f"key-of-{order_id}")

    def accept(session: Session) -> Kept:
        if kept := earlier_answer(session, *key, body):
            return kept
        request = CaseRequest.model_validate(body)
        case = opening.open_case(session, request, shop.storefront, shop.policy, NOW)
        kept = Kept(201, f"/v1/cases/{case.case_id}", "{}", case.case_id)
        keep(session, *key, body, kept)
        return kept

    return database.run(accept)
