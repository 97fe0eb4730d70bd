"""Can anything be seen in a text that is required, and does what looks alike compare alike?"""

import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.characters import is_blank
from domain.feedback_messages import Answer, BuyerWord, FeedbackRequest, Satisfaction
from domain.goods_messages import Diagnosis, Inspection, Repaired
from domain.messages import Address, CaseRequest, Message, Reject, Resume
from domain.orders import OrderPut
from domain.review_messages import Reply, ReviewRequest
from tests.shop import ADDRESS, order_body, request_body

INVISIBLE = {
    "a space": " ",
    "spaces of all kinds": "\t\n\v\f\r\x85\xa0\u1680\u2000\u2003\u2028\u2029\u202f\u205f\u3000",
    "controls": "\x01\x07\x1b\x7f\x80\x9f",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff",
    "a soft hyphen": "\xad",
    "bidi controls": "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    "invisible operators": "\u2061\u2062\u2063\u2064\u2065\u206a\u206f",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "a blank of braille": "\u2800",
    "variation selectors": "\ufe00\ufe0f\U000e0100\U000e01ef\u180b\u180e",
    "tags": "\U000e0001\U000e0041\U000e007f",
    "a joiner of graphemes": "\u034f",
    "marks on nothing": "\u0301\u0308\u20dd\u093e",
    "inherent vowels": "\u17b4\u17b5",
    "musical controls": "\U0001d159\U0001d173\U0001d17a",
    "shorthand controls": "\U0001bca0\U0001bca3",
    "an object that is not there": "\ufff9\ufffa\ufffb\ufffc",
    "private characters": "\ue000\U000f0000",
    "no characters": "\ufdd0\uffff\U0010ffff",
    "blanks between hieroglyphs": "\U00013441\U00013442",
}
VISIBLE = (
    "a",
    "0",
    ".",
    "-",
    "\u20ac",
    "\u4e2d",
    "\u0e01",
    "\u05d0",
    "\U0001f600",
    "\u200bx\u200b",
)
VISIBLE += ("e\u0301", "\u2764\ufe0f", "\U0001f468\u200d\U0001f469", "\u00a9", "\U0001fae8")


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_what_nobody_sees_is_blank(text: str) -> None:
    assert is_blank(text)
    assert all(is_blank(char) for char in text)


@pytest.mark.parametrize("text", VISIBLE, ids=ascii)
def test_what_somebody_sees_is_not(text: str) -> None:
    assert not is_blank(text)
    assert not is_blank(f" \u200b{text}\u3164")


def test_what_is_blank_stays_blank_however_it_is_composed() -> None:
    for char in map(chr, range(sys.maxunicode + 1)):
        if (composed := unicodedata.normalize("NFC", char)) != char:
            assert is_blank(composed) == is_blank(char), ascii(char)


def address(name: str) -> dict[str, Any]:
    return {**ADDRESS, "name": name}


def case(**fields: Any) -> dict[str, Any]:
    return request_body((1, 1), kind="return", **fields)


def inspection(reason: str) -> dict[str, Any]:
    return {"lines": [{"line": 1, "received": 1, "accepted": 0, "reason": reason}]}


def line(**fields: Any) -> dict[str, Any]:
    order = order_body((1, 100))
    order["lines"][0] |= fields
    return order


REVIEW = {"customer_id": "1", "stars": 5, "order_id": "o1", "line": 1}
FEEDBACK = {"customer_id": "1", "category": "other", "subject": "s", "content": "c"}
FAULT = {"fault": "f", "covered": True, "repairable": True}

REQUIRED = {
    "reference": (Resume, lambda t: {"action": "settle", "reference": t, "note": ""}),
    "an inspection's reason": (Inspection, inspection),
    "an unlisted title": (
        Inspection,
        lambda t: {"lines": [], "unlisted": [{"title": t, "quantity": 1}]},
    ),
    "name": (Address, address),
    "phone": (Address, lambda t: {**ADDRESS, "phone": t}),
    "a line of an address": (Address, lambda t: {**ADDRESS, "lines": ["1 High Street", t]}),
    "city": (Address, lambda t: {**ADDRESS, "city": t}),
    "postal code": (Address, lambda t: {**ADDRESS, "postal_code": t}),
    "a case's address": (CaseRequest, lambda t: case(address=address(t))),
    "title": (OrderPut, lambda t: line(title=t)),
    "serial": (OrderPut, lambda t: line(serials=[t])),
    "subject": (FeedbackRequest, lambda t: {**FEEDBACK, "subject": t}),
    "feedback": (FeedbackRequest, lambda t: {**FEEDBACK, "content": t}),
    "contact": (FeedbackRequest, lambda t: {**FEEDBACK, "contact": t}),
    "satisfaction": (Satisfaction, lambda t: {"customer_id": "1", "score": 5, "content": t}),
    "answer": (Answer, lambda t: {"content": t}),
    "the buyer's word": (BuyerWord, lambda t: {"customer_id": "1", "content": t}),
    "review": (ReviewRequest, lambda t: {**REVIEW, "content": t}),
    "reply": (Reply, lambda t: {"content": t}),
    "fault": (Diagnosis, lambda t: {**FAULT, "fault": t}),
    "a diagnosis' serial": (Diagnosis, lambda t: {**FAULT, "serial": t}),
    "a repaired serial": (Repaired, lambda t: {"serial": t}),
}


@pytest.mark.parametrize(("model", "body"), REQUIRED.values(), ids=REQUIRED.keys())
def test_a_required_text_is_seen(model: type[Message], body: Any) -> None:
    model.model_validate(body("seen"))
    for text in ("", *INVISIBLE.values()):
        with pytest.raises(ValidationError):
            model.model_validate(body(text))


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_an_optional_text_that_nobody_sees_is_none(text: str) -> None:
    assert Reject(reason="other", note=text).note == ""
    order = order_body((1, 100))
    order["customer"] |= {"name": text, "email": text, "phone": text}
    customer = OrderPut.model_validate(order).customer
    assert (customer.name, customer.email, customer.phone) == ("", "", "")


def test_texts_are_composed() -> None:
    apart, together = (
        "Ame\u0301lie \ud55c\uae00".replace("\ud55c", "\u1112\u1161\u11ab"),
        "Am\u00e9lie \ud55c\uae00",
    )
    assert Address.model_validate(address(apart)).name == together
    assert Reject(reason="other", note=apart).note == together
    assert Reply(content=apart).content == together
    assert OrderPut.model_validate(line(title=apart, serials=[apart])).lines[0].title == together


def test_the_length_is_that_of_the_composed_text() -> None:
    assert len(Reject(reason="other", note="e\u0301" * 2000).note) == 2000
    with pytest.raises(ValidationError):
        Reject(reason="other", note="\u0958" * 1001)  # a letter that is composed of two
    with pytest.raises(ValidationError):
        Reject(reason="other", note="\u0301\u0316" * 500_000)


@given(st.text(max_size=30))
def test_a_text_that_was_taken_is_taken_again_as_it_is(text: str) -> None:
    try:
        once = Reply(content=text).content
    except ValidationError:
        return
    assert Reply(content=once).content == once
    assert not is_blank(once)
