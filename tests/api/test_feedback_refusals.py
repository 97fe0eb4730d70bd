"""Words about the shop that are refused: each by its name, and nothing is written down."""

from typing import Any

from tests.api.buyers import CARD, NOBODYS, tables_with_the_card, written_down
from tests.api.callers import Callers, new_key, slug
from tests.api.correspondence import (
    closed_case,
    converts,
    path_of,
    rates,
    said,
    says,
    writes,
    written,
)
from tests.correspondents import BUYER, feedback_body
from tests.shop import Shop, request_body

NO_WORDS: dict[str, Any] = {
    "nothing said": "",
    "only spaces": " \n\t\u3000 ",
    "nothing but null": None,
    "too much said": "x" * 5001,
    "almost a megabyte": "x" * 900_000,
    "no text": "a\0b",
    "a number": 4,
    "a list": ["He threw it."],
}
OF_NO_FORM: dict[str, dict[str, Any]] = {
    "no subject": {"subject": ""},
    "a long subject": {"subject": "x" * 201},
    "no contact": {"contact": " "},
    "a long contact": {"contact": "x" * 201},
    "no category": {"category": None},
    "a category that is not": {"category": "weather"},
    "a score without a case": {"category": "satisfaction"},
    "no customer": {"customer_id": ""},
    "no order": {"order_id": "a b"},
    "no case": {"case_id": "c1"},
    "an order and a case": {"order_id": "o1", "case_id": NOBODYS},
    "a score": {"score": 5},
    "another field": {"stage": "closed"},
}
NO_SCORES: dict[str, Any] = {
    "six": 6,
    "none": 0,
    "less than none": -1,
    "half a one": 4.5,
    "a fraction that is whole": 5.0,
    "a text": "5",
    "truth": True,
    "nothing": None,
    "more than a number holds": 10**30,
}


def test_words_that_are_none_are_invalid(api: Callers, shop: Shop) -> None:
    before = written_down(shop)
    for what, content in NO_WORDS.items():
        answer = writes(api.storefront, content=content)
        assert (answer.status_code, slug(answer)) == (422, "invalid"), what
        assert [error["field"] for error in answer.json()["errors"]] == ["content"], what
    assert written_down(shop) == before


def test_feedback_of_another_form_is_invalid(api: Callers, shop: Shop) -> None:
    api.sells()
    before = written_down(shop)
    for what, fields in OF_NO_FORM.items():
        answer = writes(api.storefront, **fields)
        assert (answer.status_code, slug(answer)) == (422, "invalid"), what
    for missing in ("customer_id", "category", "subject", "content"):
        body = {name: value for name, value in feedback_body().items() if name != missing}
        answer = api.storefront.post("/v1/feedback", body, key=new_key())
        assert slug(answer) == "invalid"
        assert [error["field"] for error in answer.json()["errors"]] == [missing]
    assert written_down(shop) == before


def test_what_it_is_about_has_to_be_there(api: Callers, shop: Shop) -> None:
    before = written_down(shop)
    for fields, expected in (
        ({"order_id": "none"}, "order-not-found"),
        ({"case_id": NOBODYS}, "case-not-found"),
    ):
        answer = writes(api.storefront, **fields)
        assert (answer.status_code, slug(answer)) == (404, expected)
    assert written_down(shop) == before


def test_a_score_is_a_whole_number_from_one_to_five(api: Callers, shop: Shop) -> None:
    case_id = closed_case(api)
    before = written_down(shop)
    for what, score in NO_SCORES.items():
        answer = rates(api.storefront, case_id, score=score)
        assert (answer.status_code, slug(answer)) == (422, "invalid"), what
        assert [error["field"] for error in answer.json()["errors"]] == ["score"], what
    assert written_down(shop) == before


def test_an_open_case_is_not_rated_and_a_closed_one_once(api: Callers, shop: Shop) -> None:
    api.sells("o2")
    open_case = api.applies(order_id="o2")["case_id"]
    case_id = closed_case(api)
    first = rates(api.storefront, case_id, score=1).json()
    before = written_down(shop)
    early = rates(api.storefront, open_case)
    assert (early.status_code, slug(early)) == (409, "case-open")
    again = rates(api.storefront, case_id, score=5)
    assert (again.status_code, slug(again)) == (409, "already-rated")
    assert again.json()["feedback_id"] == first["feedback_id"]
    assert written_down(shop) == before


def test_a_megabyte_of_words_is_too_large(api: Callers, shop: Shop) -> None:
    case_id, much = closed_case(api), "x" * 1_000_000
    feedback = said(api.auditor, written(api), "approve")
    before = written_down(shop)
    review = {"order_id": "o1", "line": 1, "stars": 1, "content": much}
    for answer in (
        writes(api.storefront, content=much),
        rates(api.storefront, case_id, content=much),
        says(api.auditor, feedback, "answer", content=much),
        says(api.storefront, feedback, "message", customer_id=BUYER, content=much),
        says(api.auditor, feedback, "reject", reason="other", note=much),
        says(api.auditor, feedback, "close", customer_id=much),
        converts(api.storefront, feedback, review=review),
    ):
        assert (answer.status_code, slug(answer)) == (413, "too-large")
    assert written_down(shop) == before


