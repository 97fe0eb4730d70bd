"""No money leaves a charge that is not as our books have it, nor more than it holds over all that
name it.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from domain.cases import gateway_key, payout_id
from domain.charges import NoSuchCharge, Unreadable, Withdrawal
from domain.payouts import PARK_IN_DOUBT_AFTER, Move
from store.calls import Call
from store.tables import Charge, GatewayEntry, Payment
from tests.shop import NOW
from tests.store.till import BANK_CARD, PAID, TWO_CARDS, Till, refused
from tests.workflows.gateway import charge_of

CREDIT = {"kind": "store_credit"}
WAYS: list[dict[str, Any]] = [{"kind": "original"}, BANK_CARD, CREDIT]


def taken(amount: int, id: str = "re_9", **fields: Any) -> Withdrawal:
    """A refund that somebody else made an hour ago."""
    told = {"way": "original", "currency": "GBP", "status": "succeeded", **fields}
    return Withdrawal(id=id, amount=amount, created_at=NOW - timedelta(hours=1), **told)


def disputed(status: str, amount: int = 1000) -> Withdrawal:
    return taken(amount, "dp_1", way="dispute", status=status)


def attention(till: Till, case_id: UUID) -> str | None:
    return till.shop.read(case_id).attention


def charge(till: Till, name: str = "ch_1") -> Charge:
    with till.shop.database.begin() as session:
        return session.get_one(Charge, name)


def entries(till: Till) -> dict[str, str]:
    with till.shop.database.begin() as session:
        rows = session.execute(select(GatewayEntry.refund_id, GatewayEntry.standing))
        return dict(rows.all())


def accepts(till: Till, case_id: UUID) -> None:
    """Two people accept what others took."""
    till.shop.resume(case_id, till.shop.operator, action="accept")
    till.shop.resume(case_id, till.shop.lead, action="accept")


MISMATCHES = {
    "no_such_charge": NoSuchCharge(),
    "not_captured": charge_of("ch_1", captured=0),
    "wrong_currency": charge_of("ch_1", currency="INR"),
    "wrong_owner": charge_of("ch_1", storefront="other"),
    "open_dispute": charge_of("ch_1", withdrawals=(disputed("needs_response"),)),
    "foreign_refunds": charge_of("ch_1", withdrawals=(taken(100),)),
}


@pytest.mark.parametrize("to", WAYS, ids=lambda to: to["kind"])
@pytest.mark.parametrize("why", MISMATCHES)
def test_nothing_is_sent_from_a_charge_that_is_not_as_our_books_have_it(
    till: Till, why: str, to: dict[str, Any]
) -> None:
    till.charges["ch_1"] = MISMATCHES[why]
    case_id = till.approved(payout_to=to)
    if to["kind"] == "bank_card":
        till.shop.approve(case_id, till.shop.other_lead)
    till.stands(case_id)
    assert attention(till, case_id) == "charge_mismatch"
    (payout,) = till.payouts(case_id)
    assert (payout.state, payout.code) == ("failed", why)
    assert till.money() == [(0, 0)]
    assert not any(why in event.detail for event in till.events(case_id))


def test_what_does_not_fit_in_several_ways_is_told_in_full(till: Till) -> None:
    facts = {"currency": "INR", "storefront": "other", "withdrawals": (taken(1),)}
    till.charges["ch_1"] = charge_of("ch_1", **facts)
    case_id = till.approved()
    till.stands(case_id)
    (payout,) = till.payouts(case_id)
    assert payout.code == "wrong_currency wrong_owner foreign_refunds"


@pytest.mark.parametrize("why", MISMATCHES)
def test_a_retry_reads_the_charge_again(till: Till, why: str) -> None:
    till.charges["ch_1"] = MISMATCHES[why]
    case_id = till.approved()
    till.stands(case_id)
    till.shop.resume(case_id, action="retry")
    till.stands(case_id)
    assert attention(till, case_id) == "charge_mismatch"
    till.charges["ch_1"] = charge_of("ch_1", storefront="demo")
    till.shop.resume(case_id, action="retry")
    assert till.pay(case_id).stage == "completed"


@pytest.mark.parametrize("status", ["won", "warning_closed"])
def test_a_dispute_that_was_won_holds_nothing_back(till: Till, status: str) -> None:
    till.charges["ch_1"] = charge_of("ch_1", withdrawals=(disputed(status),))
    assert till.pay(till.approved()).stage == "completed"


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_foreign_refund_that_failed_took_nothing(till: Till, status: str) -> None:
    till.charges["ch_1"] = charge_of("ch_1", withdrawals=(taken(100, status=status),))
    assert till.pay(till.approved()).stage == "completed"
    assert entries(till) == {}


def test_refunds_of_ours_are_known_by_their_keys_even_while_under_way(till: Till) -> None:
    first = till.approved(payments=[{"payment": "ch_1", "provider": "stripe", "captured": 1000}])
    call = till.call(first)
    other = till.approved(order_id="o2")
    ours = taken(1000, "re_1", key=call.gateway_key, status="pending")
    till.charges["ch_1"] = charge_of("ch_1", withdrawals=(ours,))
    assert till.call(other).move is Move.SEND


@pytest.mark.parametrize(
    "copied", [{"amount": 999}, {"amount": 1000, "twice": True}], ids=["other amount", "twice"]
)
def test_a_key_of_ours_stands_for_one_refund_of_its_amount(
    till: Till, copied: dict[str, Any]
) -> None:
    call = till.call(till.approved())
    found = [taken(copied["amount"], "re_1", key=call.gateway_key)]
    found += [taken(1000, "re_2", key=call.gateway_key)] if copied.get("twice") else []
    till.charges["ch_1"] = charge_of("ch_1", withdrawals=tuple(found))
    other = till.approved(order_id="o2")
    till.stands(other)
    assert attention(till, other) == "charge_mismatch"


def test_a_refund_under_the_key_of_a_payout_that_was_taken_back_is_not_known(till: Till) -> None:
    first = till.approved()
    call = till.call(first)
    till.conclude(call, PAID)
    till.reverse(first)
    till.charges["ch_1"] = charge_of("ch_1", withdrawals=(taken(1000, key=call.gateway_key),))
    till.shop.resume(first, action="retry")
    till.stands(first)
    assert attention(till, first) == "charge_mismatch"


def test_a_first_send_that_the_gateway_knows_already_is_asked_about(till: Till) -> None:
    """A restored database makes the same key again, and the money left before."""
    case_id = till.approved()
    key = gateway_key(payout_id(case_id, 1), 1)
    till.charges["ch_1"] = charge_of("ch_1", withdrawals=(taken(1000, key=key),))
    call = till.call(case_id)
    assert (call.move, call.gateway_key) == (Move.ASK, key)
    till.conclude(call, PAID)
    assert till.complete(case_id).stage == "completed"


def test_two_people_accept_what_others_took_and_the_rest_is_paid(till: Till) -> None:
    till.charges["ch_1"] = charge_of("ch_1", captured=1000, withdrawals=(taken(400),))
    case_id = till.approved(amount=500)
    till.stands(case_id)
    till.shop.resume(case_id, till.shop.operator, action="accept")
    with refused("four-eyes"):
        till.shop.resume(case_id, till.shop.operator, action="accept")
    assert entries(till) == {"re_9": "foreign"}
    till.shop.resume(case_id, till.shop.lead, action="accept")
    assert entries(till) == {"re_9": "accepted"}
    assert charge(till).foreign_refunded == 400
    assert till.pay(case_id).stage == "completed"
    assert (charge(till).refunded, charge(till).foreign_refunded) == (500, 400)


def test_what_was_accepted_leaves_too_little(till: Till) -> None:
    till.charges["ch_1"] = charge_of("ch_1", captured=1000, withdrawals=(taken(400),))
    case_id = till.approved()
    till.stands(case_id)
    accepts(till, case_id)
    till.stands(case_id)
    assert attention(till, case_id) == "payments_do_not_cover"
    assert (charge(till).reserved, charge(till).foreign_refunded) == (0, 400)


def test_a_lost_dispute_is_accepted_like_a_refund(till: Till) -> None:
    till.charges["ch_1"] = charge_of("ch_1", captured=1000, withdrawals=(disputed("lost"),))
    case_id = till.approved(payout_to=CREDIT)
    till.stands(case_id)
    assert attention(till, case_id) == "charge_mismatch"
    accepts(till, case_id)
    till.stands(case_id)
    assert attention(till, case_id) == "payments_do_not_cover"


def test_more_than_was_accepted_parks_the_case_again(till: Till) -> None:
    till.charges["ch_1"] = charge_of("ch_1", withdrawals=(taken(100),))
    case_id = till.approved()
    till.stands(case_id)
    till.charges["ch_1"] = charge_of("ch_1", withdrawals=(taken(100), taken(50, "re_10")))
    accepts(till, case_id)
    till.stands(case_id)
    assert attention(till, case_id) == "charge_mismatch"
    assert entries(till) == {"re_9": "accepted", "re_10": "foreign"}


@pytest.mark.parametrize("why", sorted(MISMATCHES.keys() - {"foreign_refunds"}))
def test_what_may_never_leave_is_neither_accepted_nor_paid_another_way(
    till: Till, why: str
) -> None:
    till.charges["ch_1"] = MISMATCHES[why]
    case_id = till.approved()
    till.stands(case_id)
    with refused("not-awaited"):
        till.shop.resume(case_id, action="accept")
    with refused("not-awaited"):
        till.shop.resume(case_id, action="reroute", payout_to=CREDIT)


def test_a_reroute_does_not_pay_for_what_others_took(till: Till) -> None:
    till.charges["ch_1"] = charge_of("ch_1", withdrawals=(taken(100),))
    case_id = till.approved()
    till.stands(case_id)
    for who in (till.shop.operator, till.shop.lead):
        till.shop.resume(case_id, who, action="reroute", payout_to=CREDIT)
    till.stands(case_id)
    assert attention(till, case_id) == "charge_mismatch"


def test_there_is_nothing_to_accept_elsewhere(till: Till) -> None:
    case_id = till.approved(payments=[{"payment": "x", "provider": "offline", "captured": 1000}])
    till.stands(case_id)
    with refused("not-awaited"):
        till.shop.resume(case_id, action="accept")


def test_an_unreadable_charge_leaves_the_payout_reserved_and_is_asked_for_on(till: Till) -> None:
    till.charges["ch_1"] = Unreadable("no_connection")
    case_id = till.approved()
    waits = [till.stands(case_id) for _ in range(7)]
    assert all(standing.asking for standing in waits)
    assert [standing.wake_after for standing in waits] == [1, 2, 4, 8, 15, 20, 20]
    (payout,) = till.payouts(case_id)
    assert (payout.state, till.shop.read(case_id).stage) == ("reserved", "paying")
    later = NOW + PARK_IN_DOUBT_AFTER
    standing = till.stands(case_id, later)
    assert (standing.asking, standing.case.in_doubt) == (False, True)
    assert attention(till, case_id) == "charge_unreadable"
    assert till.stands(case_id, later).asking
    till.shop.resume(case_id, action="retry")
    assert attention(till, case_id) == "charge_unreadable"
    till.charges.clear()
    till.step(case_id, PAID, later)
    assert till.complete(case_id).stage == "completed"
    assert "unparked" in till.happened(case_id)


def test_a_charge_that_our_key_may_not_read_is_our_configuration(till: Till) -> None:
    till.charges["ch_1"] = Unreadable("gateway_refuses_to_tell")
    case_id = till.approved()
    till.stands(case_id)
    later = NOW + PARK_IN_DOUBT_AFTER
    till.stands(case_id, later)
    assert attention(till, case_id) == "gateway_refuses_us"
    assert till.stands(case_id, later).asking
    till.charges.clear()
    till.step(case_id, PAID, later)
    assert till.complete(case_id).stage == "completed"


def test_a_parked_charge_that_can_be_read_again_may_turn_out_wrong(till: Till) -> None:
    till.charges["ch_1"] = Unreadable("http_500")
    case_id = till.approved()
    till.stands(case_id)
    till.stands(case_id, NOW + PARK_IN_DOUBT_AFTER)
    till.charges["ch_1"] = NoSuchCharge()
    till.stands(case_id, NOW + PARK_IN_DOUBT_AFTER)
    assert attention(till, case_id) == "charge_mismatch"


def test_one_unreadable_charge_holds_up_no_other(till: Till) -> None:
    till.charges["ch_1"] = Unreadable("timeout")
    case_id = till.approved(payments=TWO_CARDS)
    assert till.stands(case_id).asking
    assert till.call(case_id).payment == "ch_2"


def test_three_orders_of_one_charge_are_paid_no_more_than_it_holds(till: Till) -> None:
    till.charges["ch_1"] = charge_of("ch_1", captured=1000)
    till.charges["pi_1"] = charge_of("ch_1", captured=1000)
    shared = [
        [{"payment": name, "provider": "stripe", "captured": 1000}]
        for name in ("ch_1", "ch_1", "pi_1")
    ]
    cases = [
        till.approved(order_id=f"o{n}", payments=payments, payout_to=CREDIT)
        for n, payments in enumerate(shared, start=1)
    ]
    for case_id in cases:
        till.stands(case_id)
    assert [till.shop.read(c).paid for c in cases] == [1000, 0, 0]
    assert [attention(till, c) for c in cases[1:]] == ["payments_do_not_cover"] * 2
    assert (charge(till).refunded, charge(till).reserved) == (1000, 0)


def test_what_one_charge_has_too_little_for_comes_from_the_other_payment(till: Till) -> None:
    till.charges["ch_1"] = charge_of("ch_1", captured=100)
    case_id = till.approved(payments=TWO_CARDS, amount=500)
    till.pay(case_id)
    paid = [(p.payment_id, p.amount, p.state) for p in till.payouts(case_id)]
    assert [(amount, state) for _, amount, state in paid] == [
        (500, "failed"), (100, "paid"), (400, "paid"),
    ]  # fmt: skip


def test_two_payments_of_an_order_that_are_one_charge_share_its_room(till: Till) -> None:
    twice = [{"payment": p, "provider": "stripe", "captured": 500} for p in ("ch_1", "pi_1")]
    for name in ("ch_1", "pi_1"):
        till.charges[name] = charge_of("ch_1", captured=600)
    case_id = till.approved(payments=twice)
    while isinstance(step := till.begin(case_id), Call):
        till.conclude(step, PAID)
    assert attention(till, case_id) == "payments_do_not_cover"
    assert charge(till).refunded <= 600


def test_the_first_storefront_that_read_a_charge_owns_it(till: Till) -> None:
    till.pay(till.approved(amount=100))
    assert charge(till).owner == "demo"
    till.charges["ch_1"] = charge_of("ch_1", storefront="other")
    case_id = till.approved(order_id="o2")
    till.stands(case_id)
    assert attention(till, case_id) == "charge_mismatch"


def test_whoever_had_the_wrong_currency_does_not_own_the_charge(till: Till) -> None:
    till.charges["ch_1"] = charge_of("ch_1", currency="INR")
    till.stands(till.approved())
    assert charge(till).owner is None


def test_code_that_forgets_the_charge_is_refused_by_it(till: Till) -> None:
    till.charges["ch_1"] = charge_of("ch_1", captured=600)
    till.pay(till.approved(amount=500))
    with (
        pytest.raises(IntegrityError, match="charges_captured_not_exceeded"),
        till.shop.database.begin() as session,
    ):
        session.execute(update(Payment).values(reserved=200))
