"""What is a difference between our books and a gateway's list, and what may still be on its way?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases import PayoutState
from domain.reconciliation import Difference, Ours, Reading, Standing, Theirs, difference

READ = datetime(2026, 12, 1, 12, tzinfo=UTC)
READING = Reading(read_at=READ, covers_from=READ - timedelta(days=30))
EARLIER = READ - timedelta(hours=1)

OURS = Ours(
    state=PayoutState.PAID,
    current=True,
    by_hand=False,
    amount=510,
    currency="GBP",
    payment="ch_1",
    posted=510,
    sent_at=EARLIER,
    settled_at=EARLIER,
)
THEIRS = Theirs(
    status="succeeded",
    standing=Standing.OURS,
    amount=510,
    currency="GBP",
    charge="ch_1",
    created_at=EARLIER,
    successes=1,
)


def test_what_both_sides_have_alike_is_no_difference() -> None:
    assert difference(OURS, THEIRS, READING) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "kind"),
    [
        ({}, {"amount": 509}, Difference.AMOUNT_DIFFERS),
        ({}, {"currency": "INR"}, Difference.AMOUNT_DIFFERS),
        ({}, {"charge": "ch_2"}, Difference.AMOUNT_DIFFERS),
        ({"payment": "pi_9"}, {}, None),
        ({}, {"charge": None}, None),
        ({}, {"status": "failed"}, Difference.STATUS_DIFFERS),
        ({}, {"status": "canceled"}, Difference.STATUS_DIFFERS),
        ({}, {"status": "pending"}, Difference.STATUS_DIFFERS),
        ({}, {"successes": 2}, Difference.PAID_TWICE),
        ({"by_hand": True}, {}, Difference.PAID_TWICE),
        ({"by_hand": True}, {"status": "failed"}, None),
        ({"current": False}, {}, Difference.PAID_TWICE),
        ({"current": False}, {"status": "failed"}, None),
        ({"posted": 0}, {}, Difference.LEDGER_DIFFERS),
        ({"state": PayoutState.FAILED}, {}, Difference.STATUS_DIFFERS),
        ({"state": PayoutState.FAILED}, {"status": "failed"}, None),
        ({"state": PayoutState.REVERSED}, {}, Difference.STATUS_DIFFERS),
        ({"state": PayoutState.RESERVED}, {}, Difference.STATUS_DIFFERS),
        ({"state": PayoutState.PENDING}, {"status": "pending"}, None),
        ({"state": PayoutState.PENDING}, {}, Difference.STATUS_DIFFERS),
        ({"state": PayoutState.UNKNOWN}, {"created_at": READ}, None),
    ],
)
def test_a_pair_differs_in_the_gravest_way_it_can(
    ours: dict[str, object], theirs: dict[str, object], kind: Difference | None
) -> None:
    pair = replace(OURS, **ours), replace(THEIRS, **theirs)  # type: ignore[arg-type]
    assert difference(*pair, READING) == kind


def test_a_refund_of_nobody_we_know_is_one_unless_it_failed_or_was_seen_to() -> None:
    foreign = replace(THEIRS, standing=Standing.FOREIGN)
    assert difference(None, foreign, READING) == Difference.UNKNOWN_REFUND
    assert difference(None, replace(foreign, status="failed"), READING) is None
    for standing in (Standing.ACCEPTED, Standing.RECOVERED):
        assert difference(None, replace(foreign, standing=standing), READING) is None


def test_a_payout_is_missed_only_where_the_list_would_have_to_show_it() -> None:
    assert difference(OURS, None, READING) == Difference.MISSING_REFUND
    assert difference(replace(OURS, settled_at=READ), None, READING) is None
    before = READING.covers_from - timedelta(seconds=1)
    assert difference(replace(OURS, sent_at=before), None, READING) is None
    assert difference(replace(OURS, by_hand=True), None, READING) is None
    assert difference(replace(OURS, state=PayoutState.UNKNOWN), None, READING) is None


@given(
    state=st.sampled_from(PayoutState),
    current=st.booleans(),
    by_hand=st.booleans(),
    theirs=st.integers(1, 10**6),
    status=st.sampled_from(["succeeded", "pending", "requires_action"]),
    successes=st.integers(1, 3),
)
def test_money_that_left_otherwise_than_booked_is_never_passed_over(
    state: PayoutState, current: bool, by_hand: bool, theirs: int, status: str, successes: int
) -> None:
    ours = replace(OURS, state=state, current=current, by_hand=by_hand)
    row = replace(THEIRS, amount=theirs, status=status, successes=successes)
    if (theirs != ours.amount or successes > 1) and difference(ours, row, READING) is None:
        raise AssertionError("passed over")
