"""Feedback on its way: it waits for an auditor, an answer, its buyer; and comes to its end."""

from uuid import UUID

import pytest
from sqlalchemy import select

from store.tables import Case, Review
from tests.shop import order_body, request_body
from tests.workflows.platform import Platform, eventually, running, spelled_out
from tests.workflows.submissions import Listened, Moderated

pytestmark = pytest.mark.anyio

WEEK = 7 * 24


@pytest.fixture
def buyers(platform: Platform) -> Listened:
    return Listened(platform)


async def test_what_is_answered_and_closed_has_no_workflow_any_more(buyers: Listened) -> None:
    feedback_id = await buyers.submitted()
    buyers.approves(feedback_id)
    buyers.answers(feedback_id)
    buyers.comes_back(feedback_id)
    buyers.answers(feedback_id, "We spoke to him.")
    buyers.closes(feedback_id)
    await buyers.ends(feedback_id)
    assert buyers.stage(feedback_id) == "closed"
    assert buyers.happened(feedback_id) == [
        "submitted",
        "approved",
        "answered",
        "came_back",
        "answered",
        "closed",
    ]


async def test_an_answer_lets_it_in_and_its_workflow_waits_for_the_buyer(buyers: Listened) -> None:
    feedback_id = await buyers.submitted()
    buyers.answers(feedback_id)
    await buyers.platform.deliver()
    await eventually(lambda: shown(buyers, feedback_id, "CaseWaitingFor", "buyer"))
    buyers.closes(feedback_id)
    await buyers.ends(feedback_id)
    assert buyers.happened(feedback_id) == ["submitted", "approved", "answered", "closed"]


async def test_staff_close_what_nobody_has_to_read(buyers: Listened) -> None:
    feedback_id = await buyers.submitted()
    buyers.closes(feedback_id, buyers.shop.auditor)
    await buyers.ends(feedback_id)
    assert buyers.happened(feedback_id) == ["submitted", "closed"]


async def test_what_is_rejected_ends(buyers: Listened) -> None:
    feedback_id = await buyers.submitted()
    buyers.rejects(feedback_id)
    await buyers.ends(feedback_id)
    assert (buyers.stage(feedback_id), buyers.said(feedback_id)) == ("rejected", "offensive")


async def test_what_its_buyer_leaves_unanswered_is_closed_in_the_end(buyers: Listened) -> None:
    feedback_id = await buyers.submitted()
    buyers.answers(feedback_id)
    await buyers.platform.deliver()
    await buyers.platform.pass_hours(WEEK - 1)
    assert buyers.stage(feedback_id) == "awaiting_buyer"
    await buyers.platform.pass_hours(2)
    await buyers.ends(feedback_id)
    closed = buyers.log(feedback_id)[-1]
    assert (closed.what, closed.actor_kind, closed.to_stage) == ("closed", "system", "closed")


async def test_a_further_answer_gives_its_buyer_the_whole_time_again(buyers: Listened) -> None:
    feedback_id = await buyers.submitted()
    buyers.answers(feedback_id)
    await buyers.platform.deliver()
    await buyers.platform.pass_hours(WEEK - 1)
    buyers.answers(feedback_id, "He is sorry.")
    await buyers.platform.deliver()
    await buyers.platform.pass_hours(WEEK - 1)
    assert buyers.stage(feedback_id) == "awaiting_buyer"
    await buyers.platform.pass_hours(2)
    await buyers.ends(feedback_id)
    assert buyers.stage(feedback_id) == "closed"


@pytest.mark.parametrize("stage", ["awaiting_audit", "awaiting_answer"])
async def test_silence_of_staff_reminds_then_escalates_and_decides_nothing(
    buyers: Listened, stage: str
) -> None:
    feedback_id = await buyers.submitted()
    if stage == "awaiting_answer":
        buyers.approves(feedback_id)
        await buyers.platform.deliver()
    await buyers.platform.pass_hours(25)
    await buyers.hears(feedback_id, "reminded")
    await buyers.platform.pass_hours(24)
    await buyers.hears(feedback_id, "escalated")
    assert buyers.stage(feedback_id) == stage
    assert await running(buyers.platform.workflow(feedback_id))
    buyers.answers(feedback_id)
    buyers.closes(feedback_id)
    await buyers.ends(feedback_id)


