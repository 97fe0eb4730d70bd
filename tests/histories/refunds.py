"""The ways of a refund, for their histories: see `tests.histories.record`."""

from uuid import UUID

from store.inbox import Report, receive
from tests.workflows.gateway import DECLINED, LOST, PENDING, succeeded
from tests.workflows.platform import Platform


async def approved(platform: Platform) -> UUID:
    case_id = await platform.apply()
    await platform.approve(case_id)
    return case_id


async def rejected(platform: Platform) -> UUID:
    case_id = await platform.apply()
    platform.shop.reject(case_id, now=platform.now())
    return case_id


async def cancelled(platform: Platform) -> UUID:
    case_id = await platform.apply()
    platform.shop.cancel(case_id, platform.now())
    return case_id


async def escalated_then_approved(platform: Platform) -> UUID:
    case_id = await platform.apply()
    await platform.pass_hours(49)
    await platform.hears(case_id, "escalated")
    await platform.approve(case_id)
    return case_id


async def second_approval(platform: Platform) -> UUID:
    case_id = await platform.apply(paid=600_000)
    await platform.approve(case_id)
    await platform.approve(case_id, actor=platform.shop.other_lead)
    return case_id


async def _declined(platform: Platform) -> UUID:
    platform.card.answers_send(DECLINED, succeeded())
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.reaches(case_id, "needs_attention")
    return case_id


async def declined_then_retried(platform: Platform) -> UUID:
    case_id = await _declined(platform)
    await platform.resume(case_id, action="retry")
    return case_id


async def settled_manually(platform: Platform) -> UUID:
    case_id = await _declined(platform)
    await platform.resume(case_id, action="settle", reference="bank-77")
    return case_id


async def given_up(platform: Platform) -> UUID:
    case_id = await _declined(platform)
    await platform.resume(case_id, action="give_up")
    return case_id


async def in_doubt_then_answered(platform: Platform) -> UUID:
    platform.card.answers_send(LOST)
    platform.card.answers_ask(LOST)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_unknown")
    await platform.pass_hours(11 / 60)
    await platform.reaches(case_id, "needs_attention")
    await platform.resume(case_id, action="retry")
    platform.card.answers_ask(succeeded())
    await platform.pass_hours(0.01)
    return case_id


async def pending_then_succeeded(platform: Platform) -> UUID:
    platform.card.answers_send(PENDING)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_pending")
    await platform.pass_hours(0.01)
    return case_id


async def refused_signal_then_approved(platform: Platform) -> UUID:
    case_id = await platform.apply()
    await platform.signal(case_id, "approve", ["not", "an", "object"])
    await platform.hears(case_id, "signal_refused")
    await platform.approve(case_id)
    return case_id


async def many_signals_then_approved(platform: Platform) -> UUID:
    """More than one step settles."""
    case_id = await platform.apply()
    for _ in range(110):
        await platform.signal(case_id, "approve", {"actor": "nobody"})
    await platform.hears(case_id, "signals_refused")
    await platform.approve(case_id)
    return case_id


async def cancellation_requested_then_approved(platform: Platform) -> UUID:
    case_id = await platform.apply()
    await platform.workflow(case_id).cancel()
    await platform.hears(case_id, "signal_refused")
    await platform.approve(case_id)
    return case_id


async def reversed_then_settled(platform: Platform) -> UUID:
    """The second run of a case: started by the gateway's news, ended by a person."""
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.ends(case_id)
    platform.card.answers_ask(DECLINED)
    payout = platform.payouts(case_id)[0]
    news = Report("stripe", "evt_1", "refund.failed", "failed", payout.payout_id)
    platform.database.run(lambda session: receive(session, news, platform.now()))
    await platform.deliver()
    await platform.hears(case_id, "payout_reversed")
    await platform.resume(case_id, action="settle", reference="bank-77")
    return case_id


PATHS = (
    approved,
    rejected,
    cancelled,
    escalated_then_approved,
    second_approval,
    declined_then_retried,
    settled_manually,
    given_up,
    in_doubt_then_answered,
    pending_then_succeeded,
    refused_signal_then_approved,
    many_signals_then_approved,
    cancellation_requested_then_approved,
    reversed_then_settled,
)
