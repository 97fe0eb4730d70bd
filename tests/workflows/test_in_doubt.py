"""The gateway owes an answer: who asks it, how often, and what ends the doubt."""

from typing import Any
from uuid import UUID

import pytest

from domain.policy_parts import Payouts
from domain.refusals import Refusal, Why
from gateways import testimony
from gateways.testimony import Verdict
from tests.workflows.gateway import DECLINED, LOST, NOT_FOUND, succeeded
from tests.workflows.platform import Platform, eventually

pytestmark = pytest.mark.anyio

REFUSES_US = testimony.Testimony(verdict=Verdict.NOT_AUTHORIZED, code="invalid_request_error")
AT_ONCE = "asked at once: the standing question comes 20 s later, for time stands still"


async def in_doubt(platform: Platform) -> UUID:
    """A case parked because nobody knows what became of its payout for ten minutes."""
    platform.card.answers_send(LOST)
    platform.card.answers_ask(LOST)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_unknown")
    await platform.pass_hours(11 / 60)
    case = await platform.reaches(case_id, "needs_attention")
    assert case.attention == "payout_in_doubt"
    return case_id


async def test_ten_minutes_of_doubt_park_the_case_until_the_gateway_answers(
    platform: Platform,
) -> None:
    case_id = await in_doubt(platform)
    platform.card.answers_ask(succeeded())
    await platform.pass_hours(0.01)
    await platform.hears(case_id, "unparked")
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"
    assert platform.card.heard.count("send") == 1


async def test_retry_asks_at_once(platform: Platform) -> None:
    case_id = await in_doubt(platform)
    platform.card.answers_ask(succeeded())
    await platform.resume(case_id, action="retry")
    await eventually(lambda: "unparked" in platform.happened(case_id), AT_ONCE, seconds=5)
    await platform.pass_hours(0.01)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"


async def test_retry_of_a_gateway_still_silent_changes_nothing(platform: Platform) -> None:
    case_id = await in_doubt(platform)
    asked = len(platform.card.heard)
    await platform.resume(case_id, action="retry")
    await eventually(lambda: len(platform.card.heard) > asked, AT_ONCE, seconds=5)
    assert platform.case(case_id).stage == "needs_attention"
    platform.card.answers_ask(succeeded())
    await platform.pass_hours(0.01)
    await platform.reaches(case_id, "completed")


async def test_a_refusal_at_last_leaves_the_case_parked_as_declined(platform: Platform) -> None:
    case_id = await in_doubt(platform)
    platform.card.answers_ask(DECLINED)
    await platform.pass_hours(0.01)
    await eventually(lambda: platform.case(case_id).attention == "payout_declined")
    platform.card.answers_send(succeeded("re_2"))
    await platform.resume(case_id, action="retry")
    await platform.ends(case_id)
    assert platform.card.heard.count("send") == 2


async def test_a_gateway_that_does_not_take_our_key_parks_the_case_until_it_does(
    platform: Platform,
) -> None:
    platform.card.answers_send(REFUSES_US)
    platform.card.answers_ask(NOT_FOUND)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_unknown")
    await platform.pass_hours(11 / 60)
    case = await platform.reaches(case_id, "needs_attention")
    assert case.attention == "gateway_refuses_us"
    platform.card.answers_send(succeeded())
    await platform.pass_hours(0.01)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"
    assert len(set(platform.card.keys)) == 1


async def test_two_people_end_a_doubt_that_the_gateway_does_not(platform: Platform) -> None:
    case_id = await in_doubt(platform)
    at_once = Payouts(doubt_hours=0)
    platform.shop.policy = platform.shop.policy.model_copy(update={"payouts": at_once})
    wire = {"action": "settle", "reference": "wire 1"}
    await platform.resume(case_id, **wire)
    assert platform.case(case_id).stage == "needs_attention"
    await platform.resume(case_id, platform.shop.lead, **wire)
    await platform.pass_hours(0.01)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "settled_manually"
    assert platform.card.heard.count("send") == 1


async def test_nothing_but_retry_is_possible_while_in_doubt(platform: Platform) -> None:
    case_id = await in_doubt(platform)
    orders: list[dict[str, Any]] = [
        {"action": "give_up"},
        {"action": "settle", "reference": "bank-1"},
    ]
    for order in orders:
        with pytest.raises(Refusal) as refused:
            platform.shop.resume(case_id, now=platform.now(), **order)
        assert refused.value.why is Why.PAYOUT_IN_DOUBT
