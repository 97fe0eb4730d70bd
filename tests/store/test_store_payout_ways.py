"""Offline payments, bank cards and store credit: what differs, and what never does?"""

from datetime import timedelta

from sqlalchemy import select

from domain.payouts import Move
from store.tables import Payout
from tests.shop import NOW, order_body, request_body
from tests.store.till import BANK_CARD, CASH_AND_CARD, PAID, TWO_CARDS, Till, refused

STORE_CREDIT = {"kind": "store_credit"}
CASH = [{"payment": "cash-7", "provider": "offline", "captured": 1000}]


def test_an_offline_payment_waits_for_a_person_after_the_others_were_paid(till: Till) -> None:
    case_id = till.approved(payments=CASH_AND_CARD)
    call = till.call(case_id)
    assert (call.payment, call.amount) == ("ch_2", 400)
    standing = till.conclude(call, PAID)
    assert (standing.case.stage, standing.case.attention) == ("needs_attention", "offline_payment")
    assert [(p.way, p.state) for p in till.payouts(case_id)] == [
        ("offline", "reserved"),
        ("original", "paid"),
    ]
    assert till.money() == [(600, 0), (0, 400)]


def test_a_purely_offline_case_is_parked_without_any_call(till: Till) -> None:
    case_id = till.approved(payments=CASH)
    standing = till.stands(case_id)
    assert standing.case.attention == "offline_payment"
    assert till.money() == [(1000, 0)]


def test_retrying_an_offline_payment_only_parks_the_case_again(till: Till) -> None:
    case_id = till.approved(payments=CASH)
    till.begin(case_id)
    till.shop.resume(case_id, action="retry")
    assert till.stands(case_id).case.attention == "offline_payment"
    assert till.money() == [(1000, 0)]


def test_a_person_settles_it_under_a_reference(till: Till) -> None:
    case_id = till.approved(payments=CASH_AND_CARD)
    till.step(case_id, PAID)
    case = till.shop.resume(case_id, action="settle", reference="till receipt 7")
    assert (case.stage, case.outcome, case.paid) == ("completed", "settled_manually", 1000)
    assert [p.reference for p in till.payouts(case_id)] == ["till receipt 7", "re_1"]
    assert till.money() == [(0, 600), (0, 400)]
    assert till.units().settled == 2


def test_store_credit_is_booked_without_a_gateway_and_counts_as_refunded(till: Till) -> None:
    case_id = till.approved(payments=CASH_AND_CARD, payout_to=STORE_CREDIT)
    till.stands(case_id)
    assert [(p.way, p.state, p.reference) for p in till.payouts(case_id)] == [
        ("store_credit", "paid", f"credit-{p.payout_id}") for p in till.payouts(case_id)
    ]
    assert till.money() == [(0, 600), (0, 400)]
    case = till.complete(case_id)
    assert (case.stage, case.paid) == ("completed", 1000)
    with till.shop.session() as session:
        booked = select(Payout.amount).where(Payout.way == "store_credit")
        assert sum(session.scalars(booked)) == 1000


def test_store_credit_comes_to_nothing_more_when_stepped_again(till: Till) -> None:
    case_id = till.approved(payout_to=STORE_CREDIT)
    till.begin(case_id)
    till.begin(case_id)
    assert till.money() == [(0, 1000)]
    assert till.happened(case_id).count("payout_paid") == 1


def test_a_bank_card_is_paid_by_its_token_from_the_orders_payments(till: Till) -> None:
    till.shop.sell("o1", order_body((2, 1000), payments=TWO_CARDS))
    case_id = till.shop.apply(request_body((1, 2), payout_to=BANK_CARD)).case_id
    till.shop.approve(case_id)
    assert till.shop.read(case_id).stage == "awaiting_second_audit"
    till.shop.approve(case_id, till.shop.other_lead)
    call = till.call(case_id)
    assert (call.move, call.way, call.token, call.amount) == (Move.SEND, "bank_card", "tok_9", 600)
    till.conclude(call, PAID)
    assert till.pay(case_id).paid == 1000
    assert [p.approvals for p in till.payouts(case_id)] == [2, 2]


def test_a_bank_card_is_paid_from_an_offline_payment_too(till: Till) -> None:
    till.shop.sell("o1", order_body((2, 1000), payments=CASH))
    case_id = till.shop.apply(request_body((1, 2), payout_to=BANK_CARD)).case_id
    for actor in (till.shop.lead, till.shop.other_lead):
        till.shop.approve(case_id, actor)
    assert till.pay(case_id).paid == 1000


def test_an_amount_above_the_limit_records_that_two_approved(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 150_000)))
    case_id = till.shop.apply(request_body((1, 1))).case_id
    for actor in (till.shop.lead, till.shop.other_lead):
        till.shop.approve(case_id, actor)
    till.pay(case_id)
    assert [p.approvals for p in till.payouts(case_id)] == [2]


def test_the_cap_is_one_whatever_the_ways(till: Till) -> None:
    till.shop.sell("o1", order_body((3, 900)))
    for n, to in enumerate(({"kind": "original"}, STORE_CREDIT, BANK_CARD), start=1):
        case_id = till.shop.apply(request_body((1, 1), payout_to=to)).case_id
        till.shop.approve(case_id)
        if to is BANK_CARD:
            till.shop.approve(case_id, till.shop.other_lead)
        till.pay(case_id, NOW + timedelta(hours=n))
        assert till.money() == [(0, 300 * n)]
    with refused("units-not-available"):
        till.shop.apply(request_body((1, 1)))
