"""The ways of feedback, for their histories: see `tests.histories.record`."""

from uuid import UUID

from tests.shop import order_body, request_body
from tests.workflows.platform import Platform
from tests.workflows.submissions import Listened


async def answered_then_closed(platform: Platform) -> UUID:
    """The whole thread: let in, answered, come back to, answered again, closed by its buyer."""
    buyers = Listened(platform)
    feedback_id = await buyers.submitted()
    buyers.approves(feedback_id)
    await platform.deliver()
    buyers.answers(feedback_id)
    await platform.deliver()
    buyers.comes_back(feedback_id)
    await platform.deliver()
    buyers.answers(feedback_id, "We spoke to him.")
    await platform.deliver()
    buyers.closes(feedback_id)
    return feedback_id


async def feedback_rejected(platform: Platform) -> UUID:
    buyers = Listened(platform)
    feedback_id = await buyers.submitted()
    buyers.rejects(feedback_id)
    return feedback_id


async def closed_unread(platform: Platform) -> UUID:
    buyers = Listened(platform)
    feedback_id = await buyers.submitted()
    buyers.closes(feedback_id, platform.shop.auditor)
    return feedback_id


async def closed_unanswered(platform: Platform) -> UUID:
    buyers = Listened(platform)
    feedback_id = await buyers.submitted()
    buyers.approves(feedback_id)
    await platform.deliver()
    buyers.comes_back(feedback_id, "Leave it.")
    await platform.deliver()
    buyers.closes(feedback_id)
    return feedback_id


async def _answered(platform: Platform) -> tuple[Listened, UUID]:
    """Feedback that an answer has let in."""
    buyers = Listened(platform)
    feedback_id = await buyers.submitted()
    buyers.answers(feedback_id)
    await platform.deliver()
    await buyers.hears(feedback_id, "answered")
    return buyers, feedback_id


async def left_by_its_buyer(platform: Platform) -> UUID:
    buyers, feedback_id = await _answered(platform)
    await platform.pass_hours(7 * 24 + 1)
    await buyers.reaches(feedback_id, "closed")
    return feedback_id


async def answered_twice_then_left(platform: Platform) -> UUID:
    buyers, feedback_id = await _answered(platform)
    await platform.pass_hours(6 * 24)
    buyers.answers(feedback_id, "He is sorry.")
    await platform.deliver()
    await platform.pass_hours(7 * 24 + 1)
    await buyers.reaches(feedback_id, "closed")
    return feedback_id


async def feedback_escalated_then_rejected(platform: Platform) -> UUID:
    buyers = Listened(platform)
    feedback_id = await buyers.submitted()
    await platform.pass_hours(25)
    await buyers.hears(feedback_id, "reminded")
    await platform.pass_hours(24)
    await buyers.hears(feedback_id, "escalated")
    buyers.rejects(feedback_id)
    return feedback_id


async def answer_escalated_then_closed(platform: Platform) -> UUID:
    buyers = Listened(platform)
    feedback_id = await buyers.submitted()
    buyers.approves(feedback_id)
    await platform.deliver()
    await platform.pass_hours(25)
    await buyers.hears(feedback_id, "reminded")
    await platform.pass_hours(24)
    await buyers.hears(feedback_id, "escalated")
    buyers.answers(feedback_id)
    await platform.deliver()
    buyers.closes(feedback_id)
    return feedback_id


async def became_a_case(platform: Platform) -> UUID:
    buyers = Listened(platform)
    platform.shop.sell("o1", order_body((6, 1530)), platform.now())
    feedback_id = await buyers.submitted()
    buyers.converts(feedback_id, case=request_body((1, 2)))
    return feedback_id


async def answered_then_became_a_review(platform: Platform) -> UUID:
    platform.shop.sell("o1", order_body((6, 1530)), platform.now())
    buyers, feedback_id = await _answered(platform)
    buyers.converts(feedback_id, review={"order_id": "o1", "line": 1, "stars": 2})
    return feedback_id


async def score_explained_then_closed(platform: Platform) -> UUID:
    """What a buyer said beside the score of a case."""
    buyers = Listened(platform)
    feedback_id = buyers.rates(buyers.closed_case(), content="Slow, but well.")
    await platform.deliver()
    buyers.closes(feedback_id)
    return feedback_id


async def rejected_by_hand(platform: Platform) -> UUID:
    buyers = Listened(platform)
    feedback_id = await buyers.submitted()
    await platform.signal(feedback_id, "answer", {"actor": "alice", "content": "Sorry."})
    await buyers.hears(feedback_id, "signal_refused")
    await platform.signal(feedback_id, "reject", {"actor": "alice", "reason": "offensive"})
    return feedback_id


async def feedback_cancellation_requested_then_closed(platform: Platform) -> UUID:
    buyers = Listened(platform)
    feedback_id = await buyers.submitted()
    await platform.workflow(feedback_id).cancel()
    await buyers.hears(feedback_id, "signal_refused")
    buyers.closes(feedback_id)
    return feedback_id


PATHS = (
    answered_then_closed,
    feedback_rejected,
    closed_unread,
    closed_unanswered,
    left_by_its_buyer,
    answered_twice_then_left,
    feedback_escalated_then_rejected,
    answer_escalated_then_closed,
    became_a_case,
    answered_then_became_a_review,
    score_explained_then_closed,
    rejected_by_hand,
    feedback_cancellation_requested_then_closed,
)
