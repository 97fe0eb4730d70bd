"""Which stage may follow which, and is there a way to each of them?"""

from uuid import UUID

import pytest

from domain.cases import (
    AUDITS,
    FOLLOWS,
    TERMINAL,
    WAITING_FOR,
    Kind,
    Stage,
    gateway_key,
    may_follow,
    payout_id,
    workflow_id,
)

CASE = UUID("0198c7f0-6c1e-7cc4-a5c3-3b1c2b2f0e11")


def test_every_stage_can_be_reached() -> None:
    reached: set[Stage] = set()
    ahead = set(FOLLOWS[None])
    while ahead:
        stage = ahead.pop()
        reached.add(stage)
        ahead |= FOLLOWS.get(stage, frozenset()) - reached
    assert reached == set(Stage)


def test_every_open_stage_leads_to_an_end_and_has_somebody_to_wait_for() -> None:
    for stage in set(Stage) - TERMINAL:
        assert FOLLOWS[stage], stage
        assert stage in WAITING_FOR


def test_a_reversal_is_the_one_way_out_of_a_closed_case() -> None:
    ways_out = {
        (before, after)
        for before in TERMINAL
        for after in Stage
        if after is not before and may_follow(before, after)
    }
    assert ways_out == {(Stage.COMPLETED, Stage.NEEDS_ATTENTION)}


@pytest.mark.parametrize("stage", list(Stage))
def test_an_event_may_leave_the_stage_as_it_is(stage: Stage) -> None:
    assert may_follow(stage, stage)


@pytest.mark.parametrize("stage", [Stage.PAYING, Stage.NEEDS_ATTENTION])
def test_nobody_decides_twice(stage: Stage) -> None:
    assert stage not in AUDITS
    assert not may_follow(stage, Stage.REJECTED)


def test_a_case_that_pays_cannot_be_cancelled_before_somebody_looked() -> None:
    assert not may_follow(Stage.PAYING, Stage.CANCELLED)


def test_names_are_the_same_after_a_restart() -> None:
    first = payout_id(CASE, 1)
    assert first == payout_id(CASE, 1) != payout_id(CASE, 2)
    assert gateway_key(first, 2) == f"as1-{first}-2"
    assert workflow_id(Kind.REFUND, CASE) == f"refund/{CASE}"
