"""Does one payout go out exactly once in effect, whatever the gateway answers and when?"""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from domain.cases import PayoutState, gateway_key, payout_id
from domain.payouts import Move
from store.calls import Answer
from store.tables import LedgerPosting, PayoutAttempt
from tests.shop import NOW, order_body, request_body
from tests.store.till import (
    DECLINED,
    NO_ANSWER,
    NOT_FOUND,
    PAID,
    PENDING,
    REVERSED,
    TWO_CARDS,
    Till,
)


@pytest.fixture
def case_id(till: Till) -> UUID:
    """An approved case for 10.00 from one card payment."""
    return till.approved()


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def entries(till: Till) -> list[tuple[str, str, int]]:
    with till.shop.session() as session:
        rows = session.scalars(select(LedgerPosting).order_by(LedgerPosting.id))
        return [(row.entry, row.account, row.amount) for row in rows]


def test_the_money_is_reserved_and_the_call_on_record_before_anyone_calls(
    till: Till, case_id: UUID
) -> None:
    call = till.call(case_id)
    assert (call.move, call.way, call.attempt) == (Move.SEND, "original", 1)
    assert (call.payment, call.amount, call.currency) == ("ch_1", 1000, "GBP")
    assert (call.order_id, call.case_id, call.reference) == ("o1", case_id, None)
    assert call.payout_id == payout_id(case_id, 1)
    assert call.gateway_key == gateway_key(call.payout_id, 1)
    (payout,) = till.payouts(case_id)
    assert (payout.state, payout.approvals) == ("sending", 1)
    assert till.money() == [(1000, 0)]
    with till.shop.session() as session:
        attempt = session.get_one(PayoutAttempt, (payout.payout_id, 1))
    assert (attempt.state, attempt.sent_at) == ("sent", NOW)
    assert entries(till) == [("reserve", "captured", -1000), ("reserve", "reserved", 1000)]


def test_a_success_is_booked_and_completes_the_case(till: Till, case_id: UUID) -> None:
    standing = till.step(case_id, PAID)
    assert (standing.case.stage, standing.wake_after, standing.asking) == ("paying", None, False)
    (payout,) = till.payouts(case_id)
    assert (payout.state, payout.reference, payout.settled_at) == ("paid", "re_1", NOW)
    assert till.money() == [(0, 1000)]
    assert entries(till)[2:] == [("settle", "reserved", -1000), ("settle", "refunded", 1000)]
    case = till.complete(case_id)
    assert (case.stage, case.outcome, case.paid) == ("completed", "refunded", 1000)
    assert till.happened(case_id) == [
        "opened",
        "approved",
        "payout_reserved",
        "payout_paid",
        "completed",
    ]


def test_there_is_nothing_more_to_do_about_a_paid_case(till: Till, case_id: UUID) -> None:
    till.pay(case_id)
    version = till.shop.read(case_id).version
    till.stands(case_id)
    till.complete(case_id)
    assert till.shop.read(case_id).version == version


def test_a_second_worker_asks_instead_of_sending_again(till: Till, case_id: UUID) -> None:
    first, second = till.call(case_id), till.call(case_id)
    assert (first.move, second.move) == (Move.SEND, Move.ASK)
    assert first.gateway_key == second.gateway_key
    assert till.money() == [(1000, 0)]


def test_who_confirms_second_changes_nothing(till: Till, case_id: UUID) -> None:
    first, second = till.call(case_id), till.call(case_id)
    till.conclude(first, PAID)
    version = till.shop.read(case_id).version
    till.conclude(second, PAID)
    till.conclude(second, PENDING)
    till.conclude(second, NO_ANSWER)
    assert till.shop.read(case_id).version == version
    assert till.money() == [(0, 1000)]
    assert till.payouts(case_id)[0].state == "paid"


def test_a_decline_gives_the_reservation_back_and_parks_the_case(till: Till, case_id: UUID) -> None:
    standing = till.step(case_id, DECLINED)
    assert (standing.case.stage, standing.case.attention) == ("needs_attention", "payout_declined")
    assert standing.case.due_at == NOW + timedelta(hours=24)
    (payout,) = till.payouts(case_id)
    assert (payout.state, payout.code) == ("failed", "card_declined")
    assert till.money() == [(0, 0)]
    assert till.units().claimed == 2
    parked = till.events(case_id)[-1]
    assert (parked.what, parked.detail) == ("parked", "payout_declined card_declined")
    till.stands(case_id)


