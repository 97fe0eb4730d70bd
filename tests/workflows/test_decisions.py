"""A person decides; or nobody does, and then the case is shown to somebody, never let go."""

from datetime import timedelta

import pytest

from tests.workflows.platform import Platform

pytestmark = pytest.mark.anyio

BANK_CARD = {"kind": "bank_card", "token": "tok_of_the_buyer", "last4": "4242"}


async def test_an_approved_refund_is_paid_once_and_closed(platform: Platform) -> None:
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ("completed", "refunded", 510)
    assert platform.card.heard == ["send"]
    assert platform.happened(case_id) == [
        "opened",
        "approved",
        "payout_reserved",
        "payout_paid",
        "completed",
    ]


async def test_a_rejected_refund_ends_without_the_gateway(platform: Platform) -> None:
    case_id = await platform.apply()
    platform.shop.reject(case_id, now=platform.now())
    await platform.deliver()
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "rejected"
    assert platform.card.heard == []


async def test_a_cancelled_refund_ends_without_the_gateway(platform: Platform) -> None:
    case_id = await platform.apply()
    platform.shop.cancel(case_id, platform.now())
    await platform.deliver()
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "cancelled"
    assert platform.card.heard == []


async def test_silence_reminds_then_escalates_and_decides_nothing(platform: Platform) -> None:
    case_id = await platform.apply()
    opened = platform.case(case_id)
    assert opened.due_at
    assert opened.due_at - opened.opened_at == timedelta(hours=48)
    await platform.pass_hours(25)
    await platform.hears(case_id, "reminded")
    assert "escalated" not in platform.happened(case_id)
    await platform.pass_hours(24)
    await platform.hears(case_id, "escalated")
    late = platform.case(case_id)
    assert (late.stage, late.due_at) == ("awaiting_audit", opened.due_at)
    assert opened.due_at < platform.now(), "an overdue case stays overdue"
    await platform.pass_hours(24)
    await platform.hears(case_id, "escalated", times=2)

    await platform.approve(case_id)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"


async def test_a_large_refund_waits_for_a_second_person(platform: Platform) -> None:
    case_id = await platform.apply(paid=600_000)
    await platform.approve(case_id)
    await platform.reaches(case_id, "awaiting_second_audit")
    await platform.pass_hours(49)
    await platform.hears(case_id, "escalated")
    assert platform.card.heard == []
    await platform.approve(case_id, actor=platform.shop.other_lead)
    await platform.ends(case_id)
    assert platform.case(case_id).paid == 200_000


async def test_a_second_person_may_still_reject(platform: Platform) -> None:
    case_id = await platform.apply(paid=600_000)
    await platform.approve(case_id)
    platform.shop.reject(case_id, platform.shop.other_lead, now=platform.now())
    await platform.deliver()
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "rejected"
    assert platform.card.heard == []


async def test_money_to_a_bank_card_goes_by_the_bank(platform: Platform) -> None:
    case_id = await platform.apply(payout_to=BANK_CARD)
    await platform.approve(case_id)
    await platform.approve(case_id, actor=platform.shop.other_lead)
    await platform.ends(case_id)
    assert (platform.bank.heard, platform.card.heard) == (["send"], [])


async def test_an_approver_revoked_before_the_payout_sends_the_case_back(
    platform: Platform,
) -> None:
    case_id = await platform.apply(paid=600_000)
    platform.shop.approve(case_id, now=platform.now())
    platform.shop.approve(case_id, platform.shop.other_lead, platform.now())
    platform.shop.revoke(platform.shop.lead.name, platform.now())
    await platform.deliver()
    await platform.hears(case_id, "approval_lapsed")
    assert platform.case(case_id).stage == "awaiting_second_audit"
    assert platform.card.heard == []

    third = platform.shop.hire("lou", platform.shop.lead.role)
    await platform.approve(case_id, actor=third)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"
    assert platform.card.heard == ["send"]


async def test_a_case_sent_back_can_be_cancelled(platform: Platform) -> None:
    case_id = await platform.apply()
    platform.shop.approve(case_id, now=platform.now())
    platform.shop.revoke(platform.shop.lead.name, platform.now())
    await platform.deliver()
    await platform.hears(case_id, "approval_lapsed")
    platform.shop.cancel(case_id, platform.now())
    await platform.deliver()
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "cancelled"
