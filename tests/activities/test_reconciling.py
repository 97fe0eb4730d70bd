"""Has paid money stayed paid? What the gateway is asked after a success, and what comes of it."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from activities.payouts import Payouts
from domain.payouts import BANK_OFTEN
from store import reconciling
from store.tables import Inbox, Outbox
from tests.shop import NOW, Shop
from tests.store.till import BANK_CARD, REVERSED, Till
from tests.workflows.gateway import DECLINED, LOST, ScriptedGateway

LATER = NOW + BANK_OFTEN


class Bank:
    """A bank that has paid, the question put to it at any time, and what came of that."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.gateway = ScriptedGateway()
        self.now = LATER
        parties = {"original": self.gateway, "bank_card": self.gateway}
        self.payouts = Payouts(
            shop.database, shop.policy, parties, self.gateway, self.gateway, lambda: self.now
        )

    @property
    def told(self) -> int:
        with self.shop.session() as session:
            news = select(Outbox).where(Outbox.topic == "payout_news")
            return len(session.scalars(news).all())

    @property
    def reports(self) -> list[str]:
        with self.shop.session() as session:
            return list(session.scalars(select(Inbox.status)))


@pytest.fixture
def bank(shop: Shop) -> Bank:
    return Bank(shop)


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop)


@pytest.fixture
def paid(till: Till) -> UUID:
    """A case that a bank transfer has paid."""
    case_id = till.approved(payout_to=BANK_CARD)
    till.shop.approve(case_id, till.shop.other_lead)
    till.pay(case_id)
    return case_id


def next_question(till: Till, case_id: UUID) -> datetime | None:
    return till.payouts(case_id)[0].ask_again_at


def test_nothing_is_asked_before_its_time(bank: Bank, paid: UUID) -> None:
    bank.now = NOW + BANK_OFTEN - timedelta(seconds=1)
    assert bank.payouts.reconcile() == 0
    assert bank.gateway.heard == []


def test_a_transfer_that_stayed_is_asked_about_again_later(
    bank: Bank, till: Till, paid: UUID
) -> None:
    assert bank.payouts.reconcile() == 1
    assert bank.payouts.reconcile() == 0
    assert bank.gateway.heard == ["ask"]
    assert (bank.reports, bank.told) == ([], 0)
    assert next_question(till, paid) == LATER + BANK_OFTEN


def test_money_taken_back_becomes_a_report_that_wakes_the_case(
    bank: Bank, till: Till, paid: UUID
) -> None:
    bank.gateway.answers_ask(DECLINED)
    bank.payouts.reconcile()
    assert (bank.reports, bank.told) == (["failed"], 1)
    assert till.payouts(paid)[0].state == "paid"
    till.step(paid, REVERSED, LATER)
    assert (till.payouts(paid)[0].state, next_question(till, paid)) == ("reversed", None)


def test_a_gateway_without_an_answer_is_asked_by_the_same_plan(
    bank: Bank, till: Till, paid: UUID
) -> None:
    bank.gateway.answers_ask(LOST)
    bank.payouts.reconcile()
    assert (bank.reports, bank.told) == ([], 0)
    assert next_question(till, paid) == LATER + BANK_OFTEN


def test_a_worker_that_dies_while_it_asks_costs_one_question(
    bank: Bank, till: Till, paid: UUID
) -> None:
    bank.gateway.answers_ask(RuntimeError("killed"))
    with pytest.raises(RuntimeError):
        bank.payouts.reconcile()
    assert next_question(till, paid) == LATER + BANK_OFTEN


def test_two_workers_do_not_ask_the_same_question(bank: Bank, paid: UUID) -> None:
    with bank.shop.session() as first, bank.shop.session() as second:
        assert len(reconciling.due(first, LATER, 20)) == 1
        assert reconciling.due(second, LATER, 20) == []


@pytest.mark.parametrize("way", ["store_credit", "offline"])
def test_what_no_gateway_paid_is_asked_of_none(till: Till, way: str) -> None:
    payments = [{"payment": "cash-7", "provider": "offline", "captured": 1000}]
    case_id = till.approved(
        payments=payments if way == "offline" else None,
        payout_to={"kind": "store_credit" if way == "store_credit" else "original"},
    )
    till.stands(case_id)
    if way == "offline":
        till.shop.resume(case_id, action="settle", reference="cash book 7")
    assert {(p.state, p.ask_again_at) for p in till.payouts(case_id)} == {("paid", None)}
