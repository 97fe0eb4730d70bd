"""What do we read of a charge, and what of an answer that is none?"""

import json
from typing import Any

import pytest
import requests

from domain.charges import ChargeFacts, NoSuchCharge, Unreadable
from gateways.charges import StripeCharges
from tests.gateways.servers import Server, saying
from tests.sandbox_process import API_KEY, Sandbox

CHARGE: dict[str, Any] = {
    "id": "ch_1",
    "amount_captured": 1000,
    "amount_refunded": 0,
    "captured": True,
    "created": 1_700_000_000,
    "currency": "gbp",
    "disputed": False,
    "metadata": {},
    "payment_intent": "pi_1",
    "refunds": {"has_more": False, "data": []},
}
REFUND = {
    "id": "re_1",
    "amount": 300,
    "currency": "gbp",
    "status": "succeeded",
    "created": 1_700_000_001,
    "metadata": {"key": "as1-x-1", "order_id": "o1"},
}


def read(answer: Any, status: int = 200, payment: str = "ch_1") -> Any:
    """What is read of a gateway that answers everything like this."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    with saying(status, body) as (url, _):
        return StripeCharges(url, API_KEY).read(payment)


def facts(**fields: Any) -> ChargeFacts:
    found = read({**CHARGE, **fields})
    assert isinstance(found, ChargeFacts), found
    return found


def listed(*refunds: dict[str, Any]) -> dict[str, Any]:
    return {"has_more": False, "data": list(refunds)}


@pytest.fixture
def charge(sandbox: Sandbox) -> str:
    made = post(sandbox, "/v1/charges", amount=1000, currency="gbp", source="tok_visa")
    return str(made["id"])


def post(sandbox: Sandbox, path: str, **fields: Any) -> dict[str, Any]:
    said = requests.post(sandbox.url + path, data=fields, timeout=10)
    assert said.ok, said.text
    return dict(said.json())


def test_a_charge_of_a_server_not_ours_is_read_with_its_refunds(server: Server) -> None:
    instruction = server.charged(1000)
    server.refunds.send(instruction)
    found = StripeCharges(server.url, API_KEY).read(instruction.payment)
    assert isinstance(found, ChargeFacts)
    assert (found.charge, found.currency, found.captured) == (instruction.payment, "GBP", 1000)
    (refund,) = found.withdrawals
    assert (refund.key, refund.amount, refund.took_money) == (instruction.key, 1000, True)
    assert StripeCharges(server.url, API_KEY).read("ch_of_nobody") == NoSuchCharge()


def test_a_charge_and_its_intent_are_one(sandbox: Sandbox, charge: str) -> None:
    reader = StripeCharges(sandbox.url, API_KEY)
    assert reader.read(charge) == reader.read(f"pi_{charge[3:]}")


def test_a_reading_is_one_request(sandbox: Sandbox) -> None:
    with saying(200, json.dumps({**CHARGE, "refunds": listed(REFUND)}).encode()) as (url, paths):
        StripeCharges(url, API_KEY).read("ch_1")
    assert len(paths) == 1


def test_all_refunds_are_read_where_one_answer_does_not_hold_them(
    sandbox: Sandbox, charge: str
) -> None:
    for _ in range(12):
        post(sandbox, "/v1/refunds", charge=charge, amount=10)
    found = StripeCharges(sandbox.url, API_KEY).read(charge)
    assert isinstance(found, ChargeFacts)
    assert [each.amount for each in found.withdrawals] == [10] * 12


def test_disputes_are_read_where_there_are_any(sandbox: Sandbox, charge: str) -> None:
    requests.post(f"{sandbox.url}/_sandbox/charges/{charge}/dispute", json={}, timeout=10)
    found = StripeCharges(sandbox.url, API_KEY).read(charge)
    assert isinstance(found, ChargeFacts)
    assert found.disputed


def test_what_is_refunded_beyond_the_list_is_a_refund_too() -> None:
    found = facts(amount_refunded=500, refunds=listed(REFUND))
    assert [(each.id, each.amount) for each in found.withdrawals] == [
        ("re_1", 300), ("ch_1-unlisted", 200),
    ]  # fmt: skip


def test_only_what_was_captured_counts() -> None:
    assert facts(amount_captured=700).captured == 700
    assert facts(captured=False).captured == 0


@pytest.mark.parametrize(
    ("currency", "theirs", "ours"), [("isk", 100_000, 1000), ("mga", 200, 20_000), ("jpy", 5, 5)]
)
def test_amounts_are_counted_in_our_units(currency: str, theirs: int, ours: int) -> None:
    refund = {**REFUND, "currency": currency, "amount": theirs}
    found = facts(
        currency=currency, amount_captured=theirs, amount_refunded=theirs, refunds=listed(refund)
    )
    assert (found.captured, found.withdrawals[0].amount) == (ours, ours)


@pytest.mark.parametrize("text", ["4111 1111 1111 1111", "4111111111111111", "a b", "x" * 200, 7])
def test_metadata_that_is_no_name_stays_outside(text: Any) -> None:
    refund = {**REFUND, "metadata": {"key": text, "order_id": text}}
    (found,) = facts(amount_refunded=300, refunds=listed(refund)).withdrawals
    assert (found.key, found.order_id) == (None, None)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, b"<html>"),
        (200, {}),
        (200, {**CHARGE, "id": "ch_2"}),
        (200, {**CHARGE, "currency": None}),
        (200, {**CHARGE, "refunds": {"has_more": False, "data": [{"id": "re_1"}]}}),
        (200, {**CHARGE, "refunds": {"has_more": True, "data": []}}),
        (429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}}),
        (500, {"error": {"type": "api_error"}}),
        (400, {"error": {"type": "invalid_request_error", "code": "parameter_unknown"}}),
    ],
)
def test_what_cannot_be_read_is_told_as_that(status: int, answer: Any) -> None:
    assert isinstance(read(answer, status), Unreadable)
