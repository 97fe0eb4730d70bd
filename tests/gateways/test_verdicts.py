"""What do our clients make of each fault that a gateway can show, and what really happened?"""

import uuid
from dataclasses import dataclass, replace
from typing import Any

import pytest

from gateways.payments import StripeRefunds
from gateways.testimony import Instruction, PayoutGateway, Verdict
from tests.gateways.servers import CLIENTS, instruction_for
from tests.sandbox_process import API_KEY, Row, Sandbox, eventually


@dataclass
class Party:
    """One party of the sandbox, our client for it, and one instruction not yet sent."""

    name: str
    sandbox: Sandbox
    gateway: PayoutGateway
    instruction: Instruction

    def fault(self, fault: str, **order: Any) -> None:
        match = {"order_id": self.instruction.order_id}
        self.sandbox.fault(fault, party=self.name, match=match, **order)

    def executed(self) -> list[Row]:
        if self.name == "payments":
            return self.sandbox.refunds(self.instruction.payment)
        return self.sandbox.transfers(self.instruction.order_id)


@pytest.fixture(params=["payments", "bank"])
def party(request: pytest.FixtureRequest, sandbox: Sandbox) -> Party:
    order_id = f"order-{uuid.uuid4().hex[:8]}"
    instruction = instruction_for(order_id, sandbox.charge(order_id, 1000), 700)
    gateway = CLIENTS[request.param](sandbox.url, API_KEY)
    return Party(request.param, sandbox, gateway, instruction)


def test_only_four_names_leave_the_house(party: Party) -> None:
    party.gateway.send(party.instruction)
    (row,) = party.executed()
    assert row["metadata"] == {
        "order_id": party.instruction.order_id,
        "case_id": party.instruction.case_id,
        "payout_id": party.instruction.payout_id,
        "key": party.instruction.key,
    }
    assert (row["key"], row["amount"]) == (party.instruction.key, 700)


def test_a_payout_is_found_by_key_and_by_reference(party: Party) -> None:
    assert party.gateway.ask(party.instruction).verdict is Verdict.NOT_FOUND
    sent = party.gateway.send(party.instruction)
    assert sent.verdict is Verdict.SUCCEEDED
    assert party.gateway.ask(party.instruction) == sent
    assert party.gateway.ask(replace(party.instruction, reference=sent.reference)) == sent


def test_an_error_before_execution_leaves_nothing_and_the_key_works_later(party: Party) -> None:
    party.fault("error_before")
    assert party.gateway.send(party.instruction).verdict is Verdict.AMBIGUOUS
    assert party.gateway.ask(party.instruction).verdict is Verdict.NOT_FOUND
    assert party.gateway.send(party.instruction).verdict is Verdict.SUCCEEDED
    assert len(party.executed()) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("error_after", "api_error"),
        ("reset_after", "connection_lost"),
        ("garbage", "http_200"),
        ("wrong_amount", "echo_mismatch"),
    ],
)
def test_an_answer_lost_after_execution_is_ambiguous_and_found_by_asking(
    party: Party, fault: str, code: str
) -> None:
    party.fault(fault)
    said = party.gateway.send(party.instruction)
    assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, code)
    found = party.gateway.ask(party.instruction)
    assert found.verdict is Verdict.SUCCEEDED
    assert party.gateway.send(party.instruction) == found
    assert [row["amount"] for row in party.executed()] == [700]


def test_a_500_that_sticks_to_the_key_is_only_resolved_by_asking(party: Party) -> None:
    party.fault("sticky_500")
    for _ in range(3):
        assert party.gateway.send(party.instruction).verdict is Verdict.AMBIGUOUS
    assert party.gateway.ask(party.instruction).verdict is Verdict.SUCCEEDED
    assert len(party.executed()) == 1


def test_a_hang_before_execution_is_ambiguous_and_executes_nothing(party: Party) -> None:
    party.fault("hang_before")
    said = party.gateway.send(party.instruction)
    assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "timeout")
    assert party.executed() == []
    eventually(lambda: party.gateway.send(party.instruction).verdict is Verdict.SUCCEEDED)


def test_a_hang_after_execution_is_ambiguous_and_found_by_asking(party: Party) -> None:
    party.fault("hang_after")
    said = party.gateway.send(party.instruction)
    assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "timeout")
    assert party.gateway.ask(party.instruction).verdict is Verdict.SUCCEEDED
    assert party.gateway.send(party.instruction).verdict is Verdict.SUCCEEDED
    assert len(party.executed()) == 1


