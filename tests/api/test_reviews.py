"""A review over HTTP: written, refused, appealed for, let in, edited, answered, taken back."""

from typing import Any

import pytest

from domain.people import Role
from tests.api.buyers import NOBODYS, acts, done, edits, published, sends, submitted, written_down
from tests.api.callers import Caller, Callers, new_key, slug
from tests.reviewers import BUYER, words
from tests.shop import Shop

STAFF = ("alice", "lea", "leo")


@pytest.fixture
def rival(api: Callers, shop: Shop) -> Caller:
    shop.hire("rival", Role.STOREFRONT, storefront="rival")
    return api.named("rival")


def test_a_review_is_answered_with_where_it_stands_and_where_it_is(api: Callers) -> None:
    api.sells()
    answer = sends(api.storefront, stars=4, content="  Good. ", anonymous=True)
    review = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/reviews/{review['review_id']}"
    assert (review["stage"], review["waiting_for"]) == ("awaiting_audit", "auditor")
    assert (review["verified"], review["published"], review["overdue"]) == (True, None, False)
    said = review["latest"]
    assert (said["n"], said["stars"], said["content"], said["anonymous"]) == (1, 4, "Good.", True)
    assert review["workflow_id"] == f"review/{review['review_id']}"
    assert api.storefront.get(answer.headers["location"]).json() == review


