"""Refunded first: trusted buyers have their money early, and pay for what does not come back."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.bills import BillState, BillWord
from domain.effects import EffectState, Said
from domain.parcels import ParcelStatus
from domain.policy_parts import Trusted
from store.calls import Call
from store.goods import bills
from store.goods.effect_requests import EffectRequest
from store.tables import Bill, Case
from tests.effects import begin_next
from tests.shop import NOW, order_body, repair_body, request_body, return_body
from tests.store.dock import Dock, booking
from tests.store.till import CASH_AND_CARD, DECLINED, PAID, Till, refused

PICKED_UP, HERE, GOES_BACK = (
    ParcelStatus.PICKED_UP,
    ParcelStatus.DELIVERED,
    ParcelStatus.RETURN_TO_SENDER,
)
OPENED = Said(
    EffectState.DONE, "cs_1", bill=BillWord(BillState.OPEN, url="https://pay.example/cs_1")
)
BOUGHT = Said(EffectState.DONE, "cs_1", bill=BillWord(BillState.PAID, payment="pi_1"))
OVER = Said(EffectState.DONE, "cs_1", bill=BillWord(BillState.EXPIRED))
TOO_SMALL = Said(EffectState.CANCELLED, code="amount_too_small")


@pytest.fixture
def dock(till: Till) -> Dock:
    """A shop that trusts buyers after one good return, with up to 10.00 each."""
    return trusting(till, Trusted(good_returns=1, up_to={"GBP": 1000}))


def trusting(till: Till, trusted: Trusted) -> Dock:
    till.shop.policy = till.shop.policy.model_copy(update={"trusted": trusted})
    return Dock(till)


def returned(dock: Dock, order_id: str, received: int = 1, accepted: int = 1) -> UUID:
    """A return of one unit for 3.00, inspected and paid."""
    case_id = dock.approved(1, 300, order_id)
    dock.collected(case_id, f"TRK-{order_id}")
    dock.inspect(case_id, received, accepted)
    if dock.case(case_id).stage == "paying":
        dock.till.pay(case_id)
    everything(dock, case_id)
    return case_id


SAID = {
    "collect_bill": OPENED,
    "cancel_bill": OVER,
    "send_parcel": booking("OUT1"),
    "book_pickup": booking(),
}


def everything(dock: Dock, case_id: UUID, now: datetime = NOW, **said: Said) -> set[str]:
    """All that is planned is done; its parties say this to it. What was done."""
    done: set[str] = set()
    while isinstance(
        step := dock.shop.database.run(lambda s: begin_next(s, case_id, now, standing=False)),
        EffectRequest,
    ):
        dock.said(step, {**SAID, **said}.get(step.action), now)
        done.add(step.action)
    return done


@pytest.fixture
def trusted(dock: Dock) -> Dock:
    """The same, to whom a buyer has returned one unit before."""
    returned(dock, "before")
    return dock


@pytest.fixture
def refunded(trusted: Dock) -> UUID:
    """Two units for 10.00 that are refunded and not sent yet, but for the pickup that is booked."""
    case_id = trusted.collected(trusted.approved())
    trusted.till.pay(case_id)
    return case_id


def owes(dock: Dock, case_id: UUID) -> int | None:
    """What the buyer is asked for."""
    with dock.shop.database.begin() as session:
        bill = bills.open_bill(session, case_id)
        return bill.amount if bill else None


def bill_states(dock: Dock, case_id: UUID) -> list[tuple[str, int, str]]:
    with dock.shop.session() as session:
        found = session.query(Bill).where(Bill.case_id == case_id).order_by(Bill.n)
        return [(bill.what, bill.amount, bill.state) for bill in found]


def pays_the_bill(dock: Dock, case_id: UUID) -> Case:
    everything(dock, case_id, collect_bill=BOUGHT)
    return dock.till.complete(case_id)


def lapses(dock: Dock, case_id: UUID) -> None:
    """The bill's time goes by."""
    everything(dock, case_id)
    due = dock.case(case_id).due_at
    assert due is not None
    dock.days_pass(case_id, 0, since=due)
    everything(dock, case_id, due)


def test_a_trusted_buyer_is_paid_first_while_the_pickup_is_booked(trusted: Dock) -> None:
    case_id = trusted.approved()
    assert trusted.stands(case_id) == ("paying", "gateway", 0)
    assert trusted.effects(case_id) == [("book_pickup", "planned")]
    assert trusted.till.events(case_id)[-1].detail == "1000 GBP, before the goods are back"
    trusted.till.pay(case_id)
    assert trusted.stands(case_id) == ("awaiting_parcel", "buyer", 1000)
    assert trusted.case(case_id).due_at == NOW + timedelta(days=7)


