"""Bills on the store: what a buyer owes, whatever its gateway says, and when."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.bills import BillState, BillWord
from domain.effects import EffectState, Said
from store.goods import bills
from store.tables import Bill, Case
from tests.shop import NOW
from tests.store.dock import NO_ANSWER, Dock, booking
from tests.store.test_store_exchanges import BOUGHT, OPENED, OVER, ended, inbound
from tests.store.till import Till, refused

OTHER_PAGE = Said(
    EffectState.DONE, "cs_2", bill=BillWord(BillState.OPEN, url="https://p.example/2")
)
TOO_SMALL = Said(EffectState.CANCELLED, code="amount_too_small")
TOO_SOON = Said(EffectState.CANCELLED, code="expires_at_refused")
DONE = Said(EffectState.DONE)
NO_REFUND = Said(EffectState.CANCELLED, code="charge_disputed")


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


@pytest.fixture
def owing(dock: Dock) -> UUID:
    """A case that is about to ask its buyer for 3.00."""
    case_id = inbound(dock, 1300)
    dock.inspect(case_id, 2, 2)
    dock.done(case_id)  # put back
    return case_id


@pytest.fixture
def billed(dock: Dock, owing: UUID) -> UUID:
    """A case whose buyer can pay 3.00 for three days."""
    dock.done(owing, OPENED)
    return owing


def bill(dock: Dock, case_id: UUID) -> Bill:
    with dock.shop.database.begin() as session:
        found = bills.latest(session, case_id)
    assert found is not None
    return found


def report(dock: Dock, case_id: UUID, event_id: str = "evt_9") -> None:
    said = bills.BillReport("stripe", event_id, "checkout.session.completed", case_id)
    dock.shop.database.run(lambda s: bills.report(s, said, NOW))


def test_a_payment_reported_before_the_bill_is_known_to_be_open_is_looked_at_soon(
    dock: Dock, owing: UUID
) -> None:
    """The buyer pays faster than the answer to the opening comes in."""
    dock.effect(owing)
    report(dock, owing)
    assert dock.done(owing, OPENED).wake_after == 30
    assert (dock.effect(owing).action, dock.effect(owing).move) == ("collect_bill", "ask")


def everything_else(dock: Dock, case_id: UUID, repaid: Said) -> None:
    """The replacement is sent, and the gateway says this to paying a bill back."""
    said = {"refund_bill": repaid, "send_parcel": booking("OUT1")}
    while not dock.idle(case_id):
        dock.done(case_id, said.get(dock.effect(case_id).action))


def test_a_bill_is_opened_for_a_day_and_due_in_three(dock: Dock, owing: UUID) -> None:
    request = dock.effect(owing)
    assert request.action == "collect_bill"
    assert request.bill is not None
    assert (request.bill.amount, request.bill.what) == (300, "exchange difference")
    assert request.bill.expires_at == NOW + timedelta(hours=23)
    assert dock.case(owing).due_at == NOW + timedelta(days=3)


def test_an_opening_that_goes_out_again_says_the_same(dock: Dock, owing: UUID) -> None:
    first = dock.effect(owing)
    dock.done(owing, Said(EffectState.UNKNOWN, code="not_found"))
    again = dock.effect(owing, NOW + timedelta(seconds=30))
    assert again.move == "send"
    assert again.bill == first.bill


def test_a_day_that_is_over_is_followed_by_another_under_another_key(
    dock: Dock, billed: UUID
) -> None:
    later = NOW + timedelta(hours=23)
    asked = dock.effect(billed, later)
    assert (asked.action, asked.move, asked.reference) == ("collect_bill", "ask", "cs_1")
    dock.done(billed, OVER, later)
    again = dock.effect(billed, later)
    assert again.action == "collect_bill"
    assert again.bill is not None
    assert again.bill.key != asked.bill.key
    assert again.bill.expires_at == NOW + timedelta(hours=46)
    dock.done(billed, OTHER_PAGE, later)
    assert (bill(dock, billed).url, dock.stands(billed)[0]) == (
        "https://p.example/2",
        "awaiting_buyer",
    )


def test_the_gateway_is_asked_every_six_hours_in_case_its_report_was_lost(
    dock: Dock, billed: UUID
) -> None:
    assert dock.done(billed, OPENED).wake_after == timedelta(hours=6).total_seconds()
    dock.done(billed, BOUGHT)
    assert dock.stands(billed)[0] == "shipping"


def test_its_buyer_is_reminded_once_a_day_before_it_lapses(dock: Dock, billed: UUID) -> None:
    for hours in range(6, 72, 6):
        dock.days_pass(billed, hours / 24)
        dock.done(billed, OPENED, NOW + timedelta(hours=hours))
    assert dock.till.happened(billed).count("reminded") == 1


def test_a_report_has_the_gateway_asked_once_however_often_it_comes(
    dock: Dock, billed: UUID
) -> None:
    report(dock, billed)
    report(dock, billed)
    dock.done(billed, BOUGHT)
    report(dock, billed)
    assert dock.effect(billed).action == "ship_stock"


def test_a_report_moves_nothing_by_itself(dock: Dock, billed: UUID) -> None:
    report(dock, billed)
    assert bill(dock, billed).state == "open"
    dock.done(billed, OPENED)
    assert dock.stands(billed)[0] == "awaiting_buyer"


def test_a_question_that_fails_leaves_the_bill_open_and_is_soon_put_again(
    dock: Dock, billed: UUID
) -> None:
    failed = dock.done(billed, NO_ANSWER)
    assert (failed.wake_after, failed.in_doubt) == (1, False)
    assert dock.done(billed, OPENED).wake_after == timedelta(hours=6).total_seconds()
    dock.done(billed, BOUGHT)
    assert dock.stands(billed)[0] == "shipping"


def test_of_an_unknown_case_nothing_is_made(dock: Dock, billed: UUID) -> None:
    report(dock, UUID(int=7))
    assert dock.idle(billed)


def test_a_bill_whose_time_is_over_is_cancelled_before_anything_follows(
    dock: Dock, billed: UUID
) -> None:
    end = NOW + timedelta(days=3)
    dock.days_pass(billed, 3)
    assert dock.stands(billed)[0] == "awaiting_buyer"
    assert dock.effect(billed, end).action == "cancel_bill"
    dock.done(billed, NO_ANSWER, end)
    assert dock.stands(billed)[0] == "awaiting_buyer"
    dock.days_pass(billed, 4)
    assert dock.till.happened(billed)[-1] == "escalated"
    dock.done(billed, BOUGHT, end)  # at the last moment
    assert dock.stands(billed)[0] == "shipping"


def test_a_bill_that_the_gateway_refuses_brings_a_person_in_who_has_it_asked_again(
    dock: Dock, owing: UUID
) -> None:
    dock.done(owing, TOO_SMALL)
    case = dock.case(owing)
    assert (case.stage, case.attention) == ("needs_attention", "bill_refused")
    with refused("not-awaited"):
        dock.shop.resume(owing, action="settle", reference="x")
    dock.shop.resume(owing, action="retry")
    dock.done(owing, OPENED)
    assert dock.stands(owing)[0] == "awaiting_buyer"
    dock.days_pass(owing, 0.25)
    dock.done(owing, BOUGHT)
    assert dock.stands(owing)[0] == "shipping"


def test_an_opening_that_came_too_late_to_be_taken_is_made_anew(dock: Dock, owing: UUID) -> None:
    dock.done(owing, TOO_SOON)
    assert dock.effect(owing).action == "collect_bill"
    assert dock.stands(owing)[0] == "awaiting_buyer"


def test_a_case_that_is_given_up_has_its_bill_cancelled_and_if_paid_all_the_same_paid_back(
    dock: Dock, owing: UUID
) -> None:
    dock.done(owing, TOO_SMALL)
    dock.shop.resume(owing, action="retry")
    request = dock.effect(owing)
    dock.shop.database.run(lambda s: bills.cancel(s, s.get_one(Case, owing), NOW))
    assert request.action == "collect_bill"
    dock.done(owing, OPENED)  # opened just as it was cancelled
    assert bill(dock, owing).url is None
    dock.done(owing, BOUGHT)
    assert dock.effect(owing).action == "refund_bill"
    dock.done(owing)
    assert bill(dock, owing).state == "paid_back"


def test_a_refund_that_a_gateway_refuses_is_said_and_not_forgotten(
    dock: Dock, billed: UUID
) -> None:
    report(dock, billed)
    dock.done(billed, BOUGHT)
    dock.shop.database.run(lambda s: bills.give_back(s, s.get_one(Case, billed), NOW))
    everything_else(dock, billed, NO_REFUND)
    assert "bill_not_paid_back" in dock.till.happened(billed)
    assert bill(dock, billed).state == "paid"


def test_a_paid_difference_is_paid_back_once(dock: Dock, billed: UUID) -> None:
    report(dock, billed)
    dock.done(billed, BOUGHT)
    for _ in range(2):
        dock.shop.database.run(lambda s: bills.give_back(s, s.get_one(Case, billed), NOW))
    everything_else(dock, billed, DONE)
    assert dock.effects(billed).count(("refund_bill", "done")) == 1


def test_an_exchange_that_lapses_ends_with_nothing_left_to_do(dock: Dock, billed: UUID) -> None:
    dock.days_pass(billed, 3)
    dock.done(billed, OVER, NOW + timedelta(days=3))
    dock.till.pay(billed)
    assert ended(dock, billed)[1] == 1000
