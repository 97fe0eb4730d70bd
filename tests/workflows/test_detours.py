"""Cases with goods that took a detour: bills that lapsed, stock that was gone, second audits."""

import pytest

from tests.histories import detours
from tests.histories.record import Way
from tests.store.books import broken
from tests.workflows.platform import Platform

pytestmark = pytest.mark.anyio

ENDS = {
    detours.charge_lapsed_then_given_up: ("cancelled", "given_up", 1000),
    detours.refused_then_charged: ("completed", "sent_back", 1000),
    detours.empty_box_charged: ("completed", "rejected", 1000),
    detours.exchange_empty_box: ("rejected", "rejected", 0),
    detours.gone_then_refunded: ("completed", "returned_and_refunded", 1000),
    detours.gone_then_refunded_the_rest: ("completed", "returned_and_refunded", 1000),
    detours.swap_agreed_to: ("completed", "exchanged", 0),
    detours.choice_not_agreed_to: ("rejected", "rejected", 0),
    detours.unpaid_then_paid: ("completed", "repaired", 0),
    detours.unpaid_then_given_up: ("cancelled", "given_up", 0),
    detours.paid_beforehand: ("completed", "repaired", 0),
    detours.fee_paid: ("completed", "sent_back", 0),
}


@pytest.mark.parametrize("way", ENDS, ids=lambda way: way.__name__)
async def test_a_detour_comes_to_its_end(platform: Platform, way: Way) -> None:
    case_id = await way(platform)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ENDS[way]
    assert broken(platform.database) == {}
