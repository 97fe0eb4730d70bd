"""Does our Stripe client read a server it was not written with as it reads our own sandbox?"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from gateways import testimony
from gateways.testimony import Instruction, Verdict
from tests.gateways.servers import CLIENTS, Server, instruction_for, saying
from tests.sandbox_process import API_KEY


def at_once(server: Server, instructions: list[Instruction]) -> list[testimony.Testimony]:
    refunds, start = server.refunds, Barrier(len(instructions))

    def send(instruction: Instruction) -> testimony.Testimony:
        start.wait()
        return refunds.send(instruction)

    with ThreadPoolExecutor(len(instructions)) as threads:
        return list(threads.map(send, instructions))


def test_a_refund_succeeds_and_is_named(server: Server) -> None:
    said = server.refunds.send(server.charged())
    assert said.verdict is Verdict.SUCCEEDED
    assert said.reference
    assert said.reference.startswith("re_")


def test_the_same_key_again_is_the_same_refund(server: Server) -> None:
    part = replace(server.charged(1000), amount=400)
    first, second = server.refunds.send(part), server.refunds.send(part)
    assert first.verdict is Verdict.SUCCEEDED
    assert second == first
    rest = instruction_for(part.order_id, part.payment, 600)
    assert server.refunds.send(rest).verdict is Verdict.SUCCEEDED


def test_other_parameters_under_the_same_key_are_refused(server: Server) -> None:
    part = replace(server.charged(1000), amount=400)
    server.refunds.send(part)
    said = server.refunds.send(replace(part, amount=500))
    assert (said.verdict, said.code) == (Verdict.REFUSED, "idempotency_error")


def test_more_than_was_charged_is_resolved_by_asking(server: Server) -> None:
    charged = server.charged(1000)
    too_much = replace(charged, amount=1001)
    said = server.refunds.send(too_much)
    assert (said.verdict, said.code) == (Verdict.REFUSED, "refund_exceeds_charge")
    assert server.refunds.ask(too_much).verdict is Verdict.NOT_FOUND


def test_a_charge_refunded_before_is_resolved_by_asking(server: Server) -> None:
    first = server.charged()
    server.refunds.send(first)
    second = instruction_for(first.order_id, first.payment, first.amount)
    said = server.refunds.send(second)
    assert (said.verdict, said.code) == (Verdict.REFUSED, "charge_already_refunded")
    assert server.refunds.ask(second).verdict is Verdict.NOT_FOUND
    assert server.refunds.ask(first).verdict is Verdict.SUCCEEDED


def test_a_charge_that_does_not_exist_is_refused(server: Server) -> None:
    said = server.refunds.send(instruction_for("order-x", "ch_of_nobody", 100))
    assert (said.verdict, said.code) == (Verdict.REFUSED, "resource_missing")


def test_a_declined_refund_is_refused_and_not_found(server: Server) -> None:
    declined = server.make_declined(server.charged())
    said = server.refunds.send(declined)
    assert (said.verdict, said.code) == (Verdict.REFUSED, "charge_disputed")
    assert server.refunds.ask(declined).verdict is Verdict.NOT_FOUND


def test_asking_finds_the_refund_by_our_key(server: Server) -> None:
    instruction = server.charged()
    sent = server.refunds.send(instruction)
    assert server.refunds.ask(instruction) == sent


def test_asking_finds_the_refund_by_its_reference(server: Server) -> None:
    instruction = server.charged()
    sent = server.refunds.send(instruction)
    assert server.refunds.ask(replace(instruction, reference=sent.reference)) == sent


def test_asking_turns_the_pages_of_a_charge_with_many_refunds(server: Server) -> None:
    oldest = replace(server.charged(1000), amount=1)
    sent = server.refunds.send(oldest)
    for _ in range(101):
        server.refunds.send(instruction_for(oldest.order_id, oldest.payment, 1))
    assert server.refunds.ask(oldest) == sent


def test_asking_before_sending_finds_nothing(server: Server) -> None:
    assert server.refunds.ask(server.charged()).verdict is Verdict.NOT_FOUND


def test_asking_of_an_unknown_charge_finds_nothing(server: Server) -> None:
    said = server.refunds.ask(instruction_for("order-x", "ch_of_nobody", 100))
    assert said.verdict is Verdict.NOT_FOUND


def test_a_reference_that_the_gateway_forgot_is_ambiguous(server: Server) -> None:
    said = server.refunds.ask(replace(server.charged(), reference="re_forgotten"))
    assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "resource_missing")


def test_of_twenty_tenths_at_once_exactly_ten_are_paid(server: Server) -> None:
    charged = server.charged(1000)
    tenths = [instruction_for(charged.order_id, charged.payment, 100) for _ in range(20)]
    verdicts = Counter(said.verdict for said in at_once(server, tenths))
    assert verdicts == {Verdict.SUCCEEDED: 10, Verdict.REFUSED: 10}
    asked = Counter(server.refunds.ask(tenth).verdict for tenth in tenths)
    assert asked == {Verdict.SUCCEEDED: 10, Verdict.NOT_FOUND: 10}


def test_one_key_sent_ten_times_at_once_is_one_refund(server: Server) -> None:
    tenth = replace(server.charged(1000), amount=100)
    answers = at_once(server, [tenth] * 10)
    assert {said.verdict for said in answers} <= {Verdict.SUCCEEDED, Verdict.NOT_EXECUTED}
    assert len({said.reference for said in answers if said.reference}) == 1
    rest = instruction_for(tenth.order_id, tenth.payment, 900)
    assert server.refunds.send(rest).verdict is Verdict.SUCCEEDED


def charge(server: Server, key: str, source: str = "tok_visa") -> testimony.Testimony:
    return server.charges.make(
        key, order_id=f"order-of-{key}", amount=1530, currency="GBP", source=source
    )


def test_a_charge_is_made_once_per_key(server: Server) -> None:
    first = charge(server, "once")
    assert first.verdict is Verdict.SUCCEEDED
    assert charge(server, "once") == first


def test_a_declined_card_makes_no_charge(server: Server) -> None:
    said = charge(server, "declined", "tok_chargeDeclined")
    assert (said.verdict, said.code) == (Verdict.REFUSED, "card_declined")


def test_the_mocks_429_is_not_executed_and_its_key_is_good_later(mock_server: Server) -> None:
    source = "tok_429|tok_visa|once-too-many"
    assert charge(mock_server, "busy", source).verdict is Verdict.NOT_EXECUTED
    assert charge(mock_server, "busy", source).verdict is Verdict.SUCCEEDED


def test_the_mocks_500_is_ambiguous_and_stays_with_the_key(mock_server: Server) -> None:
    source = "tok_500|tok_visa|broken-once"
    for _ in range(2):
        assert charge(mock_server, "broken", source).verdict is Verdict.AMBIGUOUS


@pytest.mark.parametrize("currency", ["jpy", "JPY"])
def test_the_case_of_a_currency_does_not_matter(server: Server, currency: str) -> None:
    made = server.charges.make(f"yen-{currency}", order_id="o", amount=900, currency="JPY")
    assert made.reference
    instruction = replace(instruction_for("o", made.reference, 900), currency=currency)
    assert server.refunds.send(instruction).verdict is Verdict.SUCCEEDED


@pytest.mark.parametrize(("currency", "amount"), [("ISK", 1000), ("MGA", 20_000)])
def test_what_stripe_counts_otherwise_is_charged_refunded_and_recognised(
    server: Server, currency: str, amount: int
) -> None:
    made = server.charges.make(f"in-{currency}", order_id="o", amount=amount, currency=currency)
    assert made.verdict is Verdict.SUCCEEDED
    assert made.reference
    refund = replace(instruction_for("o", made.reference, amount), currency=currency)
    sent = server.refunds.send(refund)
    assert sent.verdict is Verdict.SUCCEEDED
    assert server.refunds.ask(refund) == sent
    other = server.refunds.ask(replace(refund, amount=amount * 100))
    assert (other.verdict, other.code) == (Verdict.AMBIGUOUS, "echo_mismatch")


@pytest.mark.parametrize(("currency", "amount"), [("MGA", 20_050), ("KWD", 3333), ("IQD", 1000)])
def test_what_stripe_has_no_amount_for_is_never_sent(currency: str, amount: int) -> None:
    with saying(500, b"") as (url, paths):
        nowhere = replace(instruction_for("o", "ch_1", amount), currency=currency)
        for client in CLIENTS.values():
            said = client(url, API_KEY).send(nowhere)
            assert (said.verdict, said.code) == (Verdict.FAILED, "amount_not_expressible")
        assert paths == []
