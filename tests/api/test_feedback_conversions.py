"""Feedback becomes the case or the review that it really is, with one call and for good."""

from typing import Any

import pytest

from tests.api.buyers import sends, written_down
from tests.api.callers import Callers, new_key, slug
from tests.api.correspondence import converts, path_of, said, says, written
from tests.api.pictures import photo
from tests.correspondents import BUYER
from tests.shop import Shop, request_body

REVIEW = {"order_id": "o1", "line": 1, "stars": 2}
CASE = request_body((1, 1))
THEIRS = {"order_id": "theirs"}

REFUSED: dict[str, tuple[int, str, dict[str, Any]]] = {
    "a case of another customer's order": (422, "not-bought", {"case": CASE | THEIRS}),
    "a review of another customer's line": (422, "not-bought", {"review": REVIEW | THEIRS}),
    "a case of no order": (404, "order-not-found", {"case": CASE | {"order_id": "none"}}),
    "a review of no order": (404, "order-not-found", {"review": REVIEW | {"order_id": "none"}}),
    "a case of no line": (422, "unknown-line", {"case": request_body((7, 1))}),
    "a review of no line": (422, "unknown-line", {"review": REVIEW | {"line": 7}}),
    "a line twice": (422, "line-repeated", {"case": request_body((1, 1), (1, 1))}),
    "more than bought": (409, "units-not-available", {"case": request_body((1, 7))}),
    "more than paid": (422, "amount-too-high", {"case": CASE | {"amount": 2000}}),
    "shipping that is not": (
        422,
        "shipping-not-refundable",
        {"case": CASE | {"include_shipping": True}},
    ),
    "too late a case": (422, "not-eligible", {"case": CASE | {"order_id": "late"}}),
    "a second review": (409, "already-reviewed", {"review": REVIEW | {"line": 2}}),
}
OF_NO_FORM: dict[str, dict[str, Any]] = {
    "neither": {},
    "both": {"case": CASE, "review": REVIEW},
    "nothing": {"case": None, "review": None},
    "a case of no kind": {"case": CASE | {"kind": "feedback"}},
    "a case of no lines": {"case": CASE | {"lines": []}},
    "six stars": {"review": REVIEW | {"stars": 6}},
    "no stars": {"review": REVIEW | {"stars": 0}},
    "half a star": {"review": REVIEW | {"stars": 4.5}},
    "an empty review": {"review": REVIEW | {"content": ""}},
    "too much said": {"review": REVIEW | {"content": "x" * 5001}},
    "another's name": {"review": REVIEW | {"customer_id": "someone"}},
    "another field": {"case": CASE, "why": "because"},
}


@pytest.fixture
def feedback(api: Callers) -> dict[str, Any]:
    """Feedback of a customer with two orders, one of them old; somebody else has one too."""
    api.sells("o1", (6, 1530), (1, 500))
    api.sells(
        "late", (1, 500), delivered_at="2026-01-02T00:00:00Z", ordered_at="2026-01-01T00:00:00Z"
    )
    api.sells("theirs", (1, 500), customer={"id": "someone"})
    assert sends(api.storefront, line=2).status_code == 201
    return written(api)


def test_it_becomes_a_case_and_each_names_the_other(api: Callers) -> None:
    api.sells()
    feedback = written(api)
    answer = converts(api.storefront, feedback, case=request_body((1, 2)))
    case_id = answer.json()["converted_to"]["case_id"]
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/cases/{case_id}")
    assert (answer.json()["stage"], answer.json()["waiting_for"]) == ("converted", None)
    assert answer.json()["converted_to"]["review_id"] is None
    case = api.storefront.get(f"/v1/cases/{case_id}").json()
    assert (case["feedback_id"], case["customer_id"]) == (feedback["feedback_id"], BUYER)
    assert (case["stage"], case["amount"]["total"]) == ("awaiting_audit", 510)
    (listed,) = api.lead.get("/v1/cases").json()["items"]
    assert listed["feedback_id"] == feedback["feedback_id"]