@pytest.mark.parametrize("answer", [PAID, DECLINED, PENDING, NO_ANSWER])
def test_an_answer_to_an_older_attempt_changes_nothing(
    till: Till, case_id: UUID, answer: Answer
) -> None:
    zombie = till.call(case_id)
    till.conclude(zombie, DECLINED)
    till.shop.resume(case_id, action="retry")
    call = till.call(case_id)
    assert (call.payout_id, call.attempt) == (zombie.payout_id, 2)
    version = till.shop.read(case_id).version
    standing = till.conclude(zombie, answer)
    assert (standing.wake_after, standing.asking) == (0, False)
    assert till.shop.read(case_id).version == version
    assert till.payouts(case_id)[0].state == "sending"
    till.conclude(call, PAID)
    assert till.complete(case_id).stage == "completed"


def test_a_success_after_a_definite_failure_of_the_same_attempt_is_not_booked(
    till: Till, case_id: UUID
) -> None:
    first, second = till.call(case_id), till.call(case_id)
    till.conclude(first, DECLINED)
    till.conclude(second, PAID)
    assert till.payouts(case_id)[0].state == "failed"
    assert till.money() == [(0, 0)]


class TestPending:
    def test_it_is_polled_ever_more_seldom_until_it_succeeds(
        self, till: Till, case_id: UUID
    ) -> None:
        waits = [till.step(case_id, PENDING).wake_after for _ in range(7)]
        assert waits == [2, 10, 60, 600, 3600, 21600, 21600]
        assert till.happened(case_id).count("payout_pending") == 1
        call = till.call(case_id)
        assert (call.move, call.reference) == (Move.ASK, "re_1")
        till.conclude(call, PAID)
        assert till.complete(case_id).stage == "completed"

    def test_it_may_still_fail(self, till: Till, case_id: UUID) -> None:
        till.step(case_id, PENDING)
        assert till.step(case_id, DECLINED).case.attention == "payout_declined"
        assert till.money() == [(0, 0)]

    def test_silence_does_not_make_it_doubtful(self, till: Till, case_id: UUID) -> None:
        till.step(case_id, PENDING)
        standing = till.step(case_id, NO_ANSWER, later(3600))
        assert (standing.case.stage, standing.asking) == ("paying", True)
        assert till.payouts(case_id)[0].state == "pending"


