"""What a gateway reports of itself: taken in once, and news only where the books differ?"""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from store import inbox
from store.inbox import Report
from store.tables import Inbox, Outbox
from tests.shop import NOW, Shop
from tests.store.till import DECLINED, NO_ANSWER, PAID, PENDING, Till


def told(shop: Shop, topic: str) -> int:
    with shop.session() as session:
        return len(session.scalars(select(Outbox.id).where(Outbox.topic == topic)).all())


def unread(shop: Shop) -> list[str]:
    with shop.session() as session:
        return list(session.scalars(select(Inbox.event_id).where(Inbox.processed_at.is_(None))))


@pytest.fixture
def case_id(till: Till) -> UUID:
    return till.approved()


def test_a_report_is_taken_in_once(till: Till, case_id: UUID) -> None:
    till.step(case_id, PENDING)
    (payout,) = till.payouts(case_id)
    till.report(payout, "succeeded", "evt_x")
    till.report(payout, "succeeded", "evt_x")
    assert unread(till.shop) == ["evt_x"]
    assert told(till.shop, "payout_news") == 1


@pytest.mark.parametrize("status", ["succeeded", "failed"])
def test_a_report_on_an_undecided_payout_is_news_without_authority(
    till: Till, case_id: UUID, status: str
) -> None:
    till.step(case_id, NO_ANSWER)
    till.report(till.payouts(case_id)[0], status)
    assert told(till.shop, "payout_news") == 1
    assert till.payouts(case_id)[0].state == "unknown"
    till.step(case_id, PAID)
    assert unread(till.shop) == []


def test_what_the_books_say_too_is_no_news(till: Till, case_id: UUID) -> None:
    till.pay(case_id)
    till.report(till.payouts(case_id)[0], "succeeded")
    assert told(till.shop, "payout_news") == 0
    assert unread(till.shop) == []


def test_a_report_during_the_call_is_read_with_its_answer(till: Till, case_id: UUID) -> None:
    call = till.call(case_id)
    till.report(till.payouts(case_id)[0], "succeeded")
    assert told(till.shop, "payout_news") == 0
    till.conclude(call, PAID)
    assert unread(till.shop) == []


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_failure_reported_during_the_call_is_asked_about_after_it(
    till: Till, case_id: UUID, status: str
) -> None:
    call = till.call(case_id)
    till.report(till.payouts(case_id)[0], status)
    till.conclude(call, PAID)
    assert len(unread(till.shop)) == 1
    assert till.step(case_id, DECLINED).case.attention == "payout_reversed"
    assert unread(till.shop) == []


def test_a_failure_reported_while_the_gateway_is_asked_is_asked_about_again(
    till: Till, case_id: UUID
) -> None:
    till.step(case_id, PENDING)
    question = till.call(case_id)
    till.report(till.payouts(case_id)[0], "failed")
    till.conclude(question, PAID)  # true when it was said
    assert till.step(case_id, DECLINED).case.attention == "payout_reversed"
    assert unread(till.shop) == []


def test_a_stale_answer_does_not_hide_what_was_reported_after_it(till: Till, case_id: UUID) -> None:
    till.step(case_id, PENDING)
    stale = till.call(case_id)
    till.pay(case_id)
    till.report(till.payouts(case_id)[0], "failed")
    till.conclude(stale, PAID)
    assert till.step(case_id, DECLINED).case.attention == "payout_reversed"


def test_a_late_failure_of_what_was_settled_by_hand_is_no_news(till: Till, case_id: UUID) -> None:
    till.step(case_id, DECLINED)
    till.shop.resume(case_id, action="settle", reference="bank 7")
    till.report(till.payouts(case_id)[0], "failed")
    assert told(till.shop, "payout_news") == 0
    assert unread(till.shop) == []


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_success_taken_back_is_news(till: Till, case_id: UUID, status: str) -> None:
    till.pay(case_id)
    till.report(till.payouts(case_id)[0], status)
    assert told(till.shop, "payout_news") == 1


def test_a_report_on_a_strangers_refund_is_kept_and_done_with(shop: Shop) -> None:
    report = Report("stripe", "evt_1", "refund.created", "succeeded", uuid4())
    shop.database.run(lambda s: inbox.receive(s, report, NOW))
    with shop.session() as session:
        (row,) = session.scalars(select(Inbox))
    assert (row.payout_id, row.processed_at) == (None, NOW)


def test_a_report_on_a_charge_wakes_only_the_undecided(till: Till, case_id: UUID) -> None:
    till.step(case_id, PENDING)
    till.pay(till.approved(order_id="o2"))
    report = Report("stripe", "evt_1", "charge.refunded", "", payments=("ch_1",))
    till.shop.database.run(lambda s: inbox.receive(s, report, NOW))
    with till.shop.session() as session:
        woken = select(Outbox.case_id).where(Outbox.topic == "payout_news")
        assert session.scalars(woken).all() == [case_id]
