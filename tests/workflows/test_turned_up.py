"""Goods that came in after all go on by themselves; what is rejected at last is given back."""

import pytest

from tests.histories import turned_up
from tests.histories.record import Way
from tests.store.books import broken
from tests.workflows.platform import Platform

pytestmark = pytest.mark.anyio

ENDS = {
    turned_up.astray_then_delivered: ("completed", "returned_and_refunded", 1000),
    turned_up.silent_then_counted: ("completed", "returned_and_refunded", 1000),
    turned_up.exchange_silent_then_delivered: ("completed", "exchanged", 0),
    turned_up.repair_astray_then_diagnosed: ("completed", "repaired", 0),
    turned_up.return_rejected_at_last: ("rejected", "rejected", 0),
    turned_up.exchange_rejected_at_last: ("rejected", "rejected", 0),
}


@pytest.mark.parametrize("way", ENDS, ids=lambda way: way.__name__)
async def test_goods_that_are_here_after_all_get_their_case_to_its_end(
    platform: Platform, way: Way
) -> None:
    case_id = await way(platform)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ENDS[way]
    assert "resumed" not in platform.happened(case_id)
    assert broken(platform.database) == {}