class TestInDoubt:
    def test_a_lost_answer_is_asked_after_within_two_seconds(
        self, till: Till, case_id: UUID
    ) -> None:
        standing = till.step(case_id, NO_ANSWER)
        assert standing.asking
        assert standing.wake_after is not None
        assert standing.wake_after <= 2
        assert standing.case.in_doubt
        assert till.call(case_id).move is Move.ASK
        assert till.money() == [(1000, 0)]

    def test_the_gateway_may_ask_for_more_time_within_bounds(
        self, till: Till, case_id: UUID
    ) -> None:
        for asked_for, waits in ((5, 5), (3600, 20)):
            answer = Answer(PayoutState.UNKNOWN, None, "no_answer", retry_after=asked_for)
            assert till.step(case_id, answer).wake_after == waits

    def test_it_is_found_to_have_succeeded(self, till: Till, case_id: UUID) -> None:
        till.step(case_id, NO_ANSWER)
        till.step(case_id, PAID, later(1))
        assert till.complete(case_id).stage == "completed"
        assert till.money() == [(0, 1000)]

    def test_what_was_not_found_goes_out_again_under_the_same_key(
        self, till: Till, case_id: UUID
    ) -> None:
        first = till.call(case_id)
        till.conclude(first, NO_ANSWER)
        till.step(case_id, NOT_FOUND, later(0.5))
        assert till.call(case_id, later(0.9)).move is Move.ASK
        again = till.call(case_id, later(1))
        assert (again.move, again.gateway_key) == (Move.SEND, first.gateway_key)
        till.conclude(again, PAID)
        assert till.money() == [(0, 1000)]

    def test_a_key_that_may_be_forgotten_is_only_asked_about(
        self, till: Till, case_id: UUID
    ) -> None:
        till.step(case_id, NOT_FOUND)
        assert till.call(case_id, NOW + timedelta(hours=12)).move is Move.ASK

    def test_an_outage_longer_than_a_key_lives_ends_with_the_same_key_once_it_is_found_unused(
        self, till: Till, case_id: UUID
    ) -> None:
        busy = Answer(PayoutState.UNKNOWN, None, "not_executed")
        for hours in range(12):
            first = till.call(case_id, NOW + timedelta(hours=hours))
            till.conclude(first, busy, NOW + timedelta(hours=hours))
        night = NOW + timedelta(hours=30)
        till.step(case_id, NO_ANSWER, night)
        assert till.call(case_id, night).move is Move.ASK
        till.step(case_id, NOT_FOUND, night)
        again = till.call(case_id, night + timedelta(seconds=20))
        assert (again.move, again.gateway_key) == (Move.SEND, first.gateway_key)
        till.conclude(again, PAID, night)
        assert till.complete(case_id).stage == "completed"

    def test_not_found_proves_nothing_of_an_old_key_while_an_attempt_may_be_on_its_way(
        self, till: Till, case_id: UUID
    ) -> None:
        till.step(case_id, Answer(PayoutState.UNKNOWN, None, "not_executed"))
        noon = NOW + timedelta(hours=12)
        sent = till.call(case_id, noon - timedelta(minutes=5))
        assert sent.move is Move.SEND
        till.conclude(sent, NO_ANSWER, noon)
        for minutes, move in ((1, Move.ASK), (4, Move.ASK), (5, Move.ASK), (6, Move.SEND)):
            call = till.call(case_id, noon + timedelta(minutes=minutes))
            assert call.move is move
            till.conclude(call, NOT_FOUND, noon + timedelta(minutes=minutes))

    def test_a_refusal_is_kept_for_the_question_whether_it_is_found(
        self, till: Till, case_id: UUID
    ) -> None:
        code = "charge_already_refunded"
        till.step(case_id, Answer(PayoutState.UNKNOWN, None, code, refused=True))
        call = till.call(case_id, later(5))
        assert (call.move, call.refusal) == (Move.ASK, code)
        failed = Answer(PayoutState.FAILED, code=code)
        assert till.conclude(call, failed).case.attention == "payout_declined"
        assert till.money() == [(0, 0)]

    def test_ten_minutes_of_it_park_the_case_which_is_asked_about_on(
        self, till: Till, case_id: UUID
    ) -> None:
        till.step(case_id, NO_ANSWER)
        assert till.step(case_id, NO_ANSWER, later(599)).case.stage == "paying"
        standing = till.step(case_id, NO_ANSWER, later(600))
        assert (standing.case.stage, standing.case.attention) == (
            "needs_attention",
            "payout_in_doubt",
        )
        assert (standing.asking, standing.wake_after) == (False, None)
        assert standing.case.in_doubt
        assert till.call(case_id, later(620)).move is Move.ASK
        assert till.money() == [(1000, 0)]

    @pytest.mark.parametrize(
        ("answer", "stage", "attention"),
        [
            (PAID, "paying", None),
            (PENDING, "paying", None),
            (DECLINED, "needs_attention", "payout_declined"),
        ],
    )
    def test_the_gateways_answer_unparks_it(
        self, till: Till, case_id: UUID, answer: Answer, stage: str, attention: str | None
    ) -> None:
        till.step(case_id, NO_ANSWER)
        till.step(case_id, NO_ANSWER, later(600))
        standing = till.step(case_id, answer, later(900))
        assert (standing.case.stage, standing.case.attention) == (stage, attention)
        assert "unparked" in till.happened(case_id)

    def test_nothing_ever_turns_it_into_a_failure_by_itself(
        self, till: Till, case_id: UUID
    ) -> None:
        for days in range(40):
            till.step(case_id, NO_ANSWER, NOW + timedelta(days=days))
        assert till.payouts(case_id)[0].state == "unknown"
        assert till.money() == [(1000, 0)]


