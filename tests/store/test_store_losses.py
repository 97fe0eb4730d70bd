"""A parcel is lost: what was in it, who bears it, and what its buyer is paid, charged or given."""

from uuid import UUID

import pytest

from domain.bills import BillState, BillWord
from domain.cases import Outcome
from domain.effects import EffectState, Said
from domain.parcels import ParcelStatus
from domain.policy_parts import Trusted
from store.closing import complete
from store.goods import stock
from store.goods.effect_requests import EffectRequest
from store.payouts import Call
from store.tables import Bill, Case
from tests.effects import begin_next
from tests.shop import NOW, exchange_body, order_body, return_body
from tests.store.dock import Dock, booking
from tests.store.till import DECLINED, PAID, Till, refused

PICKED_UP, HERE = ParcelStatus.PICKED_UP, ParcelStatus.DELIVERED
OPENED = Said(
    EffectState.DONE, "cs_1", bill=BillWord(BillState.OPEN, url="https://pay.example/cs_1")
)
BOUGHT = Said(EffectState.DONE, "cs_1", bill=BillWord(BillState.PAID, payment="pi_1"))
SAID = {"book_pickup": booking("IN1"), "send_parcel": booking("OUT1"), "collect_bill": BOUGHT}


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


@pytest.fixture
def trusted(till: Till) -> Dock:
    """A shop that has paid a buyer's two units before they are back, since one came back before."""
    trust = Trusted(good_returns=1, up_to={"GBP": 10_000})
    till.shop.policy = till.shop.policy.model_copy(update={"trusted": trust})
    dock = Dock(till)
    before = dock.approved(1, 300, "before")
    dock.done(before, booking("BEFORE"))
    dock.inspect(before, 1, 1)
    goes_on(dock, before)
    return dock


def goes_on(dock: Dock, case_id: UUID) -> Case:
    """All that is planned is done and all that is due is paid, until somebody's word is wanted."""
    while True:
        case = dock.case(case_id)
        step = dock.shop.database.run(lambda s: begin_next(s, case_id, NOW, standing=False))
        if isinstance(step, EffectRequest):
            dock.said(step, SAID.get(step.action))
        elif case.stage == "paying":
            while isinstance(call := dock.till.begin(case_id), Call):
                dock.till.conclude(call, PAID)
            _complete(dock, case_id)
            assert dock.case(case_id).version > case.version
        else:
            return case


def _complete(dock: Dock, case_id: UUID) -> Case:
    how, policy = Outcome.RETURNED_AND_REFUNDED, dock.shop.policy
    return dock.shop.database.run(lambda s: complete(s, case_id, how, policy, NOW))


def lost(dock: Dock, case_id: UUID, number: str = "OUT1") -> Case:
    """The carrier has had this parcel, and nobody ever sees it again."""
    dock.seen(PICKED_UP, number=number)
    dock.lose(case_id)
    return goes_on(dock, case_id)


def returned(dock: Dock, bought: int, received: int, accepted: int, paid: int) -> UUID:
    """A return of so many units, the rest of which is on its way back to the buyer."""
    case_id = dock.approved(bought, paid)
    goes_on(dock, case_id)
    dock.inspect(case_id, received, accepted)
    if dock.case(case_id).waiting_for == "auditor":
        dock.offer(case_id, 0)
    assert goes_on(dock, case_id).stage == "shipping"
    return case_id


def exchanged(dock: Dock, price: int, received: int = 2, accepted: int = 2) -> UUID:
    """Two units for 10.00 in exchange for others; what goes out for them is on its way."""
    dock.shop.database.run(
        lambda s: stock.put(s, "demo", "NEW1", "main", 2, actor=dock.shop.warehouse.name, now=NOW)
    )
    dock.shop.sell("o1", order_body((2, 1000)))
    case_id = dock.shop.apply(exchange_body((1, 2), price=price)).case_id
    dock.shop.approve(case_id)
    goes_on(dock, case_id)
    dock.inspect(case_id, received, accepted)
    if dock.case(case_id).waiting_for == "auditor":
        dock.offer(case_id, 0)
    assert goes_on(dock, case_id).stage == "shipping"
    return case_id


