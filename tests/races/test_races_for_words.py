"""Eight clients say or decide the same at one moment: does exactly one of them have their way?"""

from functools import partial

from sqlalchemy import func, select

from store.tables import Case, Review
from tests.correspondents import Correspondents
from tests.races.at_once import at_once, slugs, won
from tests.reviewers import Reviewers
from tests.shop import Shop, order_body, request_body

ROUNDS = 10
CLIENTS = 8


def test_one_of_eight_scores_counts(shop: Shop) -> None:
    buyers = Correspondents(shop)
    for number in range(ROUNDS):
        case_id = buyers.closed_case(f"o{number}")
        outcomes = at_once([partial(buyers.rates, case_id, 4)] * CLIENTS)
        assert len(won(outcomes)) == 1
        assert slugs(outcomes) == {"already-rated": CLIENTS - 1}
    assert buyers.scores() == {"2026-11-24": [0, 0, 0, ROUNDS, 0]}


def test_feedback_becomes_one_thing_of_the_eight_that_it_could_become(shop: Shop) -> None:
    buyers = Correspondents(shop)
    for number in range(ROUNDS):
        order_id = f"o{number}"
        shop.sell(order_id, order_body((8, 1600)))
        feedback_id = buyers.writes()
        case = partial(buyers.converts, feedback_id, case=request_body((1, 1), order_id=order_id))
        said = {"order_id": order_id, "line": 1, "stars": 2}
        review = partial(buyers.converts, feedback_id, review=said)
        outcomes = at_once([case, review] * (CLIENTS // 2))
        assert len(won(outcomes)) == 1
        assert slugs(outcomes) == {"feedback-closed": CLIENTS - 1}
    with shop.session() as session:
        cases = session.scalar(select(func.count()).select_from(Case))
        reviews = session.scalar(select(func.count()).select_from(Review))
    assert (cases or 0) + (reviews or 0) == ROUNDS


def test_feedback_is_let_in_refused_closed_or_converted_and_no_two_of_these(shop: Shop) -> None:
    buyers = Correspondents(shop)
    for number in range(ROUNDS):
        order_id = f"o{number}"
        shop.sell(order_id, order_body((8, 1600)))
        feedback_id = buyers.writes()
        at_once(
            [
                partial(buyers.rejects, feedback_id),
                partial(buyers.rejects, feedback_id, shop.lead),
                partial(buyers.closes, feedback_id),
                partial(buyers.closes, feedback_id, shop.lead),
                partial(buyers.converts, feedback_id, case=request_body((1, 1), order_id=order_id)),
                partial(buyers.answers, feedback_id),
                partial(buyers.answers, feedback_id, "Sorry.", shop.lead),
                partial(buyers.approves, feedback_id),
            ]
        )
        record = buyers.record(feedback_id)
        assert len(record.decisions) <= 1
        over = record.submission.stage in ("rejected", "closed", "converted")
        assert over == (record.submission.closed_at is not None)
        rejected = record.submission.stage == "rejected"
        assert rejected == ([each.verdict for each in record.decisions] == ["reject"])
        assert [each.n for each in record.thread] == [n + 1 for n in range(len(record.thread))]


def test_a_line_gets_one_of_eight_reviews(shop: Shop) -> None:
    buyers = Reviewers(shop)
    for number in range(ROUNDS):
        buyers.sells(f"o{number}")
        outcomes = at_once([partial(buyers.submits, f"o{number}")] * CLIENTS)
        assert len(won(outcomes)) == 1
        assert slugs(outcomes) == {"already-reviewed": CLIENTS - 1}
