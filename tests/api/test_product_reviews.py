"""What everybody reads of a product: published reviews, by date, helpfulness or stars, in pages."""

from typing import Any

import pytest
from sqlalchemy import event, update

from store.tables import Review
from tests.api.buyers import done, edits, published, submitted
from tests.api.callers import Callers, slug
from tests.reviewers import BUYER
from tests.shop import NOW

PRODUCT = "/v1/products/SKU1/reviews"
SORTS = ("newest", "helpful", "stars")


def several(api: Callers) -> None:
    """Seven reviews with few stars and fewer votes, so that many are alike."""
    for n, (stars, votes) in enumerate([(5, 0), (1, 2), (3, 1), (5, 2), (3, 0), (1, 1), (5, 1)]):
        review = published(api, f"o{n}", stars=stars)
        for customer in range(votes):
            done(api.storefront, review, "helpful", customer_id=f"c{customer}")


def read(api: Callers, limit: int, **query: Any) -> list[dict[str, Any]]:
    """Every page, one after the other."""
    seen: list[dict[str, Any]] = []
    while True:
        page = api.storefront.get(PRODUCT, limit=limit, **query).json()
        seen += page["items"]
        if page["next"] is None:
            return seen
        query["cursor"] = page["next"]


def test_pages_go_through_a_products_reviews_in_each_order(api: Callers) -> None:
    several(api)
    ranked = {"newest": "published_at", "helpful": "helpful", "stars": "stars"}
    for sort, field in ranked.items():
        whole = read(api, 50, sort=sort)
        assert len(whole) == 7
        assert [each[field] for each in whole] == sorted((e[field] for e in whole), reverse=True)
        for limit in (1, 2, 3):
            assert read(api, limit, sort=sort) == whole, (sort, limit)
    assert read(api, 50) == read(api, 50, sort="newest")


def test_reviews_of_the_same_instant_are_each_shown_once(api: Callers) -> None:
    several(api)
    with api.shop.database.begin() as session:
        session.execute(update(Review).values(published_at=NOW))
    assert len({each["review_id"] for each in read(api, 2)}) == 7


def test_one_number_of_stars_is_asked_for(api: Callers) -> None:
    several(api)
    for sort in SORTS:
        assert [each["stars"] for each in read(api, 2, sort=sort, stars=5)] == [5, 5, 5]
    assert read(api, 50, stars=4) == []


@pytest.mark.parametrize("query", ["stars=0", "stars=6", "stars=x", "sort=oldest", "limit=201"])
def test_queries_of_another_form_are_invalid(api: Callers, query: str) -> None:
    assert slug(api.storefront.get(f"{PRODUCT}?{query}")) == "invalid"


@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_that_was_changed_or_is_another_lists_is_refused(api: Callers, sort: str) -> None:
    several(api)
    cursor = api.storefront.get(PRODUCT, sort=sort, limit=1).json()["next"]
    changed = [
        cursor[:n] + ("B" if c == "A" else "A") + cursor[n + 1 :] for n, c in enumerate(cursor)
    ]
    of_reviews = api.storefront.get("/v1/reviews", limit=1).json()["next"]
    for forged in (*changed, "", cursor[:-1], cursor + "A", "é", "a" * 5000, of_reviews):
        assert slug(api.storefront.get(PRODUCT, sort=sort, cursor=forged)) == "bad-cursor"
    for other in set(SORTS) - {sort}:
        assert slug(api.storefront.get(PRODUCT, sort=other, cursor=cursor)) == "bad-cursor"
    assert slug(api.storefront.get("/v1/reviews", cursor=cursor)) == "bad-cursor"


def test_only_what_was_let_in_is_seen(api: Callers) -> None:
    submitted(api, "o1")
    done(api.auditor, submitted(api, "o2"), "reject", reason="fake")
    done(api.storefront, published(api, "o3"), "withdraw", customer_id=BUYER)
    assert read(api, 50) == []
    shown = published(api, "o4", content="Seen.")
    edits(api, shown, content="Not yet seen.")
    assert [each["content"] for each in read(api, 50)] == ["Seen."]


def test_an_author_who_wants_no_name_to_be_seen_has_none(api: Callers) -> None:
    review = published(api, anonymous=True)
    (shown,) = read(api, 50)
    assert shown["customer_id"] is None
    edits(api, review, anonymous=False)
    assert read(api, 50)[0]["customer_id"] is None, "until that is let in"
    done(api.lead, review, "approve")
    assert read(api, 50)[0]["customer_id"] == BUYER


def test_a_buyers_trouble_with_the_line_is_told(api: Callers) -> None:
    api.sells("o1")
    case = api.applies((1, 1))
    api.lead.post(f"/v1/cases/{case['case_id']}/reject", {"reason": "used", "note": ""})
    published(api, "o1")
    published(api, "o2")
    assert [each["had_case"] for each in read(api, 50)] == [False, True]


def test_staff_name_the_storefront(api: Callers) -> None:
    published(api)
    assert slug(api.lead.get(PRODUCT)) == "invalid"
    assert len(api.lead.get(PRODUCT, storefront="demo").json()["items"]) == 1
    assert api.lead.get(PRODUCT, storefront="none").json()["items"] == []


def test_a_long_page_takes_no_more_queries_than_a_short_one(api: Callers) -> None:
    several(api)
    statements: list[str] = []
    event.listen(
        api.shop.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2])
    )
    for path in (PRODUCT, "/v1/reviews"):
        counts = []
        for limit in (1, 7):
            statements.clear()
            assert len(api.storefront.get(path, limit=limit).json()["items"]) == limit
            counts.append(len(statements))
        assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 3),
        ({"stage": "published"}, 1),
        ({"waiting_for": "auditor"}, 2),
        ({"sku": "SKU1"}, 3),
        ({"sku": "SKU"}, 0),
        ({"order_id": "o2"}, 1),
        ({"customer_id": BUYER}, 3),
        ({"overdue": "false"}, 3),
        ({"overdue": "true"}, 0),
        ({"storefront": "demo"}, 3),
        ({"storefront": "other"}, 0),
    ],
)
def test_reviews_are_found_by_what_they_are(
    api: Callers, query: dict[str, str], found: int
) -> None:
    published(api, "o1")
    submitted(api, "o2")
    submitted(api, "o3")
    for caller in (api.lead, api.storefront):
        assert len(caller.get("/v1/reviews", **query).json()["items"]) == found


def test_reviews_in_every_stage_are_listed_newest_first(api: Callers) -> None:
    expected = [submitted(api, f"o{n}")["review_id"] for n in range(5)][::-1]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while query.get("cursor", "") is not None:
        page = api.auditor.get("/v1/reviews", **query).json()
        seen += [each["review_id"] for each in page["items"]]
        query["cursor"] = page["next"]
    assert seen == expected