async def test_after_days_of_outage_there_is_one_reminder(buyers: Listened) -> None:
    feedback_id = buyers.writes()
    await buyers.platform.pass_hours(5 * 24)
    await buyers.platform.deliver()
    await buyers.hears(feedback_id, "escalated")
    await buyers.platform.pass_hours(1)
    assert buyers.happened(feedback_id) == ["submitted", "escalated"]


async def test_what_became_a_case_ends_and_the_case_goes_its_own_way(buyers: Listened) -> None:
    buyers.shop.sell("o1", order_body((6, 1530)), buyers.clock())
    feedback_id = await buyers.submitted()
    buyers.converts(feedback_id, case=request_body((1, 2)))
    await buyers.ends(feedback_id)
    assert buyers.stage(feedback_id) == "converted"
    with buyers.shop.session() as session:
        case_id = session.scalars(select(Case.case_id)).one()
    assert buyers.said(feedback_id) == f"case {case_id}"
    await buyers.platform.approve(case_id)
    await buyers.platform.ends(case_id)
    assert (buyers.platform.case(case_id).outcome, len(buyers.platform.card.keys)) == (
        "refunded",
        1,
    )


async def test_what_became_a_review_ends_and_the_review_is_audited(buyers: Listened) -> None:
    buyers.shop.sell("o1", order_body((6, 1530)), buyers.clock())
    feedback_id = await buyers.submitted()
    buyers.answers(feedback_id)
    await buyers.platform.deliver()
    buyers.converts(feedback_id, review={"order_id": "o1", "line": 1, "stars": 2})
    await buyers.ends(feedback_id)
    with buyers.shop.session() as session:
        review_id = session.scalars(select(Review.submission_id)).one()
    assert buyers.said(feedback_id) == f"review {review_id}"
    reviews = Moderated(buyers.platform)
    reviews.approves(review_id, now=buyers.clock())
    await reviews.ends(review_id)
    assert reviews.stars() == [0, 1, 0, 0, 0]


async def test_a_score_without_a_word_has_no_workflow_and_one_with_a_word_has(
    buyers: Listened,
) -> None:
    silent = buyers.rates(buyers.closed_case("o1"))
    spoken = buyers.rates(buyers.closed_case("o2"), content="Slow, but well.")
    await buyers.platform.deliver()
    assert not await buyers.started(silent)
    assert await running(buyers.platform.workflow(spoken))
    buyers.closes(spoken)
    await buyers.ends(spoken)


async def test_what_was_closed_before_temporal_heard_of_it_has_no_workflow(
    buyers: Listened,
) -> None:
    feedback_id = buyers.writes()
    buyers.closes(feedback_id)
    await buyers.platform.deliver()
    assert not await buyers.started(feedback_id)


async def test_operators_see_what_waits_and_nothing_of_what_was_said(buyers: Listened) -> None:
    secrets = {
        "subject": "canary of the subject",
        "content": "canary of the content",
        "contact": "canary@example.org",
    }
    feedback_id = await buyers.submitted(**secrets)
    described = await buyers.platform.workflow(feedback_id).describe()
    assert await described.static_summary() == "Feedback of the shop"
    assert await shown(buyers, feedback_id, "CaseStage", "awaiting_audit")
    assert await shown(buyers, feedback_id, "CaseWaitingFor", "auditor")
    details = await buyers.platform.details(feedback_id)
    assert "**Feedback** of the shop · awaiting_audit" in details
    assert f"--workflow-id feedback/{feedback_id}" in details
    buyers.answers(feedback_id, "canary of the answer")
    buyers.comes_back(feedback_id, "canary of the buyer")
    await buyers.platform.deliver()
    await eventually(lambda: shown(buyers, feedback_id, "CaseStage", "awaiting_answer"))
    assert "canary" not in spelled_out(await buyers.platform.history(feedback_id))


async def shown(buyers: Listened, feedback_id: UUID, name: str, value: str) -> bool:
    """Whether the Temporal UI says so."""
    described = await buyers.platform.workflow(feedback_id).describe()
    return value in {
        pair.value for pair in described.typed_search_attributes if pair.key.name == name
    }
