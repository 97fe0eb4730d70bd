"""What the bank has sent for an order: all of it, or the reason why that is not known."""

import uuid

from domain.charges import Transfers, Unreadable
from gateways.bank import BankTransfers
from tests.gateways.servers import instruction_for, saying
from tests.sandbox_process import API_KEY, Sandbox


def test_all_that_was_sent_for_the_order_is_listed_and_nothing_else(sandbox: Sandbox) -> None:
    bank = BankTransfers(sandbox.url, API_KEY)
    order_id = f"order-{uuid.uuid4().hex[:8]}"
    ours = [instruction_for(order_id, "ch_none", amount) for amount in (100, 200)]
    for instruction in (*ours, instruction_for("another", "ch_none", 300)):
        bank.send(instruction)
    found = bank.of_order(order_id)
    assert isinstance(found, Transfers)
    assert {(each.key, each.amount, each.way) for each in found.withdrawals} == {
        (each.key, each.amount, "bank_card") for each in ours
    }


def test_an_order_that_nothing_was_sent_for_has_none(sandbox: Sandbox) -> None:
    assert BankTransfers(sandbox.url, API_KEY).of_order("unheard-of") == Transfers()


def test_a_bank_that_shows_nothing_readable_is_not_taken_for_one_that_sent_nothing() -> None:
    for status, body in ((500, b"{}"), (200, b"<html>"), (200, b'{"data": [{}]}')):
        with saying(status, body) as (url, _):
            assert isinstance(BankTransfers(url, API_KEY).of_order("o-1"), Unreadable)
