"""Money on its way: what the gateway may say, and what follows from it."""

from typing import Any
from uuid import UUID

import pytest

from store.inbox import Report, receive
from store.tables import Payment
from tests.shop import order_body, request_body
from tests.workflows.gateway import DECLINED, LOST, NOT_FOUND, PENDING, succeeded
from tests.workflows.platform import Platform, eventually

pytestmark = pytest.mark.anyio

TWO_CARDS = [
    {"payment": "ch_1", "provider": "stripe", "captured": 300},
    {"payment": "ch_2", "provider": "stripe", "captured": 1230},
]


async def parked(platform: Platform, **request: Any) -> UUID:
    """A case whose payout was declined."""
    platform.card.answers_send(DECLINED, succeeded())
    case_id = await platform.apply(**request)
    await platform.approve(case_id)
    case = await platform.reaches(case_id, "needs_attention")
    assert case.attention == "payout_declined"
    return case_id


async def paid_from(platform: Platform, *payments: dict[str, object]) -> UUID:
    """An approved case of 510 over these payments."""
    platform.shop.sell("o1", order_body((6, 1530), payments=payments), platform.now())
    case_id = await platform.apply_for(request_body((1, 2)))
    await platform.approve(case_id)
    return case_id


async def called(platform: Platform, times: int) -> None:
    await eventually(lambda: len(platform.card.calls) == times)


def report(platform: Platform, case_id: UUID, n: int, status: str) -> None:
    """The gateway's webhook about the n-th payout of the case."""
    payout = platform.payouts(case_id)[n - 1]
    said = Report("stripe", f"evt_{n}_{status}", "refund.updated", status, payout.payout_id)
    platform.database.run(lambda session: receive(session, said, platform.now()))


async def test_a_declined_payout_waits_for_an_operator_who_retries_under_a_new_key(
    platform: Platform,
) -> None:
    case_id = await parked(platform)
    with platform.shop.session() as session:
        assert session.get_one(Payment, 1).reserved == 0
    await platform.resume(case_id, action="retry")
    await platform.ends(case_id)
    payout = platform.payouts(case_id)[0]
    assert platform.card.keys == [f"as1-{payout.payout_id}-1", f"as1-{payout.payout_id}-2"]
    assert platform.case(case_id).outcome == "refunded"


async def test_a_parked_case_is_escalated_every_day(platform: Platform) -> None:
    case_id = await parked(platform)
    await platform.pass_hours(25)
    await platform.hears(case_id, "escalated")
    await platform.pass_hours(24)
    await platform.hears(case_id, "escalated", times=2)
    assert platform.case(case_id).stage == "needs_attention"


async def test_an_operator_settles_by_hand(platform: Platform) -> None:
    case_id = await parked(platform)
    await platform.resume(case_id, action="settle", reference="bank-77")
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "settled_manually"
    assert platform.card.heard == ["send"]


async def test_an_operator_gives_up(platform: Platform) -> None:
    case_id = await parked(platform)
    await platform.resume(case_id, action="give_up")
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ("cancelled", "given_up", 0)


async def test_money_goes_another_way_once_a_second_person_confirms(platform: Platform) -> None:
    case_id = await parked(platform)
    to = {"kind": "bank_card", "token": "tok_1", "last4": "4242"}
    await platform.resume(case_id, action="reroute", payout_to=to)
    await platform.hears(case_id, "reroute_asked")
    await platform.resume(case_id, platform.shop.lead, action="reroute", payout_to=to)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"
    assert (platform.card.heard, platform.bank.heard) == (["send"], ["send"])


async def test_pending_money_is_asked_after_by_durable_timers(platform: Platform) -> None:
    platform.card.answers_send(PENDING)
    platform.card.answers_ask(PENDING, PENDING, succeeded())
    case_id = await platform.apply()
    await platform.approve(case_id)
    for asked, hours in enumerate((0.001, 0.01, 0.1), start=1):
        await called(platform, times=asked)
        await platform.hears(case_id, "payout_pending")
        await platform.pass_hours(hours)
    await platform.ends(case_id)
    assert platform.card.heard == ["send", "ask", "ask", "ask"]
    assert platform.case(case_id).outcome == "refunded"
    assert (await platform.history(case_id)).count("EVENT_TYPE_TIMER_FIRED") == 3


async def test_news_of_pending_money_are_asked_after_at_once(platform: Platform) -> None:
    platform.card.answers_send(PENDING)
    platform.card.answers_ask(PENDING, succeeded())
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_pending")
    await platform.pass_hours(0.001)
    await eventually(lambda: platform.card.heard == ["send", "ask"])
    asked = "the next question would come ten seconds later"
    report(platform, case_id, 1, "succeeded")
    await platform.deliver()
    await eventually(lambda: platform.card.heard == ["send", "ask", "ask"], asked, seconds=5)
    await platform.reaches(case_id, "completed")


