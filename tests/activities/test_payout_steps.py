"""One step of a payout: what each word of the gateway makes of it, and that it is called once."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.payouts import Payouts
from domain.payouts import Standing
from gateways import testimony
from gateways.testimony import Verdict
from store.session import Database
from store.tables import Payout
from tests.shop import NOW, Shop, order_body, request_body
from tests.workflows.gateway import (
    BUSY,
    DECLINED,
    LOST,
    NOT_FOUND,
    PENDING,
    ScriptedGateway,
    succeeded,
)


@dataclass
class Till:
    """An approved case, its gateway, and a clock that stands still."""

    shop: Shop
    case_id: UUID

    def __post_init__(self) -> None:
        self.gateway = ScriptedGateway()
        self.now = NOW
        parties = {"original": self.gateway}
        self.payouts = Payouts(
            self.shop.database,
            self.shop.policy,
            parties,
            self.gateway,
            self.gateway,
            lambda: self.now,
        )

    def step(self) -> Standing:
        return self.payouts.advance_payout(self.case_id)

    def in_doubt(self) -> ApplicationError:
        """A step that ends with the gateway owing its answer."""
        with pytest.raises(ApplicationError) as failed:
            self.step()
        assert failed.value.type == "payout-in-doubt"
        return failed.value

    @property
    def payout(self) -> Payout:
        with self.shop.session() as session:
            return session.query(Payout).one()

    @property
    def stage(self) -> str:
        return self.shop.read(self.case_id).stage


@pytest.fixture
def till(shop: Shop) -> Till:
    shop.sell("o1", order_body((6, 1530)))
    case = shop.apply(request_body((1, 2)))
    shop.approve(case.case_id)
    return Till(shop, case.case_id)


def test_a_success_is_booked_under_the_gateways_reference(till: Till) -> None:
    till.gateway.answers_send(succeeded("re_77"))
    standing = till.step()
    assert standing.wake_after is None
    assert (till.payout.state, till.payout.reference) == ("paid", "re_77")


def test_a_pending_payout_says_when_to_come_back(till: Till) -> None:
    till.gateway.answers_send(PENDING)
    till.gateway.answers_ask(PENDING)
    assert [till.step().wake_after for _ in range(7)] == [2, 10, 60, 600, 3600, 21600, 21600]
    assert till.payout.state == "pending"


def test_a_definite_failure_parks_the_case(till: Till) -> None:
    till.gateway.answers_send(DECLINED)
    assert till.step().wake_after is None
    assert (till.payout.state, till.payout.code) == ("failed", "card_declined")
    assert till.stage == "needs_attention"


def test_a_lost_answer_is_a_benign_failure_that_says_when_to_ask(till: Till) -> None:
    till.gateway.answers_send(LOST)
    till.gateway.answers_ask(LOST)
    failures = [till.in_doubt() for _ in range(7)]
    waits = [failure.next_retry_delay for failure in failures]
    assert waits == [timedelta(seconds=s) for s in (1, 2, 4, 8, 15, 20, 20)]
    assert {failure.category for failure in failures} == {ApplicationErrorCategory.BENIGN}
    assert not any(failure.non_retryable for failure in failures)
    assert till.gateway.heard == ["send"] + ["ask"] * 6
    assert till.payout.state == "unknown"


@pytest.mark.parametrize("word", [NOT_FOUND, BUSY])
def test_what_was_not_executed_is_sent_again_under_the_same_key(
    till: Till, word: testimony.Testimony
) -> None:
    till.gateway.answers_send(LOST, succeeded())
    till.gateway.answers_ask(NOT_FOUND)
    if word is BUSY:
        till.gateway.answers_send(BUSY, succeeded())
    else:
        till.in_doubt()
        till.now += timedelta(seconds=1)
    till.in_doubt()
    till.now += timedelta(seconds=1)
    till.step()
    assert till.payout.state == "paid"
    assert len(till.gateway.keys) == 2
    assert len(set(till.gateway.keys)) == 1


def test_not_found_within_the_quiet_time_proves_nothing(till: Till) -> None:
    till.gateway.answers_send(LOST)
    till.gateway.answers_ask(NOT_FOUND)
    for _ in range(3):
        till.in_doubt()
    assert till.gateway.heard == ["send", "ask", "ask"]


REFUSED = testimony.Testimony(verdict=Verdict.REFUSED, code="never_heard_of")
REFUSES_US = testimony.Testimony(verdict=Verdict.NOT_AUTHORIZED, code="invalid_request_error")
REFUSES_TO_TELL = testimony.Testimony(verdict=Verdict.AMBIGUOUS, code="gateway_refuses_to_tell")


def test_a_refusal_is_a_decline_once_the_gateways_book_has_nothing_of_it(till: Till) -> None:
    till.gateway.answers_send(REFUSED)
    till.gateway.answers_ask(NOT_FOUND)
    till.in_doubt()
    till.in_doubt()  # its quiet time is not over: what was sent may be on its way in
    assert till.payout.state == "unknown"
    till.now += timedelta(seconds=1)
    till.step()
    assert (till.payout.state, till.payout.code) == ("failed", "never_heard_of")
    assert till.stage == "needs_attention"
    assert till.gateway.heard == ["send", "ask", "ask"]


def test_a_refusal_is_remembered_through_questions_that_go_wrong(till: Till) -> None:
    till.gateway.answers_send(REFUSED)
    till.gateway.answers_ask(LOST, REFUSES_TO_TELL, NOT_FOUND)
    for _ in range(3):
        till.in_doubt()
        till.now += timedelta(seconds=1)
    till.step()
    assert (till.payout.state, till.payout.code) == ("failed", "never_heard_of")
    assert till.gateway.heard == ["send", "ask", "ask", "ask"]


def test_a_refusal_of_what_was_executed_before_is_a_success(till: Till) -> None:
    till.gateway.answers_send(REFUSED)
    till.gateway.answers_ask(succeeded("re_before"))
    till.in_doubt()
    till.step()
    assert (till.payout.state, till.payout.reference) == ("paid", "re_before")


def test_a_gateway_that_does_not_take_our_key_is_tried_on_with_the_same_one(till: Till) -> None:
    till.gateway.answers_send(REFUSES_US)
    till.in_doubt()
    assert (till.payout.state, till.payout.code) == ("unknown", "gateway_refuses_us")
    till.now += timedelta(minutes=10)
    assert till.step().case.attention == "gateway_refuses_us"
    assert till.stage == "needs_attention"
    till.gateway.answers_send(succeeded())
    till.now += timedelta(seconds=20)
    till.step()
    assert (till.payout.state, till.stage) == ("paid", "paying")
    assert len(till.gateway.keys) == 3
    assert len(set(till.gateway.keys)) == 1


def test_a_question_that_our_key_may_not_ask_never_sends_anything(till: Till) -> None:
    till.gateway.answers_send(LOST)
    till.gateway.answers_ask(REFUSES_TO_TELL)
    for _ in range(3):
        till.in_doubt()
        till.now += timedelta(minutes=4)
    assert till.step().case.attention == "gateway_refuses_us"
    assert till.gateway.heard == ["send", "ask", "ask", "ask"]


def test_a_gateway_that_asks_for_patience_gets_it(till: Till) -> None:
    busy = testimony.Testimony(verdict=Verdict.NOT_EXECUTED, code="rate_limit", retry_after=7)
    till.gateway.answers_send(busy)
    assert till.in_doubt().next_retry_delay == timedelta(seconds=7)


def test_an_exception_on_the_way_leaves_the_payout_to_be_asked_about(till: Till) -> None:
    till.gateway.answers_send(RuntimeError("boom"))
    with pytest.raises(RuntimeError):
        till.step()
    assert till.payout.state == "sending"
    till.step()
    assert till.gateway.heard == ["send", "ask"]
    assert till.payout.state == "paid"


def test_a_paid_case_calls_nobody(till: Till) -> None:
    till.step()
    for _ in range(3):
        till.step()
    assert till.gateway.heard == ["send"]


def test_the_gateway_is_called_with_no_transaction_open_and_the_intent_committed(
    till: Till, database: Database
) -> None:
    seen: list[tuple[int, str]] = []

    def watch() -> None:
        with database.begin() as session:
            session.execute(text("select 1 from orders, cases for update nowait"))
            busy = session.scalar(
                text(
                    "select count(*) from pg_stat_activity where datname = current_database()"
                    " and pid <> pg_backend_pid() and xact_start is not null"
                )
            )
            state = session.scalar(text("select state from payout_attempts"))
            seen.append((busy or 0, state or ""))

    till.gateway.watch = watch
    till.gateway.answers_send(LOST)
    till.gateway.answers_ask(LOST, succeeded())
    till.in_doubt()
    till.in_doubt()
    till.step()
    assert seen == [(0, "sent")] * 3


def test_a_step_makes_one_call_even_over_several_payments(shop: Shop) -> None:
    cards = [
        {"payment": f"ch_{n}", "provider": "stripe", "captured": 510, "method": "card"}
        for n in (1, 2, 3)
    ]
    shop.sell("o1", order_body((6, 1530), payments=cards))
    case = shop.apply(request_body((1, 6)))
    shop.approve(case.case_id)
    till = Till(shop, case.case_id)
    for calls in (1, 2, 3):
        standing = till.step()
        assert len(till.gateway.calls) == calls
        assert standing.wake_after == (None if calls == 3 else 0)


ECHO = testimony.Testimony(verdict=Verdict.AMBIGUOUS, reference="re_echo", code="echo_mismatch")


def test_an_answer_that_echoes_wrongly_keeps_its_id_and_is_never_sent_again(till: Till) -> None:
    till.gateway.answers_send(ECHO)
    till.gateway.answers_ask(NOT_FOUND)
    till.in_doubt()
    till.in_doubt()
    till.now += timedelta(hours=13)
    till.step()  # parks the case, which is asked about on
    till.in_doubt()
    assert till.gateway.heard == ["send", "ask", "ask", "ask"]
    assert [call.reference for _, call in till.gateway.calls] == [None] * 4
    assert (till.payout.state, till.payout.reference) == ("unknown", "re_echo")
    assert till.payout.code == "echo_mismatch"


def test_what_our_key_finds_in_the_end_is_what_was_paid(till: Till) -> None:
    till.gateway.answers_send(ECHO)
    till.gateway.answers_ask(succeeded("re_ours"))
    till.in_doubt()
    till.step()
    assert (till.payout.state, till.payout.reference) == ("paid", "re_ours")
