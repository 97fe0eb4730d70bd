"""Does silence call for attention, and never decide anything?"""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from store import deadlines
from store.tables import Case
from tests.shop import NOW, order_body, request_body
from tests.store.till import DECLINED, Till


@pytest.fixture
def case_id(till: Till) -> UUID:
    till.shop.sell("o1", order_body((1, 1000)))
    return till.shop.apply(request_body((1, 1))).case_id


def remind(till: Till, case_id: UUID, now: datetime) -> Case:
    return till.shop.database.run(lambda s: deadlines.remind(s, case_id, till.shop.policy, now))


def hours(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def test_a_decision_is_reminded_of_and_then_escalated_for_ever(till: Till, case_id: UUID) -> None:
    for at in (24, 48, 72, 96):
        assert remind(till, case_id, hours(at)).remind_at == hours(at + 24)
    assert till.happened(case_id) == ["opened", "reminded", *["escalated"] * 3]
    assert till.shop.read(case_id).stage == "awaiting_audit"


def test_nobody_is_reminded_early_or_twice(till: Till, case_id: UUID) -> None:
    remind(till, case_id, hours(23.9))
    remind(till, case_id, hours(24))
    remind(till, case_id, hours(24))
    assert till.happened(case_id) == ["opened", "reminded"]


def test_a_parked_case_is_escalated_when_its_time_is_over(till: Till, case_id: UUID) -> None:
    till.shop.approve(case_id)
    till.step(case_id, DECLINED)
    remind(till, case_id, hours(24))
    assert till.happened(case_id)[-1] == "escalated"


def test_a_closed_case_is_left_in_peace(till: Till, case_id: UUID) -> None:
    till.shop.cancel(case_id)
    remind(till, case_id, hours(999))
    assert till.happened(case_id)[-1] == "cancelled"
