"""Cases with goods whose money meets a person: settled, given up, or taken back by the gateway."""

import pytest

from tests.histories import parked
from tests.workflows.platform import Platform

pytestmark = pytest.mark.anyio

ENDS = {
    "return_settled": ("completed", "settled_manually", 1000),
    "return_given_up": ("cancelled", "given_up", 0),
    "return_reversed_then_settled": ("completed", "settled_manually", 1000),
    "exchange_settled": ("completed", "exchanged", 300),
    "exchange_given_up": ("cancelled", "given_up", 0),
    "repair_settled": ("completed", "settled_manually", 1000),
    "repair_given_up": ("cancelled", "given_up", 0),
}


@pytest.mark.parametrize("way", parked.PATHS, ids=lambda way: way.__name__)
async def test_a_person_brings_it_to_its_end(platform: Platform, way: object) -> None:
    case_id = await way(platform)  # type: ignore[operator]
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ENDS[way.__name__]  # type: ignore[attr-defined]
