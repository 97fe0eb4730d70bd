"""Does a message hold exactly what its form allows, and money only as whole minor units?"""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from domain.messages import SIGNALS, Approve, Cancel, CaseRequest, Reject, Resume
from domain.money import MAX_AMOUNT
from domain.orders import OrderPut
from domain.refusals import Refusal, Why
from tests.shop import order_body, request_body

CARD = "4111 1111 1111 1111"
ADDRESS = {
    "name": "A. Buyer",
    "phone": "4111111111111111",
    "lines": ["1 High Street"],
    "city": "London",
    "country": "GB",
}


def faults(model: type[BaseModel], body: dict[str, Any]) -> set[str]:
    """The fields that this body is refused for."""
    with pytest.raises(ValidationError) as refusal:
        model.model_validate(body)
    return {".".join(map(str, error["loc"])) for error in refusal.value.errors()}


@pytest.mark.parametrize(
    "amount", [1530.0, 15.3, "1530", True, -1, 10**15 + 1, float("nan"), [1530], {"amount": 1}]
)
def test_an_amount_is_a_whole_number_of_minor_units(amount: Any) -> None:
    assert faults(CaseRequest, request_body((1, 1), amount=amount)) == {"amount"}
    assert faults(Approve, {"amount": amount}) == {"amount"}
    order = order_body((1, 100))
    order["lines"][0]["paid"] = amount
    assert faults(OrderPut, order) == {"lines.0.paid"}
    order = order_body((1, 100))
    order["payments"][0]["captured"] = amount
    assert faults(OrderPut, order) == {"payments.0.captured"}


def test_the_largest_amount_is_accepted_and_a_refund_of_nothing_is_not() -> None:
    assert CaseRequest.model_validate(request_body((1, 1), amount=MAX_AMOUNT)).amount == 10**15
    assert faults(CaseRequest, request_body((1, 1), amount=0)) == {"amount"}
    assert faults(Approve, {"amount": 0}) == {"amount"}


@pytest.mark.parametrize("quantity", [0, -1, 1.0, "1", True, 10**9 + 1])
def test_a_quantity_is_a_whole_number_above_zero(quantity: Any) -> None:
    assert faults(CaseRequest, request_body((1, quantity))) == {"lines.0.quantity"}


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (CaseRequest, request_body((1, 1))),
        (Approve, {}),
        (Reject, {"reason": "other", "note": ""}),
        (Cancel, {}),
        (Resume, {"action": "retry", "note": ""}),
        (OrderPut, order_body((1, 100))),
    ],
)
def test_an_unknown_field_is_refused(model: type[BaseModel], body: dict[str, Any]) -> None:
    model.model_validate(body)
    assert faults(model, {**body, "surprise": 1}) == {"surprise"}


def test_an_unknown_field_further_in_is_refused() -> None:
    body = request_body((1, 1), payout_to={"kind": "original", "token": "tok_1"})
    assert faults(CaseRequest, body) == {"payout_to.original.token"}


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff"])
def test_text_that_cannot_be_stored_is_refused(text: str) -> None:
    assert faults(CaseRequest, request_body((1, 1), note=text)) == {"note"}
    order = order_body((1, 100))
    order["customer"]["phone"] = text
    assert faults(OrderPut, order) == {"customer.phone"}


@pytest.mark.parametrize("outside", ["", "a b", "a/b", "ü", "a\n", "x" * 65])
def test_an_id_from_outside_is_short_and_plain(outside: str) -> None:
    assert faults(CaseRequest, request_body((1, 1), order_id=outside)) == {"order_id"}


def test_a_note_and_a_title_have_their_length() -> None:
    CaseRequest.model_validate(request_body((1, 1), note="x" * 2000))
    assert faults(CaseRequest, request_body((1, 1), note="x" * 2001)) == {"note"}
    order = order_body((1, 100))
    order["lines"][0]["title"] = "x" * 201
    assert faults(OrderPut, order) == {"lines.0.title"}


def _card_in(body: dict[str, Any], *path: str | int) -> dict[str, Any]:
    place: Any = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = CARD
    return body


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (CaseRequest, request_body((1, 1), note=CARD)),
        (CaseRequest, request_body((1, 1), address={**ADDRESS, "name": CARD})),
        (CaseRequest, request_body((1, 1), address={**ADDRESS, "lines": [CARD]})),
        (
            CaseRequest,
            request_body(
                (1, 1),
                payout_to={"kind": "bank_card", "token": "4111111111111111", "last4": "1111"},
            ),
        ),
        (Approve, {"note": CARD}),
        (Reject, {"reason": "other", "note": CARD}),
        (Cancel, {"note": CARD}),
        (Resume, {"action": "settle", "reference": CARD, "note": ""}),
        (OrderPut, _card_in(order_body((1, 100)), "lines", 0, "title")),
        (OrderPut, _card_in(order_body((1, 100)), "customer", "name")),
        (OrderPut, _card_in(order_body((1, 100)), "payments", 0, "method")),
    ],
)
def test_a_card_number_in_a_text_is_refused_by_its_own_name(
    model: type[BaseModel], body: dict[str, Any]
) -> None:
    with pytest.raises(Refusal) as refusal:
        model.model_validate(body)
    assert refusal.value.why is Why.CARD_NUMBER
    assert "4111" not in str(refusal.value) + refusal.value.detail