def bills_of(dock: Dock, case_id: UUID) -> list[tuple[int, str]]:
    with dock.shop.session() as session:
        found = session.query(Bill).where(Bill.case_id == case_id).order_by(Bill.n)
        return [(bill.amount, bill.state) for bill in found]


def test_a_lost_parcel_pays_only_for_the_units_that_were_in_it(dock: Dock) -> None:
    case_id = returned(dock, bought=3, received=2, accepted=0, paid=1500)
    case = lost(dock, case_id)
    assert (case.outcome, case.paid) == ("returned_and_refunded", 1000)
    units = dock.till.units()
    assert (units.settled, units.free) == (2, 1)


def test_an_empty_box_beside_a_lost_replacement_is_not_paid_for(dock: Dock) -> None:
    case_id = exchanged(dock, 1000, received=1, accepted=1)
    case = lost(dock, case_id)
    assert (case.outcome, case.paid) == ("returned_and_refunded", 500)
    units = dock.till.units()
    assert (units.settled, units.free) == (1, 1)


def test_what_is_lost_on_its_way_back_is_paid_besides_what_was_paid_before(dock: Dock) -> None:
    case_id = returned(dock, bought=2, received=2, accepted=1, paid=1000)
    assert dock.case(case_id).paid == 500
    case = lost(dock, case_id)
    assert (case.outcome, case.paid) == ("returned_and_refunded", 1000)
    assert [payout.amount for payout in dock.till.payouts(case_id)] == [500, 500]
    assert dock.till.units().settled == 2


def test_shipping_is_paid_once_though_the_rest_is_lost_on_its_way_back(dock: Dock) -> None:
    dock.shop.sell("o1", order_body((2, 1000), shipping=(300, 60)))
    case_id = dock.shop.apply(return_body((1, 2), include_shipping=True)).case_id
    dock.shop.approve(case_id)
    goes_on(dock, case_id)
    dock.inspect(case_id, 2, 1)
    dock.offer(case_id, 0)
    assert goes_on(dock, case_id).paid == 800
    assert lost(dock, case_id).paid == 1300
    assert dock.till.order().order.shipping_refunded == 300


def test_a_lost_parcel_pays_no_more_than_was_approved(dock: Dock) -> None:
    dock.shop.sell("o1", order_body((2, 1000)))
    case_id = dock.shop.apply(return_body((1, 2))).case_id
    dock.shop.approve(case_id, amount=700)
    goes_on(dock, case_id)
    dock.inspect(case_id, 2, 1)
    dock.offer(case_id, 0)
    goes_on(dock, case_id)
    assert lost(dock, case_id).paid == 700


def test_a_lost_replacement_is_refunded_besides_the_difference_that_was_paid(dock: Dock) -> None:
    case_id = exchanged(dock, 700)
    assert dock.case(case_id).paid == 300
    case = lost(dock, case_id)
    assert (case.outcome, case.paid) == ("returned_and_refunded", 1000)
    assert [payout.amount for payout in dock.till.payouts(case_id)] == [300, 700]
    assert dock.till.money() == [(0, 1000)]


def test_a_refund_of_the_rest_that_is_declined_is_tried_again_alone(dock: Dock) -> None:
    case_id = exchanged(dock, 700)
    dock.seen(PICKED_UP, number="OUT1")
    dock.lose(case_id)
    dock.till.step(case_id, DECLINED)
    dock.shop.resume(case_id, action="retry")
    assert goes_on(dock, case_id).paid == 1000
    assert [(p.amount, p.attempt) for p in dock.till.payouts(case_id)] == [(300, 1), (700, 2)]


def test_a_difference_that_is_taken_back_is_paid_again_beside_the_rest(dock: Dock) -> None:
    case_id = exchanged(dock, 700)
    lost(dock, case_id)
    dock.till.reverse(case_id)
    assert dock.case(case_id).paid == 700
    dock.shop.resume(case_id, action="retry")
    assert goes_on(dock, case_id).paid == 1000
    assert [p.amount for p in dock.till.payouts(case_id)] == [300, 700, 300]