def test_a_return_that_policy_approves_is_paid_first_too(trusted: Dock) -> None:
    trusted.shop.auto_approve(1000, kinds=("return",))
    trusted.shop.sell("o1", order_body((2, 1000)))
    case_id = trusted.shop.apply(return_body((1, 2))).case_id
    assert trusted.stands(case_id) == ("paying", "gateway", 0)
    assert trusted.effects(case_id) == [("book_pickup", "planned")]


def test_all_accepted_ends_it_as_any_return(trusted: Dock, refunded: UUID) -> None:
    trusted.seen(HERE)
    assert trusted.stands(refunded) == ("awaiting_inspection", "warehouse", 1000)
    trusted.inspect(refunded, 2, 2)
    case = trusted.till.complete(refunded)
    assert (case.stage, case.outcome, case.paid) == ("completed", "returned_and_refunded", 1000)
    assert everything(trusted, refunded) == {"restock"}
    assert (trusted.on_shelf(), trusted.till.units().settled) == (3, 2)


def test_the_good_return_of_a_trusted_buyer_keeps_the_trust(trusted: Dock, refunded: UUID) -> None:
    trusted.inspect(refunded, 2, 2)
    trusted.till.complete(refunded)
    assert trusted.stands(trusted.approved(order_id="o2"))[0] == "paying"


def test_a_booking_that_is_confirmed_while_the_money_goes_is_kept(trusted: Dock) -> None:
    case_id = trusted.collected(trusted.approved())
    assert trusted.effects(case_id) == [("book_pickup", "done")]
    trusted.seen(PICKED_UP)
    assert trusted.stands(case_id) == ("paying", "gateway", 0)
    trusted.till.pay(case_id)
    assert trusted.stands(case_id) == ("awaiting_parcel", "carrier", 1000)


def test_a_parcel_that_is_faster_than_the_money_is_inspected_next(trusted: Dock) -> None:
    case_id = trusted.collected(trusted.approved())
    trusted.seen(HERE)
    trusted.till.pay(case_id)
    assert trusted.stands(case_id) == ("awaiting_inspection", "warehouse", 1000)


def test_goods_that_are_inspected_while_the_money_goes_wait_for_it_alone(trusted: Dock) -> None:
    case_id = trusted.collected(trusted.approved())
    trusted.inspect(case_id, 2, 2)
    assert trusted.stands(case_id) == ("paying", "gateway", 0)
    case = trusted.till.pay(case_id)
    assert (case.stage, case.paid) == ("completed", 1000)


def test_half_of_the_goods_inspected_while_the_money_goes_are_charged_for(trusted: Dock) -> None:
    case_id = trusted.collected(trusted.approved())
    trusted.inspect(case_id, 1, 1)
    trusted.till.pay(case_id)
    assert (trusted.stands(case_id)[0], owes(trusted, case_id)) == ("awaiting_buyer", 500)


def test_goods_are_not_inspected_once_they_are_paid_for(trusted: Dock, refunded: UUID) -> None:
    trusted.days_pass(refunded, 7)
    everything(trusted, refunded, collect_bill=BOUGHT)
    with refused("not-awaited"):
        trusted.inspect(refunded, 2, 2)


def test_a_unit_that_is_missing_is_charged_for(trusted: Dock, refunded: UUID) -> None:
    trusted.inspect(refunded, 1, 1)
    trusted.till.complete(refunded)
    assert trusted.stands(refunded) == ("awaiting_buyer", "buyer", 1000)
    assert trusted.case(refunded).due_at == NOW + timedelta(days=3)
    assert owes(trusted, refunded) == 500
    case = pays_the_bill(trusted, refunded)
    assert (case.stage, case.outcome, case.paid) == ("completed", "returned_and_refunded", 1000)


def test_what_was_not_accepted_goes_back_once_it_is_paid_for(trusted: Dock, refunded: UUID) -> None:
    trusted.inspect(refunded, 2, 1)
    trusted.till.complete(refunded)
    assert everything(trusted, refunded, collect_bill=BOUGHT) == {"restock", "collect_bill"}
    trusted.till.complete(refunded)
    assert trusted.stands(refunded)[0] == "shipping"
    assert everything(trusted, refunded) == {"send_parcel"}
    trusted.seen(HERE, number="OUT1")
    case = trusted.case(refunded)
    assert (case.stage, case.outcome, case.paid) == ("completed", "returned_and_refunded", 1000)


