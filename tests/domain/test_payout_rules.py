"""When is a payout sent, when is it asked about, and how long is the wait in between?"""

from datetime import UTC, datetime, timedelta

import pytest

from domain.cases import PayoutState
from domain.payouts import (
    ASK_AFTER_SECONDS,
    BANK_OFTEN,
    REVERSIBLE_FOR,
    LastWord,
    Move,
    ask_after,
    ask_again_at,
    next_move,
    park_in_doubt,
    poll_after,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def move(
    state: PayoutState, word: str = "", *, sent: float | None = 5, unknown: float | None = 4
) -> Move | None:
    """The next move for a payout sent and unknown so many seconds ago."""
    return next_move(
        state,
        last_word=word,
        sent_at=None if sent is None else NOW - timedelta(seconds=sent),
        known_unused=None if unknown is None else NOW - timedelta(seconds=unknown),
        now=NOW,
    )


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (PayoutState.RESERVED, Move.SEND),
        (PayoutState.SENDING, Move.ASK),
        (PayoutState.PENDING, Move.ASK),
        (PayoutState.UNKNOWN, Move.ASK),
        (PayoutState.PAID, None),
        (PayoutState.FAILED, None),
        (PayoutState.REVERSED, None),
    ],
)
def test_each_state_has_its_move(state: PayoutState, expected: Move | None) -> None:
    assert move(state) is expected


@pytest.mark.parametrize("word", list(LastWord))
def test_the_same_key_goes_out_again_once_the_gateway_said_it_did_nothing(word: str) -> None:
    assert move(PayoutState.UNKNOWN, word) is Move.SEND
    assert move(PayoutState.UNKNOWN, word, sent=None) is Move.SEND


@pytest.mark.parametrize("word", ["", "no_answer", "charge_already_refunded", "unreadable"])
def test_any_other_word_only_makes_us_ask(word: str) -> None:
    assert move(PayoutState.UNKNOWN, word) is Move.ASK


@pytest.mark.parametrize(("seconds", "expected"), [(0.9, Move.ASK), (1.0, Move.SEND)])
def test_not_found_proves_nothing_while_the_attempt_may_be_on_its_way(
    seconds: float, expected: Move
) -> None:
    assert move(PayoutState.UNKNOWN, LastWord.NOT_FOUND, sent=seconds) is expected


@pytest.mark.parametrize(("hours", "expected"), [(11.9, Move.SEND), (12, Move.ASK)])
def test_a_key_that_the_gateway_may_soon_forget_is_not_sent_again(
    hours: float, expected: Move
) -> None:
    assert move(PayoutState.UNKNOWN, LastWord.NOT_FOUND, unknown=hours * 3600) is expected


@pytest.mark.parametrize("state", [PayoutState.SENDING, PayoutState.PENDING])
def test_what_may_have_been_executed_is_never_sent_again_unasked(state: PayoutState) -> None:
    assert move(state, LastWord.NOT_FOUND) is Move.ASK


def test_a_pending_payout_is_polled_as_promised() -> None:
    waits = [poll_after(asked, at_bank=False) for asked in range(8)]
    assert waits == [2, 10, 60, 600, 3600, 21600, 21600, 21600]


def test_the_bank_which_reports_nothing_is_asked_in_time_to_end_within_forty_seconds() -> None:
    waits = [poll_after(asked, at_bank=True) for asked in range(26)]
    assert waits[:3] == [2, 10, 30]
    assert sum(wait for wait in waits if wait < 40) >= 600
    assert waits[-4:] == [600, 3600, 21600, 21600]


def test_a_lost_answer_is_asked_after_within_two_seconds_and_then_ever_less() -> None:
    waits = [ask_after(asked) for asked in range(len(ASK_AFTER_SECONDS) + 3)]
    assert waits[0] <= 2
    assert waits == sorted(waits)
    assert max(waits) <= 20  # half of the 40 s within which a case ends after a fault


@pytest.mark.parametrize(
    ("minutes", "parks"), [(None, False), (9.9, False), (10, True), (600, True)]
)
def test_ten_minutes_of_doubt_call_for_a_person(minutes: float | None, parks: bool) -> None:
    since = None if minutes is None else NOW - timedelta(minutes=minutes)
    assert park_in_doubt(since, NOW) is parks


def questions(*, at_bank: bool) -> list[timedelta]:
    """How long after its success a payout is asked about, each time."""
    asked: list[timedelta] = []
    at = ask_again_at(NOW, NOW, at_bank=at_bank)
    while at:
        asked.append(at - NOW)
        at = ask_again_at(NOW, at, at_bank=at_bank)
    return asked


def test_a_bank_is_asked_often_at_first_and_then_ever_less() -> None:
    asked = questions(at_bank=True)
    assert asked[:20] == [BANK_OFTEN * n for n in range(1, 21)]
    assert asked[20:23] == [timedelta(minutes=m) for m in (20, 40, 80)]
    assert len(asked) == 32


def test_a_card_refund_is_asked_about_a_few_times_in_case_its_report_was_lost() -> None:
    assert questions(at_bank=False) == [timedelta(days=d) for d in (1, 2, 4, 8, 16, 32)]


@pytest.mark.parametrize("at_bank", [True, False])
def test_the_questions_go_on_until_nothing_can_be_taken_back_any_more(at_bank: bool) -> None:
    last = questions(at_bank=at_bank)[-1]
    assert REVERSIBLE_FOR / 2 < last <= REVERSIBLE_FOR


def test_a_platform_that_was_away_asks_once_and_not_for_every_question_missed() -> None:
    back = NOW + timedelta(days=3)
    assert ask_again_at(NOW, back, at_bank=True) == NOW + timedelta(days=6)
