"""The ways of a review, for their histories: see `tests.histories.record`.

What is taken up again after it came to rest has a workflow anew, whose history is kept.
"""

from uuid import UUID

from tests.shop import request_body
from tests.workflows.platform import Platform
from tests.workflows.submissions import Moderated


async def published(platform: Platform) -> UUID:
    buyers = Moderated(platform)
    review_id = await buyers.submitted()
    buyers.approves(review_id, now=buyers.now())
    return review_id


async def review_rejected(platform: Platform) -> UUID:
    buyers = Moderated(platform)
    review_id = await buyers.submitted()
    buyers.rejects(review_id, now=buyers.now())
    return review_id


async def withdrawn(platform: Platform) -> UUID:
    buyers = Moderated(platform)
    review_id = await buyers.submitted()
    buyers.withdraws(review_id, now=buyers.now())
    return review_id


async def edited_unread_then_published(platform: Platform) -> UUID:
    buyers = Moderated(platform)
    review_id = await buyers.submitted()
    buyers.edits(review_id, now=buyers.now(), stars=1)
    await platform.deliver()
    buyers.approves(review_id, now=buyers.now())
    return review_id


async def review_escalated_then_published(platform: Platform) -> UUID:
    buyers = Moderated(platform)
    review_id = await buyers.submitted()
    await platform.pass_hours(25)
    await buyers.hears(review_id, "reminded")
    await platform.pass_hours(24)
    await buyers.hears(review_id, "escalated")
    buyers.approves(review_id, now=buyers.now())
    return review_id


async def _on_hold(platform: Platform) -> tuple[Moderated, UUID, UUID]:
    """A review of a line with an open case, and that case."""
    case_id = await platform.apply()
    buyers = Moderated(platform)
    return buyers, await buyers.submitted(sell=False), case_id


async def held_then_published(platform: Platform) -> UUID:
    buyers, review_id, case_id = await _on_hold(platform)
    platform.shop.reject(case_id, now=platform.now())
    await platform.deliver()
    await buyers.reaches(review_id, "awaiting_audit")
    buyers.approves(review_id, now=buyers.now())
    return review_id


async def hold_lapsed_then_rejected(platform: Platform) -> UUID:
    buyers, review_id, _ = await _on_hold(platform)
    await platform.pass_hours(30 * 24 + 1)
    await buyers.reaches(review_id, "awaiting_audit")
    buyers.rejects(review_id, now=buyers.now())
    return review_id


async def held_then_withdrawn(platform: Platform) -> UUID:
    buyers, review_id, _ = await _on_hold(platform)
    buyers.withdraws(review_id, now=buyers.now())
    return review_id


async def held_under_audit_then_published(platform: Platform) -> UUID:
    """A case of its line is opened while it waits for its auditor."""
    buyers = Moderated(platform)
    review_id = await buyers.submitted()
    case_id = await platform.apply_for(request_body((1, 2)))
    await buyers.reaches(review_id, "on_hold")
    platform.shop.cancel(case_id, platform.now())
    await platform.deliver()
    await buyers.reaches(review_id, "awaiting_audit")
    buyers.approves(review_id, now=buyers.now())
    return review_id


async def edited_then_published(platform: Platform) -> UUID:
    review_id = await published(platform)
    buyers = await _at_rest(platform, review_id)
    buyers.edits(review_id, now=buyers.now(), stars=1)
    await platform.deliver()
    buyers.approves(review_id, now=buyers.now())
    return review_id


async def edited_then_withdrawn(platform: Platform) -> UUID:
    review_id = await published(platform)
    buyers = await _at_rest(platform, review_id)
    buyers.edits(review_id, now=buyers.now(), stars=1)
    await platform.deliver()
    buyers.withdraws(review_id, now=buyers.now())
    return review_id


async def _appealed(platform: Platform) -> tuple[Moderated, UUID]:
    review_id = await review_rejected(platform)
    buyers = await _at_rest(platform, review_id)
    buyers.appeals(review_id, now=buyers.now())
    await platform.deliver()
    return buyers, review_id


async def appealed_then_published(platform: Platform) -> UUID:
    buyers, review_id = await _appealed(platform)
    buyers.approves(review_id, platform.shop.lead, buyers.now())
    return review_id


async def appealed_then_rejected(platform: Platform) -> UUID:
    buyers, review_id = await _appealed(platform)
    buyers.rejects(review_id, platform.shop.lead, buyers.now())
    return review_id


async def appealed_then_withdrawn(platform: Platform) -> UUID:
    buyers, review_id = await _appealed(platform)
    buyers.withdraws(review_id, now=buyers.now())
    return review_id


async def appeal_edited_then_published(platform: Platform) -> UUID:
    buyers, review_id = await _appealed(platform)
    buyers.edits(review_id, now=buyers.now(), content="It does.")
    await platform.deliver()
    buyers.approves(review_id, now=buyers.now())
    return review_id


async def _at_rest(platform: Platform, review_id: UUID) -> Moderated:
    buyers = Moderated(platform)
    await buyers.ends(review_id)
    return buyers


async def published_by_hand(platform: Platform) -> UUID:
    buyers = Moderated(platform)
    review_id = await buyers.submitted()
    await platform.signal(review_id, "approve", ["not", "an", "object"])
    await buyers.hears(review_id, "signal_refused")
    await platform.signal(review_id, "approve", {"actor": "alice"})
    return review_id


async def review_cancellation_requested_then_published(platform: Platform) -> UUID:
    buyers = Moderated(platform)
    review_id = await buyers.submitted()
    await platform.workflow(review_id).cancel()
    await buyers.hears(review_id, "signal_refused")
    buyers.approves(review_id, now=buyers.now())
    return review_id


PATHS = (
    published,
    review_rejected,
    withdrawn,
    edited_unread_then_published,
    review_escalated_then_published,
    held_then_published,
    hold_lapsed_then_rejected,
    held_then_withdrawn,
    held_under_audit_then_published,
    edited_then_published,
    edited_then_withdrawn,
    appealed_then_published,
    appealed_then_rejected,
    appealed_then_withdrawn,
    appeal_edited_then_published,
    published_by_hand,
    review_cancellation_requested_then_published,
)
