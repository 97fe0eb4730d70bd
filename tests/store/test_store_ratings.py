"""Do a product's figures stay true whatever reviews do, one after another and all at once?"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.feedback_messages import Category, FeedbackRequest, Satisfaction
from domain.ratings import Tally, change
from store.session import Database
from store.statistics import Slice
from store.submissions import feedback, ratings
from tests.races.at_once import at_once
from tests.shop import NOW, Shop
from tests.store.books import broken
from tests.store.till import Till

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _books_hold(database: Database) -> Iterator[None]:
    """They have to, but that nobody said what most of these tests count."""
    yield
    assert not [rule for rule in broken(database) if not rule.startswith(("V01", "V03"))]


def count(
    database: Database,
    was: int | None,
    now_is: int | None,
    *,
    sku: str = "SKU1",
    day: date = MONDAY,
    had_case: bool = False,
) -> None:
    database.run(
        lambda s: ratings.count(
            s, storefront="demo", sku=sku, day=day, was=was, now_is=now_is, had_case=had_case
        )
    )


def read(database: Database, sku: str = "SKU1") -> Tally:
    with database.snapshot() as session:
        return ratings.read(session, "demo", sku)


def by(database: Database, *names: str, **asked: Any) -> list[tuple[dict[str, Any], Tally]]:
    with database.snapshot() as session:
        return ratings.of_reviews(session, slice_of(names, asked))


def slice_of(names: tuple[str, ...], asked: dict[str, Any]) -> Slice:
    days = {"first": MONDAY, "last": TUESDAY}
    return Slice(**{**days, "storefront": None, "by": names, "most": 100} | asked)


def test_a_product_nobody_has_reviewed_has_no_scores(database: Database) -> None:
    assert read(database) == Tally()


def test_scores_are_added_replaced_and_removed(database: Database, shop: Shop) -> None:
    count(database, None, 5)
    count(database, None, 2, had_case=True)
    assert read(database) == Tally(2, 7, 29, (0, 1, 0, 0, 1), 1)
    count(database, 2, 4, had_case=True)
    assert read(database) == Tally(2, 9, 41, (0, 0, 0, 1, 1), 1)
    count(database, 4, None, had_case=True)
    assert read(database) == change(None, 5)
    count(database, 5, None)
    assert read(database) == Tally()


def test_a_score_counts_for_its_day_its_product_and_its_shop(
    database: Database, shop: Shop
) -> None:
    count(database, None, 5)
    count(database, None, 1, day=TUESDAY)
    count(database, 1, 3, day=TUESDAY)
    count(database, None, 4, sku="SKU2")
    assert read(database) == change(None, 5) + change(None, 3)
    assert by(database, "sku", "day") == [
        ({"sku": "SKU1", "day": MONDAY}, change(None, 5)),
        ({"sku": "SKU1", "day": TUESDAY}, change(None, 3)),
        ({"sku": "SKU2", "day": MONDAY}, change(None, 4)),
    ]
    assert by(database, "sku", first=TUESDAY) == [({"sku": "SKU1"}, change(None, 3))]
    assert by(database, "storefront", last=MONDAY) == [
        ({"storefront": "demo"}, change(None, 5) + change(None, 4))
    ]
    assert by(database, storefront="other") == []
    assert [len(by(database, "day", most=most)) for most in (1, 2)] == [1, 2]


def test_a_group_of_scores_that_all_were_taken_back_is_not_told(
    database: Database, shop: Shop
) -> None:
    count(database, None, 5)
    count(database, 5, None)
    assert by(database, "sku") == []


def test_the_same_score_again_changes_nothing(database: Database, shop: Shop) -> None:
    count(database, 3, 3)
    assert read(database) == Tally()


def test_what_was_never_counted_cannot_be_taken_away(database: Database, shop: Shop) -> None:
    for now_is in (None, 4):
        with pytest.raises(RuntimeError, match="rating_days has never counted"):
            count(database, 5, now_is)
    count(database, None, 2)
    for now_is in (None, 4):
        with pytest.raises(IntegrityError, match="rating_days_sums_agree"):
            count(database, 5, now_is)
    with pytest.raises(IntegrityError, match="with_case_within"):
        count(database, 2, None, had_case=True)
    assert read(database) == change(None, 2)


@pytest.mark.parametrize("table", ["rating_days", "rating_totals", "satisfaction_days"])
def test_sums_that_contradict_each_other_are_refused(
    database: Database, shop: Shop, table: str
) -> None:
    count(database, None, 5)
    satisfied(database, MONDAY, 5)
    wrong = ["n = 2", "total = 4", "squares = 24", "h5 = 0", "h1 = -1"]
    for change_ in wrong if table == "satisfaction_days" else [*wrong, "with_case = 2"]:
        with pytest.raises(IntegrityError, match=f"{table}_"), database.begin() as session:
            session.execute(text(f"update {table} set {change_}"))


def test_many_writers_at_once_neither_wait_in_a_circle_nor_lose_a_score(
    database: Database, shop: Shop
) -> None:
    """Each publishes, rates anew and takes back reviews of its own, of the same few products."""

    def write(seed: int) -> dict[str, Tally]:
        random, mine = Random(seed), list[tuple[str, date, int, bool]]()
        for _ in range(20):
            was = mine.pop(random.randrange(len(mine))) if random.random() < 0.6 and mine else None
            product = was or (random.choice("AB"), random.choice((MONDAY, TUESDAY)), 0, seed % 2)
            sku, day, stars, had_case = product
            now_is = None if was and random.random() < 0.4 else random.randint(1, 5)
            count(database, stars or None, now_is, sku=sku, day=day, had_case=bool(had_case))
            if now_is:
                mine.append((sku, day, now_is, bool(had_case)))
        return {
            sku: sum((change(None, m[2], had_case=m[3]) for m in mine if m[0] == sku), Tally())
            for sku in "AB"
        }

    left = at_once([lambda seed=seed: write(seed) for seed in range(12)])
    expected = {
        sku: sum((each[sku] for each in left if isinstance(each, dict)), Tally()) for sku in "AB"
    }
    assert {sku: read(database, sku) for sku in "AB"} == expected
    assert {group["sku"]: tally for group, tally in by(database, "sku")} == expected


def satisfied(database: Database, day: date, score: int) -> None:
    database.run(lambda s: ratings.count_satisfaction(s, storefront="demo", day=day, score=score))


def test_feedback_is_told_with_the_scores_among_it(database: Database, till: Till) -> None:
    storefront, policy = till.shop.storefront, till.shop.policy
    case_id = till.approved()
    till.pay(case_id)
    score = Satisfaction(customer_id="17850", score=4)
    words = FeedbackRequest(
        customer_id="17850", category=Category.DELIVERY, subject="late", content="a week"
    )
    with database.begin() as session:
        feedback.rate(session, case_id, score, storefront, policy, NOW)
        feedback.submit(session, words, storefront, policy, NOW - timedelta(days=1))
    assert feedback_by(database) == [({}, 2, change(None, 4))]
    assert feedback_by(database, "category") == [
        ({"category": "delivery"}, 1, Tally()),
        ({"category": "satisfaction"}, 1, change(None, 4)),
    ]
    assert feedback_by(database, "day", "storefront") == [
        ({"day": MONDAY, "storefront": "demo"}, 1, Tally()),
        ({"day": TUESDAY, "storefront": "demo"}, 1, change(None, 4)),
    ]
    assert feedback_by(database, storefront="other") == []
    assert feedback_by(database, last=MONDAY) == [({}, 1, Tally())]


def feedback_by(
    database: Database, *names: str, **asked: Any
) -> list[tuple[dict[str, Any], int, Tally]]:
    with database.snapshot() as session:
        return ratings.of_feedback(session, slice_of(names, asked))
