"""A review on its way: it waits for a case, an auditor, an appeal."""

import pytest

from tests.workflows.platform import Platform, eventually, spelled_out
from tests.workflows.submissions import Moderated

pytestmark = pytest.mark.anyio


@pytest.fixture
def buyers(platform: Platform) -> Moderated:
    return Moderated(platform)


async def test_a_review_is_published_and_its_workflow_ends(buyers: Moderated) -> None:
    review_id = await buyers.submitted()
    buyers.approves(review_id, now=buyers.now())
    await buyers.ends(review_id)
    assert buyers.happened(review_id) == ["submitted", "approved"]
    assert buyers.stars() == [0, 0, 0, 0, 1]
    assert await buyers.events(review_id) <= 14


async def test_an_edit_starts_the_workflow_anew(buyers: Moderated) -> None:
    review_id = await buyers.submitted()
    buyers.approves(review_id, now=buyers.now())
    await buyers.ends(review_id)
    buyers.edits(review_id, now=buyers.now(), stars=1)
    await buyers.platform.deliver()
    buyers.rejects(review_id, now=buyers.now())
    await buyers.ends(review_id)
    assert buyers.happened(review_id) == ["submitted", "approved", "edited", "rejected"]


async def test_a_review_on_hold_goes_on_when_the_case_of_its_line_is_closed(
    buyers: Moderated,
) -> None:
    case_id = await buyers.platform.apply()
    review_id = await buyers.submitted(sell=False)
    assert buyers.stage(review_id) == "on_hold"
    buyers.platform.shop.reject(case_id, now=buyers.now())
    await buyers.platform.deliver()
    await buyers.reaches(review_id, "awaiting_audit")
    buyers.approves(review_id, now=buyers.now())
    await buyers.ends(review_id)
    assert buyers.review(review_id).had_case


async def test_a_hold_lasts_no_longer_than_the_policy_says(buyers: Moderated) -> None:
    await buyers.platform.apply()
    review_id = await buyers.submitted(sell=False)
    await buyers.platform.pass_hours(30 * 24 + 1)
    await buyers.reaches(review_id, "awaiting_audit")


async def test_silence_reminds_then_escalates_and_decides_nothing(buyers: Moderated) -> None:
    review_id = await buyers.submitted()
    await buyers.platform.pass_hours(25)
    await eventually(lambda: "reminded" in buyers.happened(review_id))
    await buyers.platform.pass_hours(24)
    await eventually(lambda: "escalated" in buyers.happened(review_id))
    assert buyers.stage(review_id) == "awaiting_audit"


async def test_operators_see_what_waits_and_how_to_decide(buyers: Moderated) -> None:
    review_id = await buyers.submitted(content="Nobody else may read this.")
    described = await buyers.platform.workflow(review_id).describe()
    shown = {pair.key.name: pair.value for pair in described.typed_search_attributes}
    assert shown["CaseStage"] == "awaiting_audit"
    assert shown["CaseWaitingFor"] == "auditor"
    assert "Nobody else" not in spelled_out(await buyers.platform.history(review_id))