def test_goods_that_are_all_refused_are_charged_for_and_sent_back(
    trusted: Dock, refunded: UUID
) -> None:
    trusted.inspect(refunded, 2, 0)
    trusted.till.complete(refunded)
    assert owes(trusted, refunded) == 1000
    pays_the_bill(trusted, refunded)
    everything(trusted, refunded)
    trusted.seen(HERE, number="OUT1")
    assert trusted.case(refunded).outcome == "sent_back"


def test_an_empty_box_is_charged_for_in_full(trusted: Dock, refunded: UUID) -> None:
    trusted.inspect(refunded, 0, 0)
    trusted.till.complete(refunded)
    assert owes(trusted, refunded) == 1000
    case = pays_the_bill(trusted, refunded)
    assert (case.stage, case.outcome) == ("completed", "rejected")


def test_shipping_that_was_refunded_is_owed_only_if_nothing_comes_back(trusted: Dock) -> None:
    trusted.shop.sell("o1", order_body((2, 600), shipping=(400, 0)))
    case_id = trusted.shop.apply(return_body((1, 2), include_shipping=True)).case_id
    trusted.shop.approve(case_id)
    trusted.collected(case_id)
    trusted.till.pay(case_id)
    trusted.inspect(case_id, 1, 1)
    trusted.till.complete(case_id)
    assert (trusted.case(case_id).paid, owes(trusted, case_id)) == (1000, 300)
    assert pays_the_bill(trusted, case_id).stage == "completed"


def test_less_than_all_was_approved_so_less_is_owed(trusted: Dock) -> None:
    trusted.shop.sell("o1", order_body((2, 1000)))
    case_id = trusted.shop.apply(return_body((1, 2))).case_id
    trusted.shop.approve(case_id, amount=800)
    trusted.collected(case_id)
    trusted.till.pay(case_id)
    trusted.inspect(case_id, 1, 1)
    trusted.till.complete(case_id)
    assert owes(trusted, case_id) == 300
    assert pays_the_bill(trusted, case_id).paid == 800


def test_goods_that_nobody_sends_are_charged_for_and_their_pickup_called_off(
    trusted: Dock, refunded: UUID
) -> None:
    trusted.days_pass(refunded, 7)
    assert trusted.stands(refunded) == ("awaiting_buyer", "buyer", 1000)
    assert owes(trusted, refunded) == 1000
    assert everything(trusted, refunded, collect_bill=BOUGHT) == {"cancel_pickup", "collect_bill"}
    case = trusted.till.complete(refunded)
    assert (case.stage, case.outcome, case.paid) == ("completed", "expired", 1000)


def test_a_unit_that_was_charged_for_is_free_and_worth_nothing_more(
    trusted: Dock, refunded: UUID
) -> None:
    trusted.days_pass(refunded, 7)
    pays_the_bill(trusted, refunded)
    assert trusted.till.units().free == 2
    with refused("nothing-to-refund"):
        trusted.shop.apply(request_body((1, 1)))
    repair = trusted.shop.apply(repair_body((1, 1)))
    assert repair.total == 0


def test_a_bill_that_lapses_asks_a_person_who_asks_again(trusted: Dock, refunded: UUID) -> None:
    trusted.days_pass(refunded, 7)
    lapses(trusted, refunded)
    case = trusted.case(refunded)
    assert (case.stage, case.attention) == ("needs_attention", "not_returned")
    with refused("not-awaited"):
        trusted.shop.resume(refunded, action="settle", reference="bank-1")
    trusted.shop.resume(refunded, action="retry")
    assert owes(trusted, refunded) == 1000
    assert pays_the_bill(trusted, refunded).stage == "completed"
    states = [state for _, _, state in bill_states(trusted, refunded)]
    assert states == ["expired", "paid"]


def test_giving_up_leaves_the_buyer_both_and_trusts_them_no_more(
    trusted: Dock, refunded: UUID
) -> None:
    trusted.days_pass(refunded, 7)
    lapses(trusted, refunded)
    trusted.shop.resume(refunded, action="give_up")
    case = trusted.case(refunded)
    assert (case.stage, case.outcome, case.paid) == ("cancelled", "given_up", 1000)
    with refused("nothing-to-refund"):
        trusted.shop.apply(request_body((1, 1)))
    assert trusted.stands(trusted.approved(order_id="o2"))[0] == "awaiting_parcel"


