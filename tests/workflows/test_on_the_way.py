"""Cases whose parcels were lost, or did not get to the buyer: paid for, sent again, given up."""

import pytest

from tests.histories import on_the_way
from tests.histories.record import Way
from tests.store.books import broken
from tests.workflows.platform import Platform

pytestmark = pytest.mark.anyio

ENDS = {
    on_the_way.lost_on_its_way_back: ("completed", "returned_and_refunded", 1000),
    on_the_way.astray_then_given_up: ("cancelled", "given_up", 0),
    on_the_way.refunded_then_lost: ("completed", "returned_and_refunded", 1000),
    on_the_way.exchange_lost_on_its_way_in: ("completed", "returned_and_refunded", 1000),
    on_the_way.replacement_lost: ("completed", "returned_and_refunded", 1000),
    on_the_way.replacement_sent_again: ("completed", "exchanged", 0),
    on_the_way.repair_lost_on_its_way_in: ("completed", "refunded", 1000),
    on_the_way.repaired_unit_lost: ("completed", "refunded", 1000),
    on_the_way.repaired_unit_sent_again: ("completed", "repaired", 0),
}


@pytest.mark.parametrize("way", ENDS, ids=lambda way: way.__name__)
async def test_a_parcel_that_did_not_arrive_is_paid_for_sent_again_or_given_up(
    platform: Platform, way: Way
) -> None:
    case_id = await way(platform)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ENDS[way]
    assert broken(platform.database) == {}