def test_five_thousand_characters_are_taken_in_every_script(api: Callers) -> None:
    for letter in ("x", "好", "🙂"):
        feedback = written(api, content=letter * 5000)
        assert feedback["content"] == letter * 5000
        answered = said(api.auditor, feedback, "answer", content=letter * 5000)
        assert answered["thread"][0]["content"] == letter * 5000


def test_a_word_of_another_form_changes_nothing(api: Callers, shop: Shop) -> None:
    feedback = written(api)
    before = written_down(shop)
    for caller, verb, body in (
        (api.lead, "approve", {"version": 0}),
        (api.lead, "approve", {"decision_id": "a b"}),
        (api.lead, "approve", {"reason": "fake"}),
        (api.lead, "reject", {}),
        (api.lead, "reject", {"reason": "ugly"}),
        (api.lead, "reject", {"reason": "fake", "note": "n" * 2001}),
        (api.lead, "answer", {"content": "Sorry.", "version": 1.0}),
        (api.lead, "answer", {"content": "Sorry.", "as": "lea"}),
        (api.storefront, "message", {"content": "And now?"}),
        (api.storefront, "message", {"customer_id": "", "content": "And now?"}),
        (api.storefront, "close", {"customer_id": ""}),
        (api.storefront, "close", {"note": "Done."}),
    ):
        assert slug(says(caller, feedback, verb, **body)) == "invalid", (verb, body)
    for what, content in NO_WORDS.items():
        answer = says(api.lead, feedback, "answer", content=content)
        assert slug(answer) == "invalid", what
        back = says(api.storefront, feedback, "message", customer_id=BUYER, content=content)
        assert slug(back) == "invalid", what
    assert written_down(shop) == before


def test_a_buyer_says_nothing_more_before_it_is_let_in(api: Callers, shop: Shop) -> None:
    feedback = written(api)
    before = written_down(shop)
    answer = says(api.storefront, feedback, "message", customer_id=BUYER, content="And now?")
    assert (answer.status_code, slug(answer)) == (409, "not-let-in")
    assert written_down(shop) == before


def test_what_is_over_is_decided_no_more(api: Callers, shop: Shop) -> None:
    rejected, closed = written(api), written(api)
    said(api.auditor, rejected, "reject", reason="other")
    said(api.storefront, closed, "close")
    before = written_down(shop)
    for verb, body in (("approve", {}), ("reject", {"reason": "other"})):
        assert slug(says(api.lead, rejected, verb, **body)) == "already-decided"
        assert slug(says(api.lead, closed, verb, **body)) == "feedback-closed"
    for caller in (api.storefront, api.lead):
        assert slug(says(caller, rejected, "close")) == "feedback-closed"
    assert written_down(shop) == before


def test_no_word_takes_a_card_number_and_none_is_stored(api: Callers, shop: Shop) -> None:
    case_id = closed_case(api)
    feedback = said(api.auditor, written(api), "approve")
    before = written_down(shop)
    review = {"order_id": "o1", "line": 1, "stars": 1, "content": CARD}
    for answer in (
        writes(api.storefront, content=f"My card is {CARD}."),
        writes(api.storefront, subject=CARD),
        writes(api.storefront, contact=CARD),
        rates(api.storefront, case_id, content=CARD),
        says(api.auditor, feedback, "answer", content=CARD),
        says(api.storefront, feedback, "message", customer_id=BUYER, content=CARD),
        says(api.lead, feedback, "approve", note=CARD),
        says(api.lead, feedback, "reject", reason="other", note=CARD),
        converts(api.storefront, feedback, review=review),
        converts(api.storefront, feedback, case=request_body((1, 1), note=CARD)),
    ):
        assert (answer.status_code, slug(answer)) == (422, "card-number-refused")
    assert written_down(shop) == before
    assert tables_with_the_card(shop) == []


def test_a_key_is_of_the_documented_form(api: Callers, shop: Shop) -> None:
    before = written_down(shop)
    for key in (None, "short", "x" * 256, "with space"):
        answer = api.storefront.post("/v1/feedback", feedback_body(), key=key)
        assert (answer.status_code, slug(answer)) == (400, "idempotency-key-required")
    assert written_down(shop) == before


def test_what_is_wrong_is_said_in_the_order_of_every_route(api: Callers) -> None:
    feedback = written(api)
    nobodys = f"/v1/feedback/{NOBODYS}"
    assert slug(api.client.post("/v1/feedback?no=1", content=b"{")) == "unauthenticated"
    assert slug(api.lead.raw("POST", "/v1/feedback?no=1", b"{")) == "forbidden"
    assert slug(api.storefront.raw("POST", "/v1/feedback", b"{")) == "idempotency-key-required"
    assert slug(api.storefront.raw("POST", path_of(feedback, "approve"), b"{")) == "forbidden"
    assert slug(api.lead.raw("POST", f"{nobodys}/approve", b"{")) == "invalid"
    for verb, body in (("approve", {}), ("answer", {"content": "Sorry."}), ("close", {})):
        assert slug(api.lead.post(f"{nobodys}/{verb}", body)) == "feedback-not-found"
    assert slug(api.storefront.get("/v1/feedback/nothing")) == "feedback-not-found"
    assert slug(rates(api.storefront, "nothing")) == "case-not-found"
    assert slug(rates(api.storefront, NOBODYS, score=6)) == "invalid"
