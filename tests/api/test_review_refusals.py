"""Words that are refused: each by its name, and nothing is written down."""

from typing import Any

import pytest

from domain.people import Role
from tests.api.buyers import (
    CARD,
    NOBODYS,
    acts,
    edits,
    published,
    sends,
    submitted,
    tables_with_the_card,
    written_down,
)
from tests.api.callers import Callers, new_key, slug
from tests.api.pictures import photo
from tests.reviewers import BUYER, words
from tests.shop import Shop

NO_WORDS: dict[str, dict[str, Any]] = {
    "six stars": {"stars": 6},
    "no stars": {"stars": 0},
    "a star less than none": {"stars": -1},
    "half a star": {"stars": 4.5},
    "a fraction that is whole": {"stars": 5.0},
    "stars as text": {"stars": "5"},
    "stars as truth": {"stars": True},
    "stars as nothing": {"stars": None},
    "more stars than a number holds": {"stars": 10**30},
    "nothing said": {"content": ""},
    "only spaces": {"content": " \n\t\u3000 "},
    "nothing but null": {"content": None},
    "too much said": {"content": "x" * 5001},
    "almost a megabyte": {"content": "x" * 900_000},
    "no text": {"content": "a\0b"},
    "no photo": {"photos": ["mine.jpg"]},
    "a photo twice": {"photos": [NOBODYS, NOBODYS]},
    "many photos": {"photos": [f"019adf2a-0c00-7000-8000-{n:012}" for n in range(10)]},
    "anonymous by a word": {"anonymous": "yes"},
    "no customer": {"customer_id": ""},
    "another field": {"verified": True},
}
OF_NO_LINE: dict[str, dict[str, Any]] = {
    "line none": {"line": 0},
    "line as text": {"line": "1"},
    "no order": {"order_id": "a b"},
}
REFUSED: dict[str, tuple[int, str, dict[str, Any]]] = {
    "another customer's line": (422, "not-bought", {"customer_id": "someone"}),
    "a line that is not there": (422, "unknown-line", {"line": 7}),
    "an order that is not there": (404, "order-not-found", {"order_id": "none"}),
    "a photo that is not there": (422, "unknown-upload", {"photos": [NOBODYS]}),
    "a card number": (422, "card-number-refused", {"content": f"My card is {CARD}."}),
}


@pytest.mark.parametrize("fields", (NO_WORDS | OF_NO_LINE).values(), ids=NO_WORDS | OF_NO_LINE)
def test_a_review_of_another_form_is_invalid(
    api: Callers, shop: Shop, fields: dict[str, Any]
) -> None:
    api.sells()
    before = written_down(shop)
    answer = sends(api.storefront, **fields)
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert answer.json()["errors"][0]["field"].partition(".")[0] == next(iter(fields))
    assert written_down(shop) == before


@pytest.mark.parametrize(("status", "expected", "fields"), REFUSED.values(), ids=REFUSED)
def test_a_review_that_may_not_be_is_refused_by_name(
    api: Callers, shop: Shop, status: int, expected: str, fields: dict[str, Any]
) -> None:
    api.sells()
    before = written_down(shop)
    answer = sends(api.storefront, **fields)
    assert (answer.status_code, slug(answer)) == (status, expected)
    assert written_down(shop) == before


def test_a_line_has_one_review(api: Callers, shop: Shop) -> None:
    review = submitted(api)
    before = written_down(shop)
    answer = sends(api.storefront, stars=1)
    assert (answer.status_code, slug(answer)) == (409, "already-reviewed")
    assert answer.json()["review_id"] == review["review_id"]
    assert written_down(shop) == before


def test_a_megabyte_of_words_is_too_large(api: Callers, shop: Shop) -> None:
    review = submitted(api)
    before = written_down(shop)
    for answer in (
        sends(api.storefront, content="x" * 1_000_000),
        edits(api, review, content="x" * 1_000_000),
        acts(api.storefront, review, "appeal", customer_id=BUYER, note="x" * 1_000_000),
        acts(api.lead, review, "reply", content="x" * 1_000_000),
    ):
        assert (answer.status_code, slug(answer)) == (413, "too-large")
    assert written_down(shop) == before