def test_a_lost_replacement_gives_back_the_difference_that_its_buyer_paid(dock: Dock) -> None:
    case_id = exchanged(dock, 1300)
    assert bills_of(dock, case_id) == [(300, "paid")]
    case = lost(dock, case_id)
    assert (case.outcome, case.paid) == ("returned_and_refunded", 1000)
    assert bills_of(dock, case_id) == [(300, "paid_back")]


def test_a_lost_replacement_pays_what_an_offer_that_was_taken_was_worth(dock: Dock) -> None:
    dock.shop.database.run(
        lambda s: stock.put(s, "demo", "NEW1", "main", 2, actor=dock.shop.warehouse.name, now=NOW)
    )
    dock.shop.sell("o1", order_body((2, 1000)))
    case_id = dock.shop.apply(exchange_body((1, 2), price=1000)).case_id
    dock.shop.approve(case_id)
    goes_on(dock, case_id)
    dock.inspect(case_id, 2, 1)
    dock.offer(case_id, 200)
    dock.answer(case_id, accepted=True)
    assert goes_on(dock, case_id).paid == 200  # 500 + 200 - 500
    case = lost(dock, case_id)
    assert (case.outcome, case.paid) == ("returned_and_refunded", 700)


def test_a_unit_that_its_buyer_was_charged_for_and_that_is_lost_gives_the_charge_back(
    trusted: Dock,
) -> None:
    case_id = returned(trusted, bought=2, received=2, accepted=1, paid=1000)
    assert bills_of(trusted, case_id) == [(500, "paid")]
    case = lost(trusted, case_id)
    assert (case.outcome, case.paid) == ("returned_and_refunded", 1000)
    assert bills_of(trusted, case_id) == [(500, "paid_back")]
    assert trusted.till.units().settled == 2


def test_what_never_came_is_charged_anew_once_a_charge_for_more_is_given_back(
    trusted: Dock,
) -> None:
    case_id = returned(trusted, bought=3, received=2, accepted=1, paid=1500)
    assert bills_of(trusted, case_id) == [(1000, "paid")]
    case = lost(trusted, case_id)
    assert bills_of(trusted, case_id) == [(1000, "paid_back"), (500, "paid")]
    assert (case.outcome, case.paid) == ("returned_and_refunded", 1500)


def test_the_parcel_that_its_buyer_named_is_the_lost_one_not_the_pickup_that_was_booked_since(
    dock: Dock,
) -> None:
    case_id = dock.approved()
    booked = dock.effect(case_id)  # the carrier takes its time to answer
    dock.ship(case_id)
    dock.said(booked, booking("TRK1"), NOW.replace(hour=14))
    dock.seen(PICKED_UP, number="OWN1", carrier="post")
    dock.lose(case_id)
    assert goes_on(dock, case_id).paid == 1000
    found = {parcel.tracking_number: parcel.lost_at for parcel in dock.parcels(case_id)}
    assert found == {"OWN1": NOW, "TRK1": None}


def test_a_parcel_that_came_back_to_the_shop_is_not_the_one_that_is_lost(dock: Dock) -> None:
    case_id = returned(dock, bought=2, received=2, accepted=0, paid=1000)
    dock.seen(ParcelStatus.RETURN_TO_SENDER, number="OUT1")
    dock.shop.resume(case_id, action="retry")
    dock.done(case_id, booking("OUT2"))
    with refused("not-posted"):
        dock.lose(case_id)
    dock.seen(PICKED_UP, number="OUT2")
    dock.lose(case_id)
    dock.lose(case_id)
    assert goes_on(dock, case_id).paid == 1000
    assert [parcel.lost_at for parcel in dock.parcels(case_id)] == [None, None, NOW]


def test_parcels_of_one_moment_are_told_in_the_order_in_which_they_came_to_be(dock: Dock) -> None:
    case_id = dock.approved()
    dock.done(case_id, booking("A"))
    for number in "BCDEF":
        dock.ship(case_id, number)
    assert [parcel.tracking_number for parcel in dock.parcels(case_id)] == list("ABCDEF")