def test_the_same_key_is_the_same_review(api: Callers) -> None:
    api.sells()
    key = new_key()
    first = sends(api.storefront, key=key)
    done(api.auditor, first.json(), "approve")
    again = sends(api.storefront, key=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert slug(sends(api.storefront, key=key, stars=1)) == "idempotency-key-reused"
    assert len(api.lead.get("/v1/reviews").json()["items"]) == 1


def test_a_key_of_cases_is_free_for_reviews(api: Callers) -> None:
    api.sells()
    key = new_key()
    body = {"kind": "refund", "order_id": "o1", "lines": [{"line": 1, "quantity": 1}]}
    opened = api.storefront.post("/v1/cases", {**body, "reason": "damaged"}, key=key)
    assert opened.status_code == 201
    assert sends(api.storefront, key=key).status_code == 201


def test_a_refusal_gives_its_author_the_reason_and_no_name(api: Callers) -> None:
    review = submitted(api)
    done(api.auditor, review, "reject", reason="personal_data", note="Leave the address out.")
    (verdict,) = api.storefront.get(f"/v1/reviews/{review['review_id']}").json()["decisions"]
    assert (verdict["verdict"], verdict["actor"]) == ("reject", "auditor")
    assert (verdict["reason"], verdict["note"]) == ("personal_data", "Leave the address out.")


def test_an_appeal_is_decided_by_somebody_else(api: Callers) -> None:
    review = submitted(api)
    assert slug(acts(api.storefront, review, "appeal", customer_id=BUYER)) == "not-refused"
    done(api.auditor, review, "reject", reason="fake")
    appealed = done(api.storefront, review, "appeal", customer_id=BUYER, note="I do have it.")
    assert (appealed["stage"], bool(appealed["appealed_at"])) == ("awaiting_appeal", True)
    assert slug(acts(api.auditor, review, "approve")) == "four-eyes"
    assert done(api.lead, review, "approve")["stage"] == "published"
    assert slug(acts(api.storefront, review, "appeal", customer_id=BUYER)) == "already-appealed"


def test_a_decision_is_taken_once_and_its_repetition_changes_nothing(
    api: Callers, shop: Shop
) -> None:
    review = submitted(api)
    word = {"decision_id": "d-1", "version": review["version"]}
    first = done(api.auditor, review, "approve", **word)
    before = written_down(shop)
    assert done(api.auditor, review, "approve", **word) == first
    refused = acts(api.lead, review, "reject", reason="other")
    assert (refused.status_code, slug(refused)) == (409, "already-decided")
    assert (refused.json()["decision_id"], refused.json()["actor"]) == ("d-1", "alice")
    assert slug(acts(api.auditor, review, "reject", reason="other", decision_id="d-1")) == (
        "decision-id-reused"
    )
    assert written_down(shop) == before


def test_who_read_an_older_version_does_not_let_in_a_newer_one(api: Callers) -> None:
    review = submitted(api)
    assert edits(api, review, stars=1).status_code == 200
    refused = acts(api.auditor, review, "approve", version=review["version"])
    assert (slug(refused), refused.json()["version"]) == ("version-conflict", 2)


def test_what_was_published_stays_in_sight_until_the_edit_is_let_in(api: Callers) -> None:
    review = published(api, stars=5)
    edited = edits(api, review, stars=2, content="It broke.").json()
    assert (edited["latest"]["n"], edited["published"]["n"]) == (2, 1)
    assert seen(api)["stars"] == 5
    done(api.lead, review, "approve")
    assert (seen(api)["stars"], seen(api)["edited"]) == (2, True)


def test_an_edit_may_ask_that_nothing_has_happened_meanwhile(api: Callers) -> None:
    review = published(api)
    assert slug(edits(api, review, stars=1, version=1)) == "version-conflict"
    assert edits(api, review, stars=1, version=2).status_code == 200


def test_a_withdrawn_review_is_gone_for_good(api: Callers) -> None:
    review = published(api)
    gone = done(api.storefront, review, "withdraw", customer_id=BUYER)
    assert (gone["stage"], gone["published"]) == ("withdrawn", None)
    assert done(api.storefront, review, "withdraw", customer_id=BUYER) == gone
    assert api.storefront.get("/v1/products/SKU1/reviews").json()["items"] == []
    assert slug(edits(api, review, stars=1)) == "review-withdrawn"
    assert slug(acts(api.auditor, review, "approve")) == "review-withdrawn"
    assert slug(acts(api.lead, review, "reply", content="Sorry.")) == "not-published"


def test_the_shop_replies_once(api: Callers) -> None:
    review = submitted(api)
    assert slug(acts(api.lead, review, "reply", content="Thanks.")) == "not-published"
    done(api.auditor, review, "approve")
    replied = done(api.lead, review, "reply", content="Thanks.")
    assert replied["reply"]["content"] == seen(api)["reply"]["content"] == "Thanks."
    assert slug(acts(api.auditor, review, "reply", content="No.")) == "already-replied"


def test_a_customer_finds_a_review_helpful_once(api: Callers) -> None:
    review = submitted(api)
    assert slug(acts(api.storefront, review, "helpful", customer_id="c1")) == "not-published"
    done(api.auditor, review, "approve")
    for customer, votes in (("c1", 1), ("c1", 1), ("c2", 2)):
        after = done(api.storefront, review, "helpful", customer_id=customer)
        assert after["helpful"] == votes
    assert slug(acts(api.storefront, review, "helpful", customer_id=BUYER)) == "own-review"
    for _ in range(2):
        path = f"/v1/reviews/{review['review_id']}/helpful/c1"
        answer = api.client.request("DELETE", path, headers=api.storefront.headers)
        assert (answer.status_code, answer.json()["helpful"]) == (200, 1)


def test_a_review_waits_for_the_case_of_its_line(api: Callers) -> None:
    api.sells()
    api.applies((1, 1))
    review = sends(api.storefront).json()
    assert (review["stage"], review["waiting_for"]) == ("on_hold", "case")
    assert slug(acts(api.lead, review, "approve")) == "on-hold"


def test_events_say_what_happened_one_a_version(api: Callers) -> None:
    review = submitted(api)
    done(api.auditor, review, "reject", reason="fake")
    done(api.storefront, review, "appeal", customer_id=BUYER)
    review = done(api.lead, review, "approve")
    path = f"/v1/reviews/{review['review_id']}/events"
    events = api.lead.get(path).json()["items"]
    assert [event["seq"] for event in events] == list(range(1, review["version"] + 1))
    assert [event["what"] for event in events] == ["submitted", "rejected", "appealed", "approved"]
    assert events[-1]["to"] == review["stage"] == "published"
    first = api.lead.get(path, limit=3).json()
    rest = api.lead.get(path, limit=3, cursor=first["next"]).json()
    assert first["items"] + rest["items"] == events


def test_a_storefront_never_learns_who_read_its_reviews(api: Callers) -> None:
    review = submitted(api)
    done(api.auditor, review, "reject", reason="fake")
    done(api.storefront, review, "appeal", customer_id=BUYER)
    done(api.lead, review, "approve")
    done(api.lead, review, "reply", content="Thanks.")
    path = f"/v1/reviews/{review['review_id']}"
    for asked in (path, f"{path}/events", "/v1/reviews", "/v1/products/SKU1/reviews"):
        told = api.storefront.get(asked).text
        assert not [name for name in STAFF if f'"{name}"' in told], asked
    assert '"alice"' in api.lead.get(f"{path}/events").text


def test_anothers_review_is_as_one_that_does_not_exist(
    api: Callers, rival: Caller, shop: Shop
) -> None:
    review = published(api)
    before = written_down(shop)
    for method, verb, body in (
        ("GET", "", None),
        ("GET", "/events", None),
        ("PUT", "", words(stars=1)),
        ("POST", "/withdraw", {"customer_id": BUYER}),
        ("POST", "/appeal", {"customer_id": BUYER}),
        ("POST", "/helpful", {"customer_id": "c1"}),
        ("DELETE", "/helpful/c1", None),
    ):
        theirs, nobodys = (
            asked(rival, method, f"/v1/reviews/{named}{verb}", body)
            for named in (review["review_id"], NOBODYS)
        )
        assert slug(theirs) == "review-not-found", (method, verb)
        assert theirs.json() == nobodys.json()
    assert rival.get("/v1/reviews", storefront="demo").json() == {"items": [], "next": None}
    assert rival.get("/v1/products/SKU1/reviews").json() == {"items": [], "next": None}
    assert written_down(shop) == before


def test_another_customer_does_not_change_a_review(api: Callers, shop: Shop) -> None:
    review = published(api)
    before = written_down(shop)
    assert slug(edits(api, review, stars=1, customer_id="someone")) == "review-not-found"
    for verb in ("withdraw", "appeal"):
        refused = acts(api.storefront, review, verb, customer_id="someone")
        assert slug(refused) == "review-not-found"
    assert written_down(shop) == before


def asked(caller: Caller, method: str, path: str, body: Any) -> Any:
    return caller.client.request(method, path, headers=caller.headers, json=body)


def seen(api: Callers) -> dict[str, Any]:
    """The one review that everybody sees."""
    (review,) = api.storefront.get("/v1/products/SKU1/reviews").json()["items"]
    shown: dict[str, Any] = review
    return shown