def test_a_decline_is_a_refusal_and_the_book_has_nothing_of_it(party: Party) -> None:
    party.fault("decline")
    said = party.gateway.send(party.instruction)
    assert said.verdict is Verdict.REFUSED
    assert said.code in {"charge_disputed", "account_closed"}
    assert party.gateway.send(party.instruction) == said
    assert party.gateway.ask(party.instruction).verdict is Verdict.NOT_FOUND
    assert party.executed() == []
    again = replace(party.instruction, key=party.instruction.key.removesuffix("1") + "2")
    assert party.gateway.send(again).verdict is Verdict.SUCCEEDED


def test_too_many_requests_are_not_executed_and_say_when_to_come_back(party: Party) -> None:
    party.fault("too_many_requests", seconds=3)
    said = party.gateway.send(party.instruction)
    assert (said.verdict, said.code) == (Verdict.NOT_EXECUTED, "rate_limit")
    assert said.retry_after == 3
    assert party.executed() == []
    assert party.gateway.send(party.instruction).verdict is Verdict.SUCCEEDED


@pytest.mark.parametrize(
    ("fault", "first", "last"),
    [
        ("pending_then_succeeded", Verdict.PENDING, Verdict.SUCCEEDED),
        ("pending_then_failed", Verdict.PENDING, Verdict.FAILED),
        ("succeeded_then_reversed", Verdict.SUCCEEDED, Verdict.FAILED),
    ],
)
def test_a_payout_that_changes_its_mind_is_followed_by_asking(
    party: Party, fault: str, first: Verdict, last: Verdict
) -> None:
    party.fault(fault, seconds=0.5)
    said = party.gateway.send(party.instruction)
    assert said.verdict is first
    assert said.reference
    known = replace(party.instruction, reference=said.reference)
    eventually(lambda: party.gateway.ask(known).verdict is last)
    assert len(party.executed()) == 1


@pytest.mark.parametrize("fault", ["error_before", "garbage", "wrong_amount", "too_many_requests"])
@pytest.mark.parametrize("operation", ["retrieve", "list"])
def test_a_question_that_goes_wrong_says_nothing_of_the_money(
    party: Party, fault: str, operation: str
) -> None:
    sent = party.gateway.send(party.instruction)
    known = replace(
        party.instruction, reference=sent.reference if operation == "retrieve" else None
    )
    party.fault(fault, operation=operation)
    assert party.gateway.ask(known).verdict is Verdict.AMBIGUOUS
    assert party.gateway.ask(known) == sent


def test_a_refund_may_name_the_payment_intent(sandbox: Sandbox) -> None:
    charge = sandbox.charge("order-of-intent", 500)
    intent = charge.replace("ch_", "pi_")
    instruction = instruction_for("order-of-intent", intent, 500)
    refunds = StripeRefunds(sandbox.url, API_KEY)
    sent = refunds.send(instruction)
    assert sent.verdict is Verdict.SUCCEEDED
    assert refunds.ask(instruction) == sent
    assert [row["charge"] for row in sandbox.refunds(charge)] == [charge]


def test_a_refund_of_another_payout_is_never_taken_for_ours(sandbox: Sandbox) -> None:
    charge = sandbox.charge("order-of-two", 500)
    refunds = StripeRefunds(sandbox.url, API_KEY)
    ours = instruction_for("order-of-two", charge, 100)
    sent = refunds.send(ours)
    for other in (
        replace(ours, amount=101),
        replace(ours, currency="USD"),
        replace(ours, order_id="order-of-three"),
        replace(ours, payout_id="payout-of-another"),
        replace(ours, key="as1-another", reference=sent.reference),
    ):
        said = refunds.ask(other)
        assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "echo_mismatch")


def test_a_payout_found_twice_is_ambiguous(party: Party) -> None:
    party.gateway.send(replace(party.instruction, amount=100))
    path = {"payments": "/v1/refunds", "bank": "/v1/transfers"}[party.name]
    names = {f"metadata[{name}]": value for name, value in party.executed()[0]["metadata"].items()}
    form = {"amount": 100, "currency": "gbp", "destination": "card_of_the_buyer"} | names
    form["charge"] = party.instruction.payment
    assert party.sandbox.post(path, form, key=f"again-{party.instruction.key}").status_code == 200
    said = party.gateway.ask(replace(party.instruction, amount=100))
    assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "found_twice")
