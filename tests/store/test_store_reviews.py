"""A buyer's word goes its way: written, audited, seen, changed, taken back; and it counts."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.refusals import Refusal
from store.submissions import reviews
from tests.reviewers import Reviewers
from tests.shop import NOW, Shop, order_body, request_body


@pytest.fixture
def buyers(shop: Shop) -> Reviewers:
    buyers = Reviewers(shop)
    buyers.sells()
    return buyers


def refused(slug: str) -> pytest.RaisesExc[Refusal]:
    return pytest.raises(Refusal, match=f"^{slug}$")


def test_a_review_counts_from_the_moment_that_it_is_let_in(buyers: Reviewers) -> None:
    review_id = buyers.submits(stars=4)
    assert (buyers.stage(review_id), buyers.stars()) == ("awaiting_audit", [0, 0, 0, 0, 0])
    buyers.approves(review_id)
    assert (buyers.stage(review_id), buyers.stars()) == ("published", [0, 0, 0, 1, 0])


def test_what_was_refused_is_seen_by_nobody(buyers: Reviewers) -> None:
    review_id = buyers.submits()
    buyers.rejects(review_id)
    assert (buyers.stage(review_id), buyers.stars()) == ("rejected", [0, 0, 0, 0, 0])


def test_an_edit_replaces_what_is_seen_once_it_is_let_in(buyers: Reviewers) -> None:
    review_id = buyers.submits(stars=5)
    buyers.approves(review_id)
    buyers.edits(review_id, stars=1)
    assert (buyers.stage(review_id), buyers.stars()) == ("awaiting_audit", [0, 0, 0, 0, 1])
    assert buyers.review(review_id).published == 1
    buyers.approves(review_id)
    assert buyers.stars() == [1, 0, 0, 0, 0]
    assert buyers.review(review_id).published == 2


def test_an_edit_that_is_refused_leaves_what_was_seen(buyers: Reviewers) -> None:
    review_id = buyers.submits(stars=5)
    buyers.approves(review_id)
    buyers.edits(review_id, stars=1)
    buyers.rejects(review_id)
    assert (buyers.stage(review_id), buyers.stars()) == ("rejected", [0, 0, 0, 0, 1])


def test_a_withdrawn_review_counts_no_more_and_leaves_its_line_free(buyers: Reviewers) -> None:
    review_id = buyers.submits()
    buyers.approves(review_id)
    buyers.withdraws(review_id)
    buyers.withdraws(review_id)
    assert (buyers.stage(review_id), buyers.stars()) == ("withdrawn", [0, 0, 0, 0, 0])
    with refused("review-withdrawn"):
        buyers.edits(review_id)
    assert buyers.submits() != review_id


def test_a_line_has_one_live_review(buyers: Reviewers) -> None:
    review_id = buyers.submits()
    with refused("already-reviewed"):
        buyers.submits()
    buyers.rejects(review_id)
    with refused("already-reviewed"):
        buyers.submits()


def test_only_who_bought_a_line_reviews_it(buyers: Reviewers) -> None:
    for slug, fields in {
        "not-bought": {"customer_id": "someone-else"},
        "unknown-line": {"line": 2},
        "order-not-found": {"order_id": "o2"},
    }.items():
        with refused(slug):
            buyers.submits(**fields)


def test_an_appeal_is_decided_by_somebody_else_and_there_is_one(buyers: Reviewers) -> None:
    review_id = buyers.submits()
    with refused("not-refused"):
        buyers.appeals(review_id)
    buyers.rejects(review_id)
    buyers.appeals(review_id)
    assert buyers.stage(review_id) == "awaiting_appeal"
    with refused("four-eyes"):
        buyers.approves(review_id)
    buyers.rejects(review_id, buyers.shop.lead)
    with refused("already-appealed"):
        buyers.appeals(review_id)


def test_an_appeal_that_is_won_publishes(buyers: Reviewers) -> None:
    review_id = buyers.submits(stars=2)
    buyers.rejects(review_id)
    buyers.appeals(review_id)
    buyers.approves(review_id, buyers.shop.lead)
    assert (buyers.stage(review_id), buyers.stars()) == ("published", [0, 1, 0, 0, 0])


def test_an_appeal_comes_before_its_last_day_ends_or_not_at_all(buyers: Reviewers) -> None:
    review_id = buyers.submits()
    buyers.rejects(review_id)
    end = NOW.replace(hour=0, minute=0) + timedelta(days=15)
    with refused("too-late-to-appeal"):
        buyers.appeals(review_id, end)
    buyers.appeals(review_id, end - timedelta(seconds=1))


def test_a_decided_review_is_not_decided_again(buyers: Reviewers) -> None:
    review_id = buyers.submits()
    buyers.approves(review_id, decision_id="d1")
    buyers.approves(review_id, decision_id="d1")
    with refused("already-decided"):
        buyers.rejects(review_id)
    with refused("decision-id-reused"):
        buyers.rejects(review_id, decision_id="d1")
    assert buyers.stars() == [0, 0, 0, 0, 1]


def test_who_read_an_older_version_does_not_decide_on_the_newer_one(buyers: Reviewers) -> None:
    review_id = buyers.submits()
    buyers.edits(review_id, stars=1)
    with refused("version-conflict"):
        buyers.approves(review_id, version=1)
    buyers.approves(review_id, version=2)
    assert buyers.stars() == [1, 0, 0, 0, 0]


def test_a_review_waits_while_its_line_has_an_open_case_and_says_so_later(
    buyers: Reviewers,
) -> None:
    case = buyers.shop.apply(request_body((1, 1)))
    review_id = buyers.submits()
    assert buyers.stage(review_id) == "on_hold"
    with refused("on-hold"):
        buyers.approves(review_id)
    buyers.shop.reject(case.case_id)
    go_on(buyers, review_id)
    buyers.approves(review_id)
    assert buyers.review(review_id).had_case


def test_a_case_that_comes_before_the_audit_is_waited_for(buyers: Reviewers) -> None:
    review_id = buyers.submits()
    first = buyers.shop.apply(request_body((1, 1)))
    assert buyers.stage(review_id) == "on_hold"
    second = buyers.shop.apply(request_body((1, 1)))
    buyers.shop.cancel(first.case_id)
    go_on(buyers, review_id)
    assert buyers.stage(review_id) == "on_hold"
    buyers.shop.cancel(second.case_id)
    go_on(buyers, review_id)
    buyers.approves(review_id)
    assert not buyers.review(review_id).had_case, "cases that were taken back say nothing"


def test_a_review_counts_for_the_day_on_which_it_was_first_seen(buyers: Reviewers) -> None:
    review_id = buyers.submits()
    buyers.approves(review_id)
    day = buyers.review(review_id).published_on
    buyers.edits(review_id, now=NOW + timedelta(days=3), stars=2)
    buyers.approves(review_id, now=NOW + timedelta(days=3))
    assert buyers.review(review_id).published_on == day == NOW.date()


def go_on(buyers: Reviewers, review_id: UUID) -> None:
    buyers.database.run(lambda s: reviews.go_on(s, review_id, buyers.shop.policy, NOW))


def test_the_same_words_again_are_no_edit(buyers: Reviewers) -> None:
    review_id = buyers.submits(stars=2)
    buyers.rejects(review_id)
    buyers.edits(review_id, stars=2)
    assert buyers.stage(review_id) == "rejected"
    assert buyers.review(review_id).versions == 1


def test_a_withdrawn_review_is_not_decided_on(buyers: Reviewers) -> None:
    review_id = buyers.submits()
    buyers.withdraws(review_id)
    with refused("review-withdrawn"):
        buyers.approves(review_id)


def test_an_order_may_still_be_put_right_except_for_the_lines_that_were_reviewed(
    buyers: Reviewers,
) -> None:
    review_id = buyers.submits()
    buyers.shop.sell("o1", order_body((3, 1200), (1, 500)))
    buyers.approves(review_id)
    other = order_body((3, 1200))
    other["lines"][0]["sku"] = "SKU9"
    for changed in (other, order_body((3, 1200)) | {"lines": [other["lines"][0] | {"line": 2}]}):
        with refused("order-frozen"):
            buyers.shop.sell("o1", changed)
    buyers.shop.sell("o1", order_body((2, 1000)))
    assert buyers.stars() == [0, 0, 0, 0, 1]