def test_it_becomes_a_review_of_the_same_words_and_each_names_the_other(api: Callers) -> None:
    api.sells()
    feedback = written(api, content="It does not ring.")
    answer = converts(api.storefront, feedback, review=REVIEW)
    review_id = answer.json()["converted_to"]["review_id"]
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/reviews/{review_id}")
    assert (answer.json()["stage"], answer.json()["converted_to"]["case_id"]) == ("converted", None)
    review = api.storefront.get(f"/v1/reviews/{review_id}").json()
    assert (review["feedback_id"], review["customer_id"]) == (feedback["feedback_id"], BUYER)
    said_anew = (review["stage"], review["latest"]["stars"], review["latest"]["content"])
    assert said_anew == ("awaiting_audit", 2, "It does not ring.")


def test_a_review_made_of_it_may_say_something_else_and_show_photos(api: Callers) -> None:
    api.sells()
    headers = api.storefront.headers | {
        "Idempotency-Key": new_key(),
        "Content-Type": "image/jpeg",
    }
    upload = api.client.post("/v1/uploads", headers=headers, content=photo()).json()["upload_id"]
    words = {**REVIEW, "content": "Mute.", "photos": [upload], "anonymous": True}
    answer = converts(api.storefront, written(api), review=words)
    review_id = answer.json()["converted_to"]["review_id"]
    latest = api.storefront.get(f"/v1/reviews/{review_id}").json()["latest"]
    assert (latest["content"], latest["photos"], latest["anonymous"]) == ("Mute.", [upload], True)


def test_the_same_key_converts_once(api: Callers, shop: Shop) -> None:
    api.sells()
    feedback, other = written(api), written(api)
    key = new_key()
    first = converts(api.storefront, feedback, key=key, case=CASE)
    before = written_down(shop)
    again = converts(api.storefront, feedback, key=key, case=CASE)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    for reused in (
        converts(api.storefront, feedback, key=key, case=request_body((1, 2))),
        converts(api.storefront, other, key=key, case=CASE),
    ):
        assert slug(reused) == "idempotency-key-reused"
    assert written_down(shop) == before


def test_what_it_cannot_become_is_refused_by_name(
    api: Callers, shop: Shop, feedback: dict[str, Any]
) -> None:
    before = written_down(shop)
    for what, (status, expected, wanted) in REFUSED.items():
        answer = converts(api.storefront, feedback, **wanted)
        assert (answer.status_code, slug(answer)) == (status, expected), what
    assert written_down(shop) == before


def test_what_is_of_no_form_is_invalid(api: Callers, shop: Shop, feedback: dict[str, Any]) -> None:
    before = written_down(shop)
    for what, wanted in OF_NO_FORM.items():
        answer = converts(api.storefront, feedback, **wanted)
        assert (answer.status_code, slug(answer)) == (422, "invalid"), what
    assert written_down(shop) == before


def test_a_key_whose_conversion_was_refused_is_free(api: Callers, feedback: dict[str, Any]) -> None:
    key = new_key()
    assert slug(converts(api.storefront, feedback, key=key, case=request_body((1, 7)))) == (
        "units-not-available"
    )
    assert converts(api.storefront, feedback, key=key, case=CASE).status_code == 201


@pytest.mark.parametrize("end", ["reject", "close", "convert"])
def test_what_is_over_becomes_nothing_more(api: Callers, shop: Shop, end: str) -> None:
    api.sells()
    feedback = written(api)
    if end == "convert":
        assert converts(api.storefront, feedback, case=CASE).status_code == 201
    else:
        said(api.auditor, feedback, end, **({"reason": "other"} if end == "reject" else {}))
    before = written_down(shop)
    for answer in (
        converts(api.storefront, feedback, case=CASE),
        converts(api.storefront, feedback, review=REVIEW),
        says(api.auditor, feedback, "answer", content="Sorry."),
        says(api.storefront, feedback, "message", customer_id=BUYER, content="And now?"),
    ):
        assert (answer.status_code, slug(answer)) == (409, "feedback-closed")
        assert answer.json()["stage"] == api.lead.get(path_of(feedback)).json()["stage"]
    assert written_down(shop) == before


def test_a_conversion_takes_a_key(api: Callers, feedback: dict[str, Any]) -> None:
    answer = api.storefront.post(path_of(feedback, "convert"), {"case": CASE})
    assert (answer.status_code, slug(answer)) == (400, "idempotency-key-required")