def test_five_thousand_characters_are_taken_in_every_script(api: Callers) -> None:
    for order_id, letter in (("o1", "x"), ("o2", "好"), ("o3", "🙂")):
        review = submitted(api, order_id, content=letter * 5000)
        assert review["latest"]["content"] == letter * 5000


def test_a_photo_of_another_storefront_is_none(api: Callers, shop: Shop) -> None:
    api.sells()
    shop.hire("rival", Role.STOREFRONT, storefront="rival")
    mine, theirs = (uploaded(api, name) for name in ("shop", "rival"))
    before = written_down(shop)
    answer = sends(api.storefront, photos=[mine, theirs])
    assert slug(answer) == "unknown-upload"
    assert [error["field"] for error in answer.json()["errors"]] == ["photos.1"]
    assert written_down(shop) == before
    assert sends(api.storefront, photos=[mine]).json()["latest"]["photos"] == [mine]


def test_an_edit_of_another_form_changes_nothing(api: Callers, shop: Shop) -> None:
    review = published(api)
    before = written_down(shop)
    for what, fields in NO_WORDS.items():
        assert slug(edits(api, review, **fields)) == "invalid", what
    assert written_down(shop) == before


def test_a_word_of_staff_of_another_form_changes_nothing(api: Callers, shop: Shop) -> None:
    review = submitted(api)
    before = written_down(shop)
    for verb, body in (
        ("approve", {"version": 0}),
        ("approve", {"decision_id": "a b"}),
        ("approve", {"reason": "fake"}),
        ("reject", {}),
        ("reject", {"reason": "ugly"}),
        ("reject", {"reason": "fake", "note": "n" * 2001}),
        ("reply", {"content": " "}),
        ("reply", {"content": "x" * 5001}),
        ("reply", {"content": "Thanks.", "as": "lea"}),
    ):
        assert slug(acts(api.lead, review, verb, **body)) == "invalid", (verb, body)
    assert written_down(shop) == before


def test_no_word_takes_a_card_number_and_none_is_stored(api: Callers, shop: Shop) -> None:
    review = submitted(api)
    for answer in (
        edits(api, review, content=CARD),
        acts(api.storefront, review, "appeal", customer_id=BUYER, note=CARD),
        acts(api.lead, review, "approve", note=CARD),
        acts(api.lead, review, "reject", reason="other", note=CARD),
        acts(api.lead, review, "reply", content=CARD),
    ):
        assert (answer.status_code, slug(answer)) == (422, "card-number-refused")
    assert tables_with_the_card(shop) == []


def test_what_is_wrong_is_said_in_the_order_of_every_route(api: Callers) -> None:
    review = published(api)
    path = f"/v1/reviews/{review['review_id']}"
    assert slug(api.client.post("/v1/reviews?no=1", content=b"{")) == "unauthenticated"
    assert slug(api.lead.raw("POST", "/v1/reviews?no=1", b"{")) == "forbidden"
    assert slug(api.storefront.raw("POST", "/v1/reviews", b"{")) == "idempotency-key-required"
    assert slug(api.storefront.raw("POST", f"{path}/approve", b"{")) == "forbidden"
    assert slug(api.lead.raw("POST", f"/v1/reviews/{NOBODYS}/approve", b"{")) == "invalid"
    assert slug(api.lead.post(f"/v1/reviews/{NOBODYS}/approve", {})) == "review-not-found"
    assert slug(api.storefront.get("/v1/reviews/nothing")) == "review-not-found"
    assert slug(api.storefront.post("/v1/reviews", words(), key=new_key())) == "invalid"


def uploaded(api: Callers, name: str) -> str:
    headers = api.named(name).headers
    headers = headers | {"Idempotency-Key": new_key(), "Content-Type": "image/jpeg"}
    answer = api.client.post("/v1/uploads", headers=headers, content=photo())
    assert answer.status_code == 201, answer.text
    upload_id: str = answer.json()["upload_id"]
    return upload_id
