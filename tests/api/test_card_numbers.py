"""Card numbers are refused in every text that people write, and stored nowhere."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.buyers import tables_with_the_card
from tests.api.callers import Caller, Callers, new_key, slug
from tests.shop import order_body, request_body

CARD = "4111111111111111"
SPELLINGS = [
    CARD,
    "paid with 4111 1111 1111 1111.",
    "4111-1111-1111-1111",
    "４１１１１１１１１１１１１１１１",
]
ADDRESS = {
    "name": "A",
    "phone": "1",
    "lines": ["x"],
    "city": "x",
    "region": "x",
    "postal_code": "1",
    "country": "GB",
}


def in_order(change: Callable[[dict[str, Any], str], Any]) -> Callable[[Caller, str, str], Any]:
    def ask(caller: Caller, _: str, card: str) -> Any:
        body = order_body((1, 100))
        change(body, card)
        return caller.put("/v1/orders/o2", body)

    return ask


def in_request(**fields: Any) -> Callable[[Caller, str, str], Any]:
    def filled(value: Any, card: str) -> Any:
        if isinstance(value, dict):
            return {name: filled(inner, card) for name, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner, card) for inner in value]
        return card if value == "CARD" else value

    def ask(caller: Caller, _: str, card: str) -> Any:
        return caller.post("/v1/cases", request_body((1, 1), **filled(fields, card)), key=new_key())

    return ask


PLACES = {
    "order title": in_order(lambda body, card: body["lines"][0].update(title=card)),
    "customer name": in_order(lambda body, card: body["customer"].update(name=card)),
    "customer e-mail": in_order(lambda body, card: body["customer"].update(email=card)),
    "payment method": in_order(lambda body, card: body["payments"][0].update(method=card)),
    "case note": in_request(note="CARD"),
    "payout token": in_request(payout_to={"kind": "bank_card", "token": "CARD", "last4": "1111"}),
    "address name": in_request(address=ADDRESS | {"name": "CARD"}),
    "address line": in_request(address=ADDRESS | {"lines": ["x", "CARD"]}),
    "address city": in_request(address=ADDRESS | {"city": "CARD"}),
    "address region": in_request(address=ADDRESS | {"region": "CARD"}),
    "address postal code": in_request(address=ADDRESS | {"postal_code": "CARD"}),
    "cancel note": lambda caller, case, card: caller.post(
        f"/v1/cases/{case}/cancel", {"note": card}
    ),
}
STAFF_PLACES: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "approve note": ("approve", lambda card: {"note": card}),
    "reject note": ("reject", lambda card: {"reason": "used", "note": card}),
    "resume note": ("resume", lambda card: {"action": "retry", "note": card}),
    "resume reference": (
        "resume",
        lambda card: {"action": "settle", "reference": card, "note": ""},
    ),
    "resume token": (
        "resume",
        lambda card: {
            "action": "reroute",
            "payout_to": {"kind": "bank_card", "token": card, "last4": "1111"},
            "note": "",
        },
    ),
}


def test_no_text_takes_a_card_number_and_none_is_stored(api: Callers) -> None:
    api.sells("o1", (5, 500))
    case_id = api.applies((1, 1))["case_id"]
    for card in SPELLINGS:
        for place, ask in PLACES.items():
            answer = ask(api.storefront, case_id, card)
            assert (answer.status_code, slug(answer)) == (422, "card-number-refused"), place
        for place, (verb, body) in STAFF_PLACES.items():
            answer = api.lead.post(f"/v1/cases/{case_id}/{verb}", body(card))
            assert (answer.status_code, slug(answer)) == (422, "card-number-refused"), place
            assert CARD not in answer.text
    assert tables_with_the_card(api.shop) == []


@pytest.mark.parametrize(
    ("part", "field"), [("customer", "email"), ("customer", "locale"), ("line", "category")]
)
def test_what_is_no_id_and_no_phone_is_searched(api: Callers, part: str, field: str) -> None:
    body = order_body((1, 100))
    (body["customer"] if part == "customer" else body["lines"][0])[field] = CARD
    answer = api.storefront.put("/v1/orders/o2", body)
    assert (answer.status_code, slug(answer)) == (422, "card-number-refused")


def test_ids_skus_serials_and_phones_are_exempt(api: Callers) -> None:
    body = order_body((1, 100))
    body["customer"] = {"id": CARD, "phone": CARD}
    body["lines"][0]["serials"] = [CARD]
    body["lines"][0]["sku"] = CARD
    assert api.storefront.put(f"/v1/orders/{CARD}", body).status_code == 201