def test_goods_that_come_late_cancel_their_bill(trusted: Dock, refunded: UUID) -> None:
    trusted.days_pass(refunded, 7)
    everything(trusted, refunded)
    trusted.inspect(refunded, 2, 2)
    assert owes(trusted, refunded) is None
    case = trusted.till.complete(refunded)
    assert (case.stage, case.outcome) == ("completed", "returned_and_refunded")
    assert everything(trusted, refunded) == {"cancel_bill", "restock"}


def test_a_bill_that_is_paid_after_the_goods_came_is_paid_back(
    trusted: Dock, refunded: UUID
) -> None:
    trusted.days_pass(refunded, 7)
    everything(trusted, refunded)
    trusted.inspect(refunded, 2, 2)
    trusted.till.complete(refunded)
    everything(trusted, refunded, cancel_bill=BOUGHT)
    assert bill_states(trusted, refunded) == [("goods not returned", 1000, "paid_back")]


def test_half_of_the_goods_come_after_the_bill_lapsed(trusted: Dock, refunded: UUID) -> None:
    trusted.days_pass(refunded, 7)
    lapses(trusted, refunded)
    trusted.inspect(refunded, 1, 1)
    trusted.till.complete(refunded)
    assert owes(trusted, refunded) == 500
    assert pays_the_bill(trusted, refunded).outcome == "returned_and_refunded"


def test_a_bill_that_the_gateway_refuses_waits_for_a_person(trusted: Dock, refunded: UUID) -> None:
    trusted.days_pass(refunded, 7)
    everything(trusted, refunded, collect_bill=TOO_SMALL)
    assert trusted.case(refunded).attention == "bill_refused"
    trusted.shop.resume(refunded, action="retry")
    assert pays_the_bill(trusted, refunded).stage == "completed"


def test_the_storefront_comes_too_late_once_it_is_paid(trusted: Dock, refunded: UUID) -> None:
    with refused("too-late"):
        trusted.shop.cancel(refunded)


def test_a_parcel_that_is_lost_after_it_was_posted_is_the_shops_loss(
    trusted: Dock, refunded: UUID
) -> None:
    trusted.seen(PICKED_UP)
    trusted.days_pass(refunded, 10)
    trusted.lose(refunded)
    case = trusted.till.complete(refunded)
    assert (case.stage, case.outcome, case.paid) == ("completed", "returned_and_refunded", 1000)


def test_a_parcel_that_goes_back_to_its_buyer_is_theirs_to_send_again(
    trusted: Dock, refunded: UUID
) -> None:
    trusted.seen(GOES_BACK)
    assert trusted.case(refunded).attention == "parcel_astray"
    trusted.shop.resume(refunded, action="retry")
    assert trusted.stands(refunded) == ("awaiting_parcel", "buyer", 1000)
    trusted.days_pass(refunded, 7)
    assert owes(trusted, refunded) == 1000


def test_a_payout_that_is_settled_by_hand_still_waits_for_the_goods(trusted: Dock) -> None:
    trusted.shop.sell("o1", order_body((2, 1000), payments=CASH_AND_CARD))
    case_id = trusted.shop.apply(return_body((1, 2))).case_id
    trusted.shop.approve(case_id)
    while isinstance(call := trusted.till.begin(case_id), Call):
        trusted.till.conclude(call, PAID)
    assert trusted.case(case_id).attention == "offline_payment"
    trusted.shop.resume(case_id, action="settle", reference="bank-1")
    assert trusted.stands(case_id) == ("awaiting_parcel", "buyer", 1000)


def test_a_declined_payout_that_is_given_up_calls_the_pickup_off(trusted: Dock) -> None:
    case_id = trusted.collected(trusted.approved())
    trusted.till.step(case_id, DECLINED)
    trusted.shop.resume(case_id, action="give_up")
    assert ("cancel_pickup", "planned") in trusted.effects(case_id)


def test_a_case_whose_approval_lapsed_sends_for_its_goods_once(trusted: Dock) -> None:
    case_id = trusted.approved()
    trusted.shop.revoke("lea")
    trusted.till.stands(case_id)
    assert trusted.stands(case_id)[0] == "awaiting_second_audit"
    trusted.shop.approve(case_id, trusted.shop.other_lead)
    assert trusted.stands(case_id)[0] == "paying"
    assert trusted.effects(case_id) == [("book_pickup", "planned")]