async def test_pending_money_that_fails_parks_the_case(platform: Platform) -> None:
    platform.card.answers_send(PENDING)
    platform.card.answers_ask(DECLINED)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.pass_hours(0.01)
    case = await platform.reaches(case_id, "needs_attention")
    assert case.attention == "payout_declined"


async def test_a_lost_answer_is_asked_after_and_not_sent_again(platform: Platform) -> None:
    platform.card.answers_send(LOST)
    platform.card.answers_ask(LOST, succeeded())
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_unknown")
    await platform.pass_hours(0.01)
    await platform.reaches(case_id, "completed")
    assert platform.card.heard == ["send", "ask", "ask"]


async def test_what_the_gateway_never_saw_is_sent_again_under_the_same_key(
    platform: Platform,
) -> None:
    platform.card.answers_send(LOST, succeeded())
    platform.card.answers_ask(NOT_FOUND)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_unknown")
    await platform.pass_hours(0.01)
    await platform.reaches(case_id, "completed")
    assert platform.card.heard == ["send", "ask", "send"]
    assert len(set(platform.card.keys)) == 1


async def test_each_payment_of_the_order_gives_its_part(platform: Platform) -> None:
    case_id = await paid_from(platform, *TWO_CARDS)
    await platform.ends(case_id)
    assert [(call.payment, call.amount) for _, call in platform.card.calls] == [
        ("ch_1", 300),
        ("ch_2", 210),
    ]
    assert platform.case(case_id).paid == 510


async def test_an_offline_part_waits_for_a_person_after_the_rest_was_paid(
    platform: Platform,
) -> None:
    cash = {"payment": "till", "provider": "offline", "captured": 1230}
    case_id = await paid_from(platform, cash | {"captured": 300}, TWO_CARDS[1])
    case = await platform.reaches(case_id, "needs_attention")
    assert (case.attention, case.paid) == ("offline_payment", 210)
    await platform.resume(case_id, action="settle", reference="till-3")
    await platform.ends(case_id)
    assert platform.case(case_id).paid == 510


async def test_a_reversal_after_success_opens_the_case_in_a_new_run(platform: Platform) -> None:
    case_id = await platform.apply()
    first = (await platform.workflow(case_id).describe()).run_id
    await platform.approve(case_id)
    await platform.ends(case_id)

    platform.card.answers_ask(DECLINED)
    report(platform, case_id, 1, "failed")
    await platform.deliver()
    case = await platform.reaches(case_id, "needs_attention")
    assert (case.attention, case.paid, case.outcome) == ("payout_reversed", 0, None)
    assert (await platform.workflow(case_id).describe()).run_id != first
    assert platform.card.heard == ["send", "ask"], "nothing is paid again without a person"

    await platform.resume(case_id, action="retry")
    await platform.ends(case_id)
    assert platform.case(case_id).paid == 510
    assert len(set(platform.card.keys)) == 2


async def test_good_news_of_a_closed_case_change_nothing(platform: Platform) -> None:
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.ends(case_id)
    before = platform.happened(case_id)
    report(platform, case_id, 1, "failed")
    await platform.deliver()
    await platform.ends(case_id)
    assert platform.happened(case_id) == before
    assert platform.card.heard == ["send", "ask"]


async def test_news_of_a_parked_case_are_asked_after_until_the_gateway_answers(
    platform: Platform,
) -> None:
    platform.card.answers_send(DECLINED, payment="ch_2")
    platform.card.answers_ask(LOST, DECLINED, payment="ch_1")
    case_id = await paid_from(platform, *TWO_CARDS)
    await platform.reaches(case_id, "needs_attention")
    report(platform, case_id, 1, "failed")
    await platform.deliver()
    await eventually(lambda: "ask" in platform.card.heard)
    await platform.pass_hours(0.01)
    await platform.hears(case_id, "payout_reversed")
    assert platform.case(case_id).paid == 0


async def test_retry_asks_about_money_that_is_pending_while_another_was_taken_back(
    platform: Platform,
) -> None:
    platform.card.answers_send(PENDING, payment="ch_2")
    platform.card.answers_ask(DECLINED, payment="ch_1")
    platform.card.answers_ask(PENDING, payment="ch_2")
    case_id = await paid_from(platform, *TWO_CARDS)
    await platform.hears(case_id, "payout_pending")
    report(platform, case_id, 1, "failed")
    await platform.deliver()
    case = await platform.reaches(case_id, "needs_attention")
    assert case.attention == "payout_reversed"
    platform.card.answers_ask(succeeded(), payment="ch_2")
    await platform.resume(case_id, action="retry")
    await platform.hears(case_id, "payout_paid", times=2)
    await platform.resume(case_id, action="retry")
    await platform.ends(case_id)
    assert platform.case(case_id).paid == 510


async def test_a_lead_may_resume_too(platform: Platform) -> None:
    case_id = await parked(platform)
    await platform.resume(case_id, platform.shop.lead, action="retry")
    await platform.ends(case_id)
