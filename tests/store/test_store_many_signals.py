"""Many refused signals of one case: a hundred have an event each, the others are counted once."""

from uuid import UUID

import pytest

from activities.records import Heard, Records
from domain.messages import Signal
from domain.refused_signals import REFUSED_ONE_BY_ONE
from store import signals
from tests.shop import NOW, Shop, order_body, request_body
from tests.store.till import Till


@pytest.fixture
def case_id(shop: Shop) -> UUID:
    shop.sell("o1", order_body((2, 1000)))
    return shop.apply(request_body((1, 2))).case_id


def junk(count: int, start: int = 0) -> list[Signal]:
    payload = '{"actor": "nobody"}'
    return [Signal(f"s-{n}", "approve", payload) for n in range(start, start + count)]


def settle(till: Till, case_id: UUID, sent: list[Signal]) -> None:
    Records(till.shop.database, till.shop.policy).settle_signals(Heard(case_id, sent, NOW))


def counted(till: Till, case_id: UUID) -> tuple[int, int]:
    """How many were written down one by one, and how many in counts."""
    happened = till.events(case_id)
    alone = sum(event.what == "signal_refused" for event in happened)
    told = [event.detail for event in happened if event.what == "signals_refused"]
    return alone, sum(int(detail.split(" more")[0]) for detail in told)


def test_past_a_hundred_refused_signals_are_counted(till: Till, case_id: UUID) -> None:
    settle(till, case_id, junk(REFUSED_ONE_BY_ONE + 60))
    assert counted(till, case_id) == (REFUSED_ONE_BY_ONE, 60)
    settle(till, case_id, junk(3, start=1000))
    assert counted(till, case_id) == (REFUSED_ONE_BY_ONE, 63)
    assert till.events(case_id)[-1].detail == "3 more: approve: unauthenticated 3"


def test_a_step_that_starts_over_counts_nobody_twice(
    till: Till, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = junk(REFUSED_ONE_BY_ONE + 70)
    real, calls = signals.count_refused, 0

    def dies(*args: object) -> None:
        nonlocal calls
        calls += 1
        real(*args)  # type: ignore[arg-type]
        if calls == 2:
            raise TimeoutError

    monkeypatch.setattr(signals, "count_refused", dies)
    with pytest.raises(TimeoutError):
        settle(till, case_id, sent)
    settle(till, case_id, [*sent, *junk(5, start=1000)])
    assert counted(till, case_id) == (REFUSED_ONE_BY_ONE, 75)


def test_a_right_signal_among_many_wrong_ones_counts(till: Till, case_id: UUID) -> None:
    right = Signal("right", "approve", '{"actor": "lea"}')
    sent = [*junk(130), right, *junk(10, start=500)]
    settle(till, case_id, sent)
    settle(till, case_id, sent)
    assert till.shop.read(case_id).stage == "paying"
    assert counted(till, case_id) == (REFUSED_ONE_BY_ONE, 40)
