"""What the bank sent for an order, unknown to our books, is looked at before money leaves again."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from domain.cases import gateway_key
from domain.charges import ChargeFacts, Transfers, Unreadable, Withdrawal
from domain.payouts import Standing
from store import holds
from store.tables import Charge, GatewayEntry
from tests.shop import NOW, Shop
from tests.store.till import BANK_CARD, Till

AT_BANK = "order/o1"
BEFORE = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop)


def sent(key: str | None = None, amount: int = 400, **fields: object) -> Withdrawal:
    """A transfer that a database has made that is gone."""
    made = {
        "id": "tr_1",
        "way": "bank_card",
        "amount": amount,
        "currency": "GBP",
        "status": "succeeded",
        "created_at": BEFORE,
        "key": key or f"as1-{uuid4()}-1",
        "order_id": "o1",
        **fields,
    }
    return Withdrawal(**made)  # type: ignore[arg-type]


def approved(till: Till, **request: object) -> UUID:
    case_id = till.approved(**request)  # type: ignore[arg-type]
    if request.get("payout_to"):
        till.shop.approve(case_id, till.shop.other_lead)
    return case_id


def parked_over_it(till: Till, case_id: UUID) -> bool:
    till.stands(case_id)
    case = till.shop.read(case_id)
    return (case.stage, case.attention) == ("needs_attention", "charge_mismatch")


def accepted(till: Till, case_id: UUID) -> None:
    for who in (till.shop.operator, till.shop.lead):
        till.shop.resume(case_id, who, action="accept", note="known")


def test_a_transfer_that_our_books_do_not_know_parks_the_next_one(till: Till) -> None:
    till.charges[AT_BANK] = Transfers((sent(),))
    assert parked_over_it(till, approved(till, payout_to=BANK_CARD))
    assert till.money() == [(0, 0)]


def test_it_parks_a_refund_to_the_charge_as_well_once_it_is_in_the_book(till: Till) -> None:
    case_id = approved(till, payout_to=BANK_CARD)
    till.charges[AT_BANK] = Transfers((sent(),))
    assert parked_over_it(till, case_id)
    till.shop.resume(case_id, action="give_up", note="paid before")
    again = till.shop.apply(
        {
            "kind": "refund",
            "order_id": "o1",
            "lines": [{"line": 1, "quantity": 1}],
            "reason": "damaged",
        }
    ).case_id
    till.shop.approve(again)
    assert parked_over_it(till, again)


def test_a_transfer_that_failed_is_nobodys_concern(till: Till) -> None:
    till.charges[AT_BANK] = Transfers((sent(status="failed"),))
    assert till.call(approved(till, payout_to=BANK_CARD)).move == "send"


def test_our_own_key_at_the_bank_is_asked_about_and_not_sent_again(till: Till) -> None:
    case_id = approved(till, payout_to=BANK_CARD)
    till.shop.database.run(lambda s: holds.place(s, "otto", NOW, NOW))
    till.begin(case_id)  # reserved, and held before anything is read
    with till.shop.database.begin() as session:
        session.execute(text("delete from payout_holds"))
    (payout,) = till.payouts(case_id)
    key = gateway_key(payout.payout_id, payout.attempt)
    till.charges[AT_BANK] = Transfers((sent(key, amount=payout.amount),))
    assert till.call(case_id).move == "ask"


def test_a_bank_that_does_not_show_its_list_is_waited_for(till: Till) -> None:
    till.charges[AT_BANK] = Unreadable("http_500")
    case_id = approved(till, payout_to=BANK_CARD)
    step = till.begin(case_id)
    assert isinstance(step, Standing)
    assert (step.asking, till.payouts(case_id)[0].state) == (True, "reserved")
    till.charges[AT_BANK] = Transfers()
    assert till.call(case_id).move == "send"


def test_what_two_people_accept_is_gone_from_the_charge_and_the_rest_is_paid(till: Till) -> None:
    till.charges[AT_BANK] = Transfers((sent(amount=300),))
    case_id = approved(till, payout_to=BANK_CARD, amount=500)
    assert parked_over_it(till, case_id)
    accepted(till, case_id)
    assert till.pay(case_id).stage == "completed"
    with till.shop.session() as session:
        (charge,) = session.scalars(select(Charge))
        assert (charge.refunded, charge.transferred) == (500, 300)
        assert session.get_one(GatewayEntry, "tr_1").standing == "accepted"


def test_no_more_leaves_than_what_is_left_beside_it(till: Till) -> None:
    till.charges[AT_BANK] = Transfers((sent(amount=300),))
    till.charges["ch_1"] = ChargeFacts(charge="ch_1", intent=None, currency="GBP", captured=1000)
    case_id = approved(till, payout_to=BANK_CARD)  # over all that was captured
    assert parked_over_it(till, case_id)
    accepted(till, case_id)
    till.stands(case_id)
    case = till.shop.read(case_id)
    assert (case.stage, case.attention) == ("needs_attention", "payments_do_not_cover")


def test_what_was_recovered_parks_until_two_people_accept_it(till: Till) -> None:
    till.charges[AT_BANK] = Transfers((sent(amount=300),))
    case_id = approved(till, payout_to=BANK_CARD, amount=500)
    assert parked_over_it(till, case_id)
    assert len(till.shop.database.run(lambda s: holds.recover(s, BEFORE))) == 1
    till.shop.resume(case_id, action="retry")
    assert parked_over_it(till, case_id)
    accepted(till, case_id)
    assert till.pay(case_id).stage == "completed"
