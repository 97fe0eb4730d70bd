"""The gateway owes an answer: who asks it, how often, and what ends the doubt."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.refusals import Refusal, Why
from tests.workflows.gateway import DECLINED, LOST, succeeded
from tests.workflows.platform import Platform, eventually

pytestmark = pytest.mark.anyio


async def in_doubt(platform: Platform) -> UUID:
    """A case parked because nobody knows what became of its payout for ten minutes."""
    platform.card.answers_send(LOST)
    platform.card.answers_ask(LOST)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_unknown")
    platform.clock.ahead += timedelta(minutes=10)
    case = await platform.reaches(case_id, "needs_attention")
    assert case.attention == "payout_in_doubt"
    asked = len(platform.card.heard)
    await eventually(lambda: len(platform.card.heard) > asked, "asked on while parked")
    return case_id


async def test_ten_minutes_of_doubt_park_the_case_until_the_gateway_answers(
    platform: Platform,
) -> None:
    case_id = await in_doubt(platform)
    platform.card.answers_ask(succeeded())
    await platform.hears(case_id, "unparked")
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"
    assert platform.card.heard.count("send") == 1


async def test_retry_asks_at_once(platform: Platform) -> None:
    case_id = await in_doubt(platform)
    platform.card.answers_ask(succeeded())
    await platform.resume(case_id, action="retry")
    asked_at_once = "the standing question would come four seconds later"
    await eventually(lambda: "unparked" in platform.happened(case_id), asked_at_once, seconds=2)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"


async def test_retry_of_a_gateway_still_silent_changes_nothing(platform: Platform) -> None:
    case_id = await in_doubt(platform)
    asked = len(platform.card.heard)
    await platform.resume(case_id, action="retry")
    await eventually(lambda: len(platform.card.heard) > asked, seconds=2)
    assert platform.case(case_id).stage == "needs_attention"
    platform.card.answers_ask(succeeded())
    await platform.reaches(case_id, "completed")


async def test_a_refusal_at_last_leaves_the_case_parked_as_declined(platform: Platform) -> None:
    case_id = await in_doubt(platform)
    platform.card.answers_ask(DECLINED)
    await eventually(lambda: platform.case(case_id).attention == "payout_declined")
    platform.card.answers_send(succeeded("re_2"))
    await platform.resume(case_id, action="retry")
    await platform.ends(case_id)
    assert platform.card.heard.count("send") == 2


@pytest.mark.parametrize("action", ["give_up", "settle"])
async def test_nothing_but_retry_is_possible_while_in_doubt(
    platform: Platform, action: str
) -> None:
    case_id = await in_doubt(platform)
    fields = {"reference": "bank-1"} if action == "settle" else {}
    with pytest.raises(Refusal) as refused:
        platform.shop.resume(case_id, now=platform.now(), action=action, **fields)
    assert refused.value.why is Why.PAYOUT_IN_DOUBT
