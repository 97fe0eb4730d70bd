"""Cases whose gateway took their money back, on their way or after the end: a person ends them."""

import pytest

from tests.histories import taken_back
from tests.histories.record import Way
from tests.store.books import broken
from tests.workflows.platform import Platform

pytestmark = pytest.mark.anyio

ENDS = {
    taken_back.return_reversed_then_paid_again: ("completed", "returned_and_refunded", 1000),
    taken_back.exchange_reversed_then_paid_again: ("completed", "exchanged", 300),
    taken_back.exchange_reversed_then_settled: ("completed", "settled_manually", 300),
    taken_back.exchange_reversed_then_given_up: ("cancelled", "given_up", 0),
    taken_back.exchange_reversed_on_its_way: ("completed", "exchanged", 300),
    taken_back.refunded_then_reversed: ("completed", "returned_and_refunded", 1000),
    taken_back.stockless_reversed_then_paid_again: ("completed", "returned_and_refunded", 1000),
    taken_back.repair_reversed_then_paid_again: ("completed", "refunded", 1000),
    taken_back.repair_reversed_then_given_up: ("cancelled", "given_up", 0),
}


@pytest.mark.parametrize("way", ENDS, ids=lambda way: way.__name__)
async def test_a_person_ends_it_once_more(platform: Platform, way: Way) -> None:
    case_id = await way(platform)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ENDS[way]
    assert broken(platform.database) == {}