def test_ids_skus_serials_and_phones_may_look_like_cards() -> None:
    order = order_body((1, 100))
    order["customer"] = {"id": "4111111111111111", "phone": CARD}
    order["lines"][0] |= {"sku": "4111111111111111", "serials": ["4111111111111111"]}
    OrderPut.model_validate(order)
    CaseRequest.model_validate(request_body((1, 1), order_id="4111111111111111", address=ADDRESS))


def test_a_text_far_too_long_is_refused_before_it_is_searched() -> None:
    order = order_body((1, 100))
    order["lines"][0]["title"] = f"{CARD} " * 1000
    assert faults(OrderPut, order) == {"lines.0.title"}
    assert faults(CaseRequest, request_body((1, 1), note=f"{CARD} " * 1000)) == {"note"}


def test_a_name_may_be_empty() -> None:
    order = order_body((1, 100))
    order["customer"]["name"] = ""
    OrderPut.model_validate(order)


def test_a_line_is_asked_for_by_its_number() -> None:
    assert faults(CaseRequest, request_body()) == {"lines"}
    assert faults(CaseRequest, request_body((0, 1))) == {"lines.0.line"}


def test_only_settle_names_a_reference_and_only_reroute_a_destination() -> None:
    store_credit = {"kind": "store_credit"}
    Resume.model_validate({"action": "settle", "reference": "bank 7", "note": ""})
    Resume.model_validate({"action": "reroute", "payout_to": store_credit, "note": ""})
    for body in (
        {"action": "settle"},
        {"action": "retry", "reference": "bank 7"},
        {"action": "reroute"},
        {"action": "give_up", "payout_to": store_credit},
    ):
        assert faults(Resume, {**body, "note": ""}) == {""}


def test_who_rejects_or_resumes_says_why_even_if_in_no_words() -> None:
    assert faults(Reject, {"reason": "other"}) == {"note"}
    assert faults(Resume, {"action": "retry"}) == {"note"}
    Approve.model_validate({})
    Cancel.model_validate({})


def test_a_bank_card_is_known_by_its_token_and_last_four() -> None:
    for wrong in (
        {"kind": "bank_card"},
        {"kind": "bank_card", "token": "tok_1", "last4": "123"},
        {"kind": "bank_card", "token": "tok 1", "last4": "1234"},
        {"kind": "cash"},
    ):
        faults(CaseRequest, request_body((1, 1), payout_to=wrong))


def test_an_orders_lines_and_payments_are_named_once() -> None:
    order = order_body((1, 100), (1, 100))
    order["lines"][1]["line"] = 1
    faults(OrderPut, order)
    order = order_body((1, 100))
    order["payments"] = [{**order["payments"][0], "captured": 50}] * 2
    faults(OrderPut, order)


def test_tax_is_a_part_of_what_was_paid() -> None:
    assert faults(OrderPut, order_body((1, 100, 101))) == {"lines.0"}
    assert faults(OrderPut, order_body((1, 100), shipping=(10, 11))) == {"shipping"}


def test_a_stripe_payment_is_named_as_stripe_does() -> None:
    order = order_body((1, 100))
    order["payments"][0]["payment"] = "cash-7"
    assert faults(OrderPut, order) == {"payments.0"}
    order["payments"][0]["provider"] = "offline"
    OrderPut.model_validate(order)


def test_times_name_their_zone() -> None:
    order = order_body((1, 100), delivered_at="2026-11-20T10:00:00")
    assert faults(OrderPut, order) == {"delivered_at"}


@pytest.mark.parametrize(
    ("change", "balances"),
    [({"shipping": {"paid": 0}}, True), ({"shipping": {"paid": 1}}, False)],
)
def test_what_was_captured_is_what_was_paid(change: dict[str, Any], balances: bool) -> None:
    order = OrderPut.model_validate({**order_body((2, 100), (1, 0)), **change})
    if balances:
        order.balance()
        return
    with pytest.raises(Refusal) as refusal:
        order.balance()
    assert refusal.value.why is Why.ORDER_UNBALANCED


def test_a_case_understands_four_signals() -> None:
    assert SIGNALS.keys() == {"approve", "reject", "cancel", "resume"}
