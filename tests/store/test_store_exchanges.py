"""An exchange on the store: stock, the difference in price, and what leaves for what came in."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.bills import BillState, BillWord
from domain.cases import Outcome
from domain.effects import EffectState, Said
from domain.parcels import ParcelStatus
from gateways.testimony import Verdict
from store.closing import complete
from store.goods import bills, stock
from store.payouts import Call
from store.tables import Bill
from tests.effects import stocked
from tests.shop import NOW, exchange_body, order_body
from tests.store.dock import MINUTE, Dock, booking
from tests.store.shelves import Contended
from tests.store.till import DECLINED, PAID, Till, refused

HERE = ParcelStatus.DELIVERED
OPENED = Said(
    EffectState.DONE, "cs_1", bill=BillWord(BillState.OPEN, url="https://pay.example/cs_1")
)
BOUGHT = Said(EffectState.DONE, "cs_1", bill=BillWord(BillState.PAID, payment="pi_1"))
OVER = Said(EffectState.DONE, "cs_1", bill=BillWord(BillState.EXPIRED))

ONE_PIECE = {
    "storefront": "demo",
    "sku": "NEW1",
    "quantity": 1,
    "until": NOW + timedelta(days=365),
}


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


def on_hand(dock: Dock, n: int, sku: str = "NEW1") -> None:
    """The warehouse has counted so many."""
    dock.shop.database.run(
        lambda s: stock.put(s, "demo", sku, "main", n, actor=dock.shop.warehouse.name, now=NOW)
    )


def asked(dock: Dock, price: int = 1000, quantity: int = 2, **fields: object) -> UUID:
    """Two units for 10.00, to be replaced for `price`, approved."""
    dock.shop.sell("o1", order_body((quantity, 1000)))
    case_id = dock.shop.apply(exchange_body((1, quantity), price=price, **fields)).case_id
    dock.shop.approve(case_id)
    return case_id


def inbound(dock: Dock, price: int = 1000, **fields: object) -> UUID:
    """Its replacement is held, its goods are on their way."""
    on_hand(dock, 2)
    case_id = asked(dock, price, **fields)
    dock.done(case_id)
    dock.done(case_id, booking("TRK1"))
    return case_id


def shipped(dock: Dock, case_id: UUID, now: datetime = NOW) -> None:
    """What is left to be done until the replacement is with the buyer."""
    while (action := dock.effect(case_id).action) != "send_parcel":
        assert action in ("restock", "hold_stock", "ship_stock")
        dock.done(case_id)
    dock.done(case_id, booking("OUT1"))
    dock.seen(HERE, now, number="OUT1")


def refunded(dock: Dock, case_id: UUID) -> None:
    while isinstance(call := dock.till.begin(case_id), Call):
        dock.till.conclude(call, PAID)
    how = Outcome.RETURNED_AND_REFUNDED
    dock.shop.database.run(lambda s: complete(s, case_id, how, dock.shop.policy, NOW))


def ended(dock: Dock, case_id: UUID) -> tuple[str | None, int]:
    """(outcome, what was paid), with nothing left to be done."""
    while not dock.idle(case_id):
        dock.done(case_id)
    case = dock.case(case_id)
    return case.outcome, case.paid


def bill(dock: Dock, case_id: UUID) -> Bill:
    with dock.shop.database.begin() as session:
        found = bills.latest(session, case_id)
    assert found is not None
    return found


def billed(dock: Dock, price: int = 1300) -> UUID:
    """The goods are accepted, and the buyer is asked for the difference."""
    case_id = inbound(dock, price)
    dock.inspect(case_id, 2, 2)
    dock.done(case_id)  # put back
    dock.done(case_id, OPENED)
    return case_id


def test_an_approved_exchange_sets_its_replacement_aside_and_sends_for_the_goods(
    dock: Dock,
) -> None:
    on_hand(dock, 2)
    case_id = asked(dock)
    assert dock.stands(case_id) == ("awaiting_stock", "warehouse", 0)
    dock.done(case_id)
    assert dock.stands(case_id) == ("awaiting_parcel", "buyer", 0)
    assert dock.on_shelf("NEW1") == 0
    assert dock.effect(case_id).action == "book_pickup"


def test_at_an_equal_price_the_replacement_leaves_and_nobody_pays(dock: Dock) -> None:
    case_id = inbound(dock)
    dock.inspect(case_id, 2, 2)
    assert dock.stands(case_id) == ("shipping", "carrier", 0)
    shipped(dock, case_id)
    assert ended(dock, case_id) == ("exchanged", 0)
    assert dock.till.units("o1").settled == 2
    assert (dock.on_shelf("NEW1"), dock.on_shelf("SKU1")) == (0, 2)


def test_a_cheaper_replacement_pays_the_difference_and_then_leaves(dock: Dock) -> None:
    case_id = inbound(dock, 700)
    dock.inspect(case_id, 2, 2)
    assert dock.stands(case_id) == ("paying", "gateway", 0)
    refunded(dock, case_id)
    assert dock.stands(case_id) == ("shipping", "carrier", 300)
    shipped(dock, case_id)
    assert ended(dock, case_id) == ("exchanged", 300)


def test_a_dearer_replacement_waits_for_the_buyer_to_pay(dock: Dock) -> None:
    case_id = billed(dock)
    assert dock.stands(case_id) == ("awaiting_buyer", "buyer", 0)
    owed = bill(dock, case_id)
    assert (owed.amount, owed.state, owed.url) == (300, "open", "https://pay.example/cs_1")
    assert dock.case(case_id).due_at == owed.due_at == NOW + timedelta(days=3)
    dock.days_pass(case_id, 0.25)
    dock.done(case_id, BOUGHT)
    assert dock.stands(case_id) == ("shipping", "carrier", 0)
    shipped(dock, case_id)
    assert ended(dock, case_id) == ("exchanged", 0)
    assert bill(dock, case_id).state == "paid"


def test_a_difference_that_nobody_pays_turns_the_exchange_into_a_refund(dock: Dock) -> None:
    case_id = billed(dock)
    dock.days_pass(case_id, 3)
    assert dock.effect(case_id).action == "cancel_bill"
    dock.done(case_id, OVER, NOW + timedelta(days=3))
    assert dock.stands(case_id) == ("paying", "gateway", 0)
    refunded(dock, case_id)
    assert ended(dock, case_id) == ("returned_and_refunded", 1000)
    assert (dock.on_shelf("NEW1"), bill(dock, case_id).state) == (2, "expired")


def test_units_that_did_not_come_are_neither_replaced_nor_credited(dock: Dock) -> None:
    case_id = inbound(dock, 701)
    dock.inspect(case_id, 1, 1)
    assert (dock.case(case_id).stage, dock.case(case_id).total) == ("paying", 149)  # 500 - 351
    refunded(dock, case_id)
    shipped(dock, case_id)
    assert ended(dock, case_id) == ("exchanged", 149)
    assert dock.on_shelf("NEW1") == 1
    units = dock.till.units("o1")
    assert (units.settled, units.free) == (1, 1)


def test_of_what_is_set_aside_a_part_can_be_kept_without_losing_it_to_others(dock: Dock) -> None:
    case_id = inbound(dock)
    dock.inspect(case_id, 1, 1)
    dock.done(case_id)  # put back
    hold = dock.effect(case_id)
    stock = Contended(dock.shop.database, "NEW1", 2)
    said = stocked(stock, hold)
    assert (hold.action, said.verdict) == ("hold_stock", Verdict.SUCCEEDED)
    dock.said(hold, Said(EffectState.DONE))
    assert dock.on_shelf("NEW1") == 1
    shipped(dock, case_id)
    assert ended(dock, case_id) == ("exchanged", 0)


def test_units_that_were_not_accepted_go_back_in_the_parcel_of_the_replacement(
    dock: Dock,
) -> None:
    case_id = inbound(dock)
    dock.inspect(case_id, 2, 1)
    assert dock.stands(case_id) == ("awaiting_inspection", "auditor", 0)
    dock.offer(case_id, 0)
    while dock.effect(case_id).action != "send_parcel":
        dock.done(case_id)
    pieces = [(piece.sku, piece.quantity) for piece in dock.effect(case_id).pieces]
    assert pieces == [("NEW1", 1), ("SKU1", 1)]
    shipped(dock, case_id)
    assert ended(dock, case_id) == ("exchanged", 0)


def test_an_offer_that_is_taken_counts_towards_the_difference(dock: Dock) -> None:
    case_id = inbound(dock)
    dock.inspect(case_id, 2, 1)
    dock.offer(case_id, 200)
    dock.answer(case_id, accepted=True)
    refunded(dock, case_id)
    assert dock.stands(case_id) == ("shipping", "carrier", 200)  # 500 + 200 - 500
    while dock.effect(case_id).action != "send_parcel":
        dock.done(case_id)
    assert [piece.sku for piece in dock.effect(case_id).pieces] == ["NEW1"]
    shipped(dock, case_id)
    assert ended(dock, case_id) == ("exchanged", 200)


def test_goods_that_are_all_refused_are_sent_back_and_the_stock_is_let_go(dock: Dock) -> None:
    case_id = inbound(dock)
    dock.inspect(case_id, 2, 0)
    dock.offer(case_id, 0)
    dock.done(case_id, booking("OUT1"))
    dock.seen(HERE, number="OUT1")
    assert ended(dock, case_id) == ("sent_back", 0)
    assert dock.on_shelf("NEW1") == 2


def test_stock_that_comes_in_goes_to_the_case_that_waits_for_it(dock: Dock) -> None:
    case_id = asked(dock)
    dock.done(case_id)
    assert dock.stands(case_id) == ("awaiting_stock", "warehouse", 0)
    assert dock.case(case_id).due_at == NOW + timedelta(days=14)
    assert dock.idle(case_id)
    on_hand(dock, 1)
    assert dock.idle(case_id)
    on_hand(dock, 2)
    dock.done(case_id)
    assert (dock.case(case_id).stage, dock.on_shelf("NEW1")) == ("awaiting_parcel", 0)


def test_stock_that_another_case_lets_go_is_tried_for(dock: Dock) -> None:
    first = inbound(dock)
    dock.shop.sell("o2", order_body((2, 1000)))
    second = dock.shop.apply(exchange_body((1, 2), price=1000, order_id="o2")).case_id
    dock.shop.approve(second)
    dock.done(second)
    dock.shop.cancel(first)
    ended(dock, first)
    dock.done(second)
    assert dock.case(second).stage == "awaiting_parcel"


def test_stock_that_does_not_come_in_time_becomes_the_next_best(dock: Dock) -> None:
    case_id = asked(dock, fallback=["wait", "store_credit"])
    dock.done(case_id)
    dock.days_pass(case_id, 14)
    assert dock.stands(case_id) == ("awaiting_parcel", "buyer", 0)
    dock.done(case_id, booking("TRK1"))
    dock.inspect(case_id, 2, 2)
    refunded(dock, case_id)
    case = dock.case(case_id)
    assert (case.remedy, case.payout_to) == ("store_credit", "store_credit")
    assert ended(dock, case_id) == ("returned_and_refunded", 1000)


def test_a_buyer_who_does_not_wait_gets_a_refund_once_the_goods_are_back(dock: Dock) -> None:
    case_id = asked(dock, fallback=["refund", "wait"])
    dock.done(case_id)
    assert dock.stands(case_id) == ("awaiting_parcel", "buyer", 0)
    dock.done(case_id, booking("TRK1"))
    dock.inspect(case_id, 2, 2)
    refunded(dock, case_id)
    assert ended(dock, case_id) == ("returned_and_refunded", 1000)


def test_of_two_lines_both_are_held_or_none(dock: Dock) -> None:
    on_hand(dock, 1)
    dock.shop.sell("o1", order_body((1, 500), (1, 500)))
    body = exchange_body((1, 1), (2, 1), price=500)
    body["replacement"][1]["sku"] = "NEW2"
    case_id = dock.shop.apply(body).case_id
    dock.shop.approve(case_id)
    dock.done(case_id)
    assert (dock.case(case_id).stage, dock.on_shelf("NEW1")) == ("awaiting_stock", 1)
    on_hand(dock, 1, "NEW2")
    dock.done(case_id)
    assert (dock.case(case_id).stage, dock.on_shelf("NEW1")) == ("awaiting_parcel", 0)


def test_a_cancelled_exchange_lets_its_stock_go(dock: Dock) -> None:
    case_id = inbound(dock)
    dock.shop.cancel(case_id)
    assert ended(dock, case_id) == ("cancelled", 0)
    assert dock.on_shelf("NEW1") == 2


def test_an_exchange_cancelled_while_stock_is_sought_keeps_none_of_it(dock: Dock) -> None:
    on_hand(dock, 2)
    case_id = asked(dock)
    dock.effect(case_id)
    dock.shop.cancel(case_id)
    assert ended(dock, case_id) == ("cancelled", 0)
    assert dock.on_shelf("NEW1") == 2


def test_a_buyer_who_sends_nothing_loses_the_exchange_and_the_stock_is_let_go(dock: Dock) -> None:
    case_id = inbound(dock)
    dock.days_pass(case_id, 7)
    assert ended(dock, case_id) == ("expired", 0)
    assert dock.on_shelf("NEW1") == 2


def test_a_hold_that_ran_out_is_held_again_when_the_replacement_is_to_leave(dock: Dock) -> None:
    case_id = inbound(dock)
    later = NOW + timedelta(days=91)
    dock.inspect(case_id, 2, 2, later)
    while dock.effect(case_id, later).action != "send_parcel":
        dock.done(case_id, None, later)
    assert "hold_lost" in dock.till.happened(case_id)
    shipped(dock, case_id, later)
    assert ended(dock, case_id) == ("exchanged", 0)


def test_a_replacement_that_is_gone_when_it_is_to_leave_is_refunded_and_the_bill_paid_back(
    dock: Dock,
) -> None:
    case_id = billed(dock)
    dock.days_pass(case_id, 0.25)
    later = NOW + timedelta(days=91)
    dock.done(case_id, BOUGHT, later)
    dock.done(case_id, None, later)  # the hold has run out
    dock.shop.database.run(lambda s: stock.hold(s, key="other", now=later, **ONE_PIECE))
    dock.done(case_id, None, later)  # and another case has had the pieces
    assert dock.stands(case_id)[0] == "paying"
    refunded(dock, case_id)
    assert ended(dock, case_id) == ("returned_and_refunded", 1000)
    assert bill(dock, case_id).state == "paid_back"


def test_a_parcel_lost_on_its_way_in_is_refunded_and_the_stock_let_go(dock: Dock) -> None:
    case_id = inbound(dock)
    dock.seen(ParcelStatus.PICKED_UP)
    dock.lose(case_id)
    refunded(dock, case_id)
    assert ended(dock, case_id) == ("returned_and_refunded", 1000)
    assert dock.on_shelf("NEW1") == 2


def test_a_replacement_lost_on_its_way_out_is_refunded(dock: Dock) -> None:
    case_id = inbound(dock)
    dock.inspect(case_id, 2, 2)
    while dock.effect(case_id).action != "send_parcel":
        dock.done(case_id)
    dock.done(case_id, booking("OUT1"), NOW + MINUTE)
    dock.seen(ParcelStatus.PICKED_UP, number="OUT1")
    dock.lose(case_id)
    refunded(dock, case_id)
    assert ended(dock, case_id) == ("returned_and_refunded", 1000)


def test_a_difference_that_is_taken_back_is_paid_again_and_nothing_leaves_twice(
    dock: Dock,
) -> None:
    case_id = inbound(dock, 700)
    dock.inspect(case_id, 2, 2)
    refunded(dock, case_id)
    shipped(dock, case_id)
    ended(dock, case_id)
    dock.till.reverse(case_id)
    assert dock.stands(case_id)[0] == "needs_attention"
    dock.shop.resume(case_id, action="retry")
    refunded(dock, case_id)
    assert ended(dock, case_id) == ("exchanged", 300)
    assert dock.effects(case_id).count(("ship_stock", "done")) == 1


def test_units_that_were_replaced_stay_with_the_shop_though_their_difference_is_given_up(
    dock: Dock,
) -> None:
    case_id = inbound(dock, 700)
    dock.inspect(case_id, 2, 2)
    refunded(dock, case_id)
    shipped(dock, case_id)
    dock.till.reverse(case_id)
    dock.shop.resume(case_id, action="give_up", note="buyer does not answer")
    assert dock.case(case_id).outcome == "given_up"
    assert dock.till.units("o1").settled == 2


@pytest.mark.parametrize("fallback", [[], ["store_credit"]])
def test_a_replacement_that_is_gone_once_its_difference_is_paid_is_paid_for_as_well(
    dock: Dock, fallback: list[str]
) -> None:
    case_id = inbound(dock, 700, fallback=fallback)
    dock.inspect(case_id, 2, 2)
    refunded(dock, case_id)
    assert dock.stands(case_id) == ("shipping", "carrier", 300)
    later = NOW + timedelta(days=91)
    dock.done(case_id, None, later)  # put back
    dock.done(case_id, None, later)  # the hold has run out
    dock.shop.database.run(lambda s: stock.hold(s, key="other", now=later, **ONE_PIECE))
    dock.done(case_id, None, later)
    assert dock.stands(case_id) == ("paying", "gateway", 300)
    refunded(dock, case_id)
    assert ended(dock, case_id) == ("returned_and_refunded", 1000)
    assert [payout.amount for payout in dock.till.payouts(case_id)] == [300, 700]
    assert dock.till.units().settled == 2


def test_a_store_credit_that_was_chosen_holds_for_a_parcel_that_is_lost(dock: Dock) -> None:
    case_id = asked(dock, fallback=["store_credit"])
    dock.done(case_id)
    dock.done(case_id, booking("TRK1"))
    dock.seen(ParcelStatus.PICKED_UP)
    dock.lose(case_id)
    assert dock.case(case_id).payout_to == dock.case(case_id).remedy == "store_credit"


def test_a_difference_settled_by_hand_still_sends_the_replacement(dock: Dock) -> None:
    case_id = inbound(dock, 700)
    dock.inspect(case_id, 2, 2)
    dock.till.step(case_id, DECLINED)
    dock.shop.resume(case_id, action="settle", reference="bank-7", note="paid by bank")
    assert dock.stands(case_id) == ("shipping", "carrier", 300)
    shipped(dock, case_id)
    assert ended(dock, case_id) == ("exchanged", 300)


def test_a_replacement_has_a_line_of_the_case(dock: Dock) -> None:
    dock.shop.sell("o1", order_body((2, 1000), (1, 500)))
    body = exchange_body((1, 2), price=1000)
    with refused("unknown-line"):
        dock.shop.apply(
            body | {"replacement": [*body["replacement"], {**body["replacement"][0], "line": 2}]}
        )
    with refused("line-repeated"):
        dock.shop.apply(body | {"replacement": body["replacement"] * 2})


def test_a_replacement_that_has_not_left_its_shelf_stays_there_if_its_case_is_given_up(
    dock: Dock,
) -> None:
    case_id = inbound(dock, 700)
    dock.inspect(case_id, 2, 2)
    refunded(dock, case_id)
    dock.done(case_id)  # put back
    dock.till.reverse(case_id)
    dock.shop.resume(case_id, action="give_up", note="settled by phone")
    assert ended(dock, case_id) == ("given_up", 0)
    assert dock.on_shelf("NEW1") == 2
    assert ("ship_stock", "cancelled") in dock.effects(case_id)


def test_no_parcel_leaves_for_a_case_that_is_given_up(dock: Dock) -> None:
    case_id = inbound(dock, 700)
    dock.inspect(case_id, 2, 2)
    refunded(dock, case_id)
    dock.done(case_id)  # put back
    dock.done(case_id)  # off the shelf
    dock.till.reverse(case_id)
    dock.shop.resume(case_id, action="give_up", note="settled by phone")
    assert dock.idle(case_id)
    assert dock.effects(case_id)[-1] == ("send_parcel", "cancelled")


def test_stock_that_was_set_aside_once_more_is_let_go_once_more(dock: Dock) -> None:
    case_id = inbound(dock, 700)
    dock.inspect(case_id, 2, 1)
    dock.offer(case_id, 0)
    refunded(dock, case_id)
    dock.done(case_id)  # put back
    holding = dock.effect(case_id)
    dock.till.reverse(case_id)
    dock.said(holding)  # while a person is waited for
    dock.done(case_id)
    assert dock.on_shelf("NEW1") == 2
    dock.shop.resume(case_id, action="retry")
    refunded(dock, case_id)
    dock.done(case_id)
    assert dock.on_shelf("NEW1") == 1
    dock.till.reverse(case_id)
    dock.shop.resume(case_id, action="give_up", note="settled by phone")
    assert ended(dock, case_id) == ("given_up", 0)
    assert dock.on_shelf("NEW1") == 2


@pytest.mark.parametrize("done", range(5), ids=["paid", "restocked", "off", "sent", "seen"])
@pytest.mark.parametrize("action", ["retry", "settle"])
def test_a_difference_taken_back_while_the_replacement_leaves_sends_no_other(
    dock: Dock, done: int, action: str
) -> None:
    case_id = inbound(dock, 700)
    dock.inspect(case_id, 2, 2)
    refunded(dock, case_id)
    for _ in range(min(done, 3)):  # put back, off the shelf, with the carrier
        dock.done(
            case_id, booking("OUT1") if dock.effect(case_id).action == "send_parcel" else None
        )
    if done == 4:
        dock.seen(ParcelStatus.IN_TRANSIT, number="OUT1")
    dock.till.reverse(case_id)
    dock.shop.resume(case_id, action=action, reference="bank-7" if action == "settle" else None)
    refunded(dock, case_id)
    assert dock.stands(case_id) == ("shipping", "carrier", 300)
    if done < 3:
        shipped(dock, case_id)
    else:
        dock.seen(HERE, number="OUT1")
    assert ended(dock, case_id) == ("exchanged", 300)
    assert [each for each in dock.effects(case_id) if each[0] in ("ship_stock", "send_parcel")] == [
        ("ship_stock", "done"),
        ("send_parcel", "done"),
    ]
    assert dock.on_shelf("NEW1") == 0