class TestSeveralPayments:
    @pytest.fixture
    def case_id(self, till: Till) -> UUID:
        """An approved case for 10.00: 6.00 from one card payment and 4.00 from another."""
        return till.approved(payments=TWO_CARDS)

    def test_each_is_one_payout_and_all_are_reserved_at_once(
        self, till: Till, case_id: UUID
    ) -> None:
        till.call(case_id)
        assert [(p.n, p.amount, p.state) for p in till.payouts(case_id)] == [
            (1, 600, "sending"),
            (2, 400, "reserved"),
        ]
        assert till.money() == [(600, 0), (400, 0)]

    def test_one_that_is_slow_does_not_hold_up_the_other(self, till: Till, case_id: UUID) -> None:
        assert till.step(case_id, PENDING).wake_after == 0
        second = till.call(case_id)
        assert (second.payment, second.move) == ("ch_2", Move.SEND)
        till.conclude(second, PAID)
        assert till.complete(case_id).stage == "paying"
        assert till.call(case_id).payment == "ch_1"
        till.step(case_id, PAID)
        assert till.complete(case_id).paid == 1000

    def test_all_that_are_slow_are_asked_about_in_turn(self, till: Till, case_id: UUID) -> None:
        calls = [till.call(case_id)]
        waits = []
        for _ in range(6):
            waits.append(till.conclude(calls[-1], PENDING).wake_after)
            calls.append(till.call(case_id))
        assert [call.payment for call in calls[:6]] == ["ch_1", "ch_2"] * 3
        assert waits == [0, 2, 0, 10, 0, 60]

    def test_doubt_about_one_is_no_reason_not_to_ask_about_the_other(
        self, till: Till, case_id: UUID
    ) -> None:
        asked = []
        for _ in range(6):
            asked.append(till.call(case_id))
            till.conclude(asked[-1], NO_ANSWER)
        assert [call.payment for call in asked] == ["ch_1", "ch_2"] * 3

    def test_news_of_one_are_asked_about_before_the_other(self, till: Till, case_id: UUID) -> None:
        for _ in range(2):
            till.step(case_id, PENDING)
        till.report(till.payouts(case_id)[1], "succeeded")
        assert till.call(case_id).payment == "ch_2"

    def test_one_that_fails_does_not_stop_the_other(self, till: Till, case_id: UUID) -> None:
        assert till.step(case_id, DECLINED).case.stage == "paying"
        standing = till.step(case_id, PAID)
        assert standing.case.attention == "payout_declined"
        assert till.money() == [(0, 0), (0, 400)]
        till.shop.resume(case_id, action="retry")
        assert till.pay(case_id).paid == 1000
        assert [p.attempt for p in till.payouts(case_id)] == [2, 1]

    def test_a_later_case_starts_where_the_first_left_off(self, till: Till) -> None:
        till.shop.sell("o2", order_body((2, 1000), payments=TWO_CARDS))
        for expected in ([(0, 500), (0, 0)], [(0, 600), (0, 400)]):
            case_id = till.shop.apply(request_body((1, 1), order_id="o2")).case_id
            till.shop.approve(case_id)
            till.pay(case_id)
            assert till.money("o2") == expected

    def test_two_orders_may_share_a_payment_each_with_its_share(self, till: Till) -> None:
        for order_id in ("a", "b"):
            assert till.pay(till.approved(order_id=order_id)).paid == 1000
        assert till.money("a") == till.money("b") == [(0, 1000)]


def test_payments_that_do_not_cover_a_case_park_it_whole(till: Till) -> None:
    case_id = till.approved()
    with till.shop.database.begin() as session:  # as if a share had been refunded elsewhere
        session.execute(text("update payments set captured = 999"))
    standing = till.stands(case_id)
    assert standing.case.attention == "payments_do_not_cover"
    assert till.payouts(case_id) == []
    assert till.money() == [(0, 0)]


def test_news_of_a_reversal_are_asked_about_first(till: Till, case_id: UUID) -> None:
    till.pay(case_id)
    till.report(till.payouts(case_id)[0], "failed")
    call = till.call(case_id)
    assert (call.move, call.reference) == (Move.ASK, "re_ch_1")
    standing = till.conclude(call, REVERSED)
    assert standing.case.attention == "payout_reversed"
    till.stands(case_id)