def test_a_case_that_is_rejected_after_its_approval_lapsed_calls_the_pickup_off(
    trusted: Dock,
) -> None:
    case_id = trusted.collected(trusted.approved())
    trusted.shop.revoke("lea")
    trusted.till.stands(case_id)
    trusted.shop.reject(case_id, trusted.shop.other_lead)
    assert ("cancel_pickup", "planned") in trusted.effects(case_id)


def test_a_payout_taken_back_while_the_bill_is_open_charges_anew_once_it_is_paid_again(
    trusted: Dock, refunded: UUID
) -> None:
    trusted.days_pass(refunded, 7)
    everything(trusted, refunded)
    trusted.till.reverse(refunded)
    assert trusted.case(refunded).attention == "payout_reversed"
    assert owes(trusted, refunded) is None
    trusted.shop.resume(refunded, action="retry")
    trusted.till.pay(refunded)
    assert owes(trusted, refunded) == 1000
    assert [state for _, _, state in bill_states(trusted, refunded)] == ["cancelled", "open"]


def test_a_payout_taken_back_after_the_end_is_paid_again_and_nothing_charged_twice(
    trusted: Dock, refunded: UUID
) -> None:
    trusted.days_pass(refunded, 7)
    pays_the_bill(trusted, refunded)
    trusted.till.reverse(refunded)
    trusted.shop.resume(refunded, action="retry")
    case = trusted.till.pay(refunded)
    assert (case.stage, case.paid, owes(trusted, refunded)) == ("completed", 1000, None)


def test_nobody_is_trusted_unless_the_policy_says_so(till: Till) -> None:
    dock = trusting(till, Trusted(good_returns=0, up_to={"GBP": 1000}))
    returned(dock, "before")
    assert dock.stands(dock.approved())[0] == "awaiting_parcel"


def test_more_than_the_policy_trusts_with_waits_for_the_goods(trusted: Dock) -> None:
    assert trusted.stands(trusted.approved(paid=1001))[0] == "awaiting_parcel"


@pytest.mark.parametrize(("received", "accepted"), [(0, 0), (1, 0), (2, 1)])
def test_a_return_that_was_not_as_said_earns_no_trust(
    dock: Dock, received: int, accepted: int
) -> None:
    returned(dock, "before", received, accepted)
    assert dock.stands(dock.approved())[0] == "awaiting_parcel"


def test_another_customers_returns_earn_no_trust(dock: Dock) -> None:
    returned(dock, "before")
    dock.shop.sell("o1", order_body((2, 1000), customer={"id": "99"}))
    case_id = dock.shop.apply(return_body((1, 2))).case_id
    dock.shop.approve(case_id)
    assert dock.stands(case_id)[0] == "awaiting_parcel"


def test_a_buyer_who_has_refunded_goods_out_waits_with_the_next(
    trusted: Dock, refunded: UUID
) -> None:
    assert trusted.stands(trusted.approved(order_id="o2"))[0] == "awaiting_parcel"


def test_a_buyer_who_let_a_bill_lapse_is_not_trusted_after_paying_it(
    trusted: Dock, refunded: UUID
) -> None:
    trusted.days_pass(refunded, 7)
    lapses(trusted, refunded)
    trusted.shop.resume(refunded, action="retry")
    pays_the_bill(trusted, refunded)
    assert trusted.stands(trusted.approved(order_id="o2"))[0] == "awaiting_parcel"


def test_a_bill_that_is_being_paid_back_does_not_count_for_what_is_still_missing(
    trusted: Dock, refunded: UUID
) -> None:
    trusted.days_pass(refunded, 7)
    everything(trusted, refunded)
    paid = bills.BillReport("stripe", "evt_1", "checkout.session.completed", refunded)
    trusted.shop.database.run(lambda s: bills.report(s, paid, NOW))
    question = trusted.effect(refunded)
    trusted.inspect(refunded, 1, 1)  # half of it comes in while the gateway is asked
    trusted.said(question, BOUGHT)
    trusted.till.complete(refunded)
    assert owes(trusted, refunded) == 500
    everything(trusted, refunded, cancel_bill=BOUGHT)
    assert [state for _, _, state in bill_states(trusted, refunded)] == ["paid_back", "open"]
