"""What can an operator do about a parked case, and what is refused?"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from domain.payouts import Move
from domain.people import Actor, Role
from tests.shop import NOW, Shop, request_body
from tests.store.till import (
    BANK_CARD,
    DECLINED,
    NO_ANSWER,
    PAID,
    PENDING,
    TWO_CARDS,
    Till,
    refused,
)

STORE_CREDIT = {"kind": "store_credit"}


@pytest.fixture
def declined(till: Till) -> UUID:
    """A case for 10.00, parked since its payout was declined."""
    case_id = till.approved()
    till.step(case_id, DECLINED)
    return case_id


@pytest.fixture
def in_doubt(till: Till) -> UUID:
    """A case for 10.00, parked since the gateway has not answered for ten minutes."""
    case_id = till.approved()
    till.step(case_id, NO_ANSWER)
    till.step(case_id, NO_ANSWER, NOW + timedelta(minutes=10))
    return case_id


def test_retry_makes_the_next_attempt_under_a_new_key(till: Till, declined: UUID) -> None:
    case = till.shop.resume(declined, action="retry")
    assert (case.stage, case.waiting_for, case.attention) == ("paying", "gateway", None)
    call = till.call(declined)
    assert (call.move, call.attempt) == (Move.SEND, 2)
    assert call.gateway_key.endswith("-2")
    till.conclude(call, PAID)
    assert till.complete(declined).stage == "completed"


def test_settle_records_a_payment_made_elsewhere(till: Till, declined: UUID) -> None:
    case = till.shop.resume(declined, action="settle", reference="bank 2026-11-24")
    assert (case.stage, case.outcome, case.paid) == ("completed", "settled_manually", 1000)
    (payout,) = till.payouts(declined)
    assert (payout.way, payout.state, payout.reference) == ("offline", "paid", "bank 2026-11-24")
    assert till.money() == [(0, 1000)]
    assert till.units().settled == 2
    settled = till.events(declined)[-1]
    assert (settled.what, settled.actor, settled.actor_kind) == ("settled", "otto", "operator")


def test_give_up_releases_the_units(till: Till, declined: UUID) -> None:
    case = till.shop.resume(declined, action="give_up")
    assert (case.stage, case.outcome, case.paid) == ("cancelled", "given_up", 0)
    assert till.units().free == 2
    assert till.money() == [(0, 0)]
    with refused("already-decided"):
        till.shop.approve(declined, till.shop.other_lead)
    assert till.shop.apply(request_body((1, 2))).total == 1000


class TestReroute:
    def test_it_pays_another_way_once_a_second_person_confirms(
        self, till: Till, declined: UUID
    ) -> None:
        asked = till.shop.resume(declined, action="reroute", payout_to=BANK_CARD)
        assert asked.stage == "needs_attention"
        assert till.money() == [(0, 0)]
        case = till.shop.resume(declined, till.shop.lead, action="reroute", payout_to=BANK_CARD)
        assert case.stage == "paying"
        call = till.call(declined)
        assert (call.way, call.token, call.amount, call.attempt) == ("bank_card", "tok_9", 1000, 1)
        till.conclude(call, PAID)
        assert till.complete(declined).paid == 1000
        assert [(p.way, p.state) for p in till.payouts(declined)] == [
            ("original", "failed"),
            ("bank_card", "paid"),
        ]
        assert till.happened(declined)[-5:] == [
            "parked",
            "reroute_asked",
            "rerouted",
            "payout_paid",
            "completed",
        ]

    def test_the_same_person_cannot_confirm(self, till: Till, declined: UUID) -> None:
        till.shop.resume(declined, action="reroute", payout_to=BANK_CARD)
        with refused("four-eyes"):
            till.shop.resume(declined, action="reroute", payout_to=BANK_CARD)

    def test_confirming_another_way_is_asking_for_it(self, till: Till, declined: UUID) -> None:
        till.shop.resume(declined, action="reroute", payout_to=BANK_CARD)
        other = {**BANK_CARD, "token": "tok_10"}
        for to in (STORE_CREDIT, other):
            case = till.shop.resume(declined, till.shop.lead, action="reroute", payout_to=to)
            assert case.stage == "needs_attention"
        case = till.shop.resume(declined, till.shop.other_lead, action="reroute", payout_to=other)
        assert case.stage == "paying"
        assert till.call(declined).token == "tok_10"

    def test_a_revoked_asker_does_not_count(self, till: Till, declined: UUID) -> None:
        till.shop.resume(declined, action="reroute", payout_to=STORE_CREDIT)
        till.shop.revoke("otto")
        case = till.shop.resume(declined, till.shop.lead, action="reroute", payout_to=STORE_CREDIT)
        assert case.stage == "needs_attention"

    def test_a_word_from_before_the_last_parking_does_not_count(
        self, till: Till, declined: UUID
    ) -> None:
        till.shop.resume(declined, action="reroute", payout_to=STORE_CREDIT)
        till.shop.resume(declined, action="retry")
        till.step(declined, DECLINED, NOW + timedelta(hours=1))
        later = NOW + timedelta(hours=2)
        case = till.shop.resume(
            declined, till.shop.lead, later, action="reroute", payout_to=STORE_CREDIT
        )
        assert case.stage == "needs_attention"

    def test_only_what_did_not_get_through_is_rerouted(self, till: Till) -> None:
        case_id = till.approved(payments=TWO_CARDS)
        till.step(case_id, PAID)
        till.step(case_id, DECLINED)
        for actor in (till.shop.operator, till.shop.lead):
            till.shop.resume(case_id, actor, action="reroute", payout_to=STORE_CREDIT)
        till.begin(case_id)
        assert till.complete(case_id).paid == 1000
        assert [(p.way, p.state, p.amount) for p in till.payouts(case_id)] == [
            ("original", "paid", 600),
            ("original", "failed", 400),
            ("store_credit", "paid", 400),
        ]

    def test_an_offline_payment_can_be_rerouted(self, till: Till) -> None:
        cash = [{"payment": "cash-7", "provider": "offline", "captured": 1000}]
        case_id = till.approved(payments=cash)
        till.begin(case_id)
        for actor in (till.shop.operator, till.shop.lead):
            till.shop.resume(case_id, actor, action="reroute", payout_to=BANK_CARD)
        assert till.pay(case_id).paid == 1000

    def test_a_rerouted_payout_may_be_declined_and_tried_again(
        self, till: Till, declined: UUID
    ) -> None:
        for actor in (till.shop.operator, till.shop.lead):
            till.shop.resume(declined, actor, action="reroute", payout_to=BANK_CARD)
        till.step(declined, DECLINED)
        till.shop.resume(declined, action="retry")
        call = till.call(declined)
        assert (call.way, call.attempt) == ("bank_card", 2)
        till.conclude(call, PAID)
        assert till.complete(declined).paid == 1000


class TestInDoubt:
    @pytest.mark.parametrize(
        "order",
        [
            {"action": "settle", "reference": "bank 7"},
            {"action": "reroute", "payout_to": STORE_CREDIT},
            {"action": "give_up"},
        ],
    )
    def test_nothing_is_done_while_the_gateway_owes_an_answer(
        self, till: Till, in_doubt: UUID, order: dict[str, Any]
    ) -> None:
        with refused("payout-in-doubt"):
            till.shop.resume(in_doubt, **order)
        assert till.money() == [(1000, 0)]

    def test_retry_asks_at_once_and_sends_nothing(self, till: Till, in_doubt: UUID) -> None:
        case = till.shop.resume(in_doubt, action="retry")
        assert (case.stage, case.attention) == ("needs_attention", "payout_in_doubt")
        call = till.call(in_doubt)
        assert (call.move, call.attempt) == (Move.ASK, 1)
        till.conclude(call, PAID)
        assert till.complete(in_doubt).stage == "completed"

    def test_one_payment_in_doubt_keeps_all_of_them_from_being_settled(self, till: Till) -> None:
        case_id = till.approved(payments=TWO_CARDS)
        late = NOW + timedelta(minutes=10)
        till.step(case_id, NO_ANSWER)
        till.step(case_id, PENDING)
        till.step(case_id, NO_ANSWER, late)
        with refused("payout-in-doubt"):
            till.shop.resume(case_id, action="give_up")


@pytest.mark.parametrize("role", [Role.STOREFRONT, Role.AUDITOR, Role.WAREHOUSE])
def test_only_operators_and_leads_resume(shop: Shop, declined: UUID, role: Role) -> None:
    with refused("forbidden"):
        shop.resume(declined, Actor("somebody", role), action="retry")


def test_a_case_that_is_not_parked_is_left_alone(till: Till) -> None:
    case_id = till.approved()
    with refused("not-parked"):
        till.shop.resume(case_id, action="retry")
    till.pay(case_id)
    with refused("not-parked"):
        till.shop.resume(case_id, action="give_up")


def test_the_same_order_again_changes_nothing(till: Till, declined: UUID) -> None:
    first = till.shop.resume(declined, action="retry", resume_id="r-1")
    again = till.shop.resume(declined, action="retry", resume_id="r-1")
    assert again.version == first.version
    till.step(declined, DECLINED)
    assert till.shop.resume(declined, action="retry", resume_id="r-1").stage == "needs_attention"
    with refused("resume-id-reused"):
        till.shop.resume(declined, action="give_up", resume_id="r-1")
    with refused("resume-id-reused"):
        till.shop.resume(declined, till.shop.lead, action="retry", resume_id="r-1")


@pytest.mark.parametrize(
    "order",
    [{"action": "settle", "reference": "bank 7"}, {"action": "reroute", "payout_to": STORE_CREDIT}],
)
def test_what_the_payments_no_longer_hold_cannot_be_paid(
    till: Till, declined: UUID, order: dict[str, Any]
) -> None:
    _drain(till)
    if order["action"] == "reroute":
        till.shop.resume(declined, till.shop.lead, **order)
    with refused("payout-not-possible"):
        till.shop.resume(declined, **order)
    assert till.shop.read(declined).stage == "needs_attention"


def test_a_retry_that_the_payments_no_longer_cover_parks_the_case_again(
    till: Till, declined: UUID
) -> None:
    _drain(till)
    till.shop.resume(declined, action="retry")
    assert till.stands(declined).case.attention == "payments_do_not_cover"
    assert till.shop.resume(declined, action="give_up").outcome == "given_up"


def _drain(till: Till) -> None:
    """As if 0.01 of the order's 10.00 had been refunded elsewhere."""
    with till.shop.database.begin() as session:
        session.execute(text("update payments set captured = 999"))


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ({"action": "retry"}, "retry: the bank has called"),
        ({"action": "settle", "reference": "cheque-7"}, "cheque-7: the bank has called"),
        ({"action": "give_up"}, "the bank has called"),
        (
            {"action": "reroute", "payout_to": {"kind": "store_credit"}},
            "store_credit: the bank has called",
        ),
    ],
)
def test_the_history_says_why_an_operator_did_it(
    till: Till, order: dict[str, Any], told: str
) -> None:
    case_id = till.approved()
    till.step(case_id, DECLINED)
    till.shop.resume(case_id, note="the bank has called", **order)
    assert till.events(case_id)[-1].detail == told
