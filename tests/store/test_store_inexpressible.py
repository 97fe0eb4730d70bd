"""What happens to an amount that the gateway cannot move? It is refused wherever it is fixed."""

from typing import Any
from uuid import UUID

import pytest

from domain.cases import Attention
from domain.messages import CaseRequest
from store import opening
from tests.shop import NOW, exchange_body, order_body, request_body, return_body
from tests.store.dock import Dock
from tests.store.till import BANK_CARD, Till, refused

KWD: dict[str, Any] = {"currency": "KWD"}
CREDIT = {"payout_to": {"kind": "store_credit"}}
CARD = {"payout_to": BANK_CARD}
CASH = [{"payment": "till-1", "provider": "offline", "captured": 3333}]


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


def two_cards(first: int, second: int) -> list[dict[str, Any]]:
    return [
        {"payment": f"ch_{n}", "provider": "stripe", "captured": captured}
        for n, captured in enumerate((first, second), 1)
    ]


@pytest.mark.parametrize(
    ("currency", "paid", "why"),
    [
        ("KWD", 3333, "KWD in multiples of 10"),
        ("TND", 5, "TND in multiples of 10"),
        ("MGA", 20_050, "MGA in multiples of 100"),
        ("IQD", 1000, "IQD is not offered"),
        ("CLF", 10_000, "CLF is not offered"),
    ],
)
@pytest.mark.parametrize("fields", [{}, CARD], ids=["original", "bank card"])
def test_it_is_refused_when_the_case_is_opened_or_previewed(
    till: Till, currency: str, paid: int, why: str, fields: dict[str, Any]
) -> None:
    till.shop.sell("o1", order_body((1, paid), currency=currency))
    body = request_body((1, 1), **fields)
    with refused("amount-not-expressible") as opened:
        till.shop.apply(body)
    assert why in opened.value.detail
    with refused("amount-not-expressible"):
        till.shop.database.run(
            lambda s: opening.preview(
                s, CaseRequest.model_validate(body), "demo", till.shop.policy, NOW
            )
        )
    with refused("amount-not-expressible"):
        till.shop.apply(return_body((1, 1), **fields))


def test_the_refusal_says_what_would_pass(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 3333), **KWD))
    with refused("amount-not-expressible") as opened:
        till.shop.apply(request_body((1, 1)))
    assert opened.value.extra == {"step": 10}
    assert till.shop.apply(request_body((1, 1), amount=3330)).total == 3330


@pytest.mark.parametrize(
    "fields", [CREDIT, {"payments": CASH}], ids=["store credit", "paid in cash"]
)
def test_what_no_gateway_moves_may_be_any_amount(till: Till, fields: dict[str, Any]) -> None:
    to = {"payout_to": fields["payout_to"]} if "payout_to" in fields else {}
    till.shop.sell("o1", order_body((1, 3333), payments=fields.get("payments"), **KWD))
    assert till.shop.apply(request_body((1, 1), **to)).total == 3333


def test_an_approval_of_less_is_refused_and_another_one_taken(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 3330), **KWD))
    case = till.shop.apply(request_body((1, 1)))
    with refused("amount-not-expressible"):
        till.shop.approve(case.case_id, amount=3325)
    assert till.shop.approve(case.case_id, amount=3320).approved == 3320


def test_a_case_is_paid_from_several_payments_in_parts_that_all_pass(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 1000), (1, 1000), payments=two_cards(1000, 1000), **KWD))
    spent = till.shop.apply(request_body((1, 1), amount=333, **CREDIT))
    till.shop.approve(spent.case_id)
    till.pay(spent.case_id)
    case = till.shop.apply(request_body((2, 1)))
    till.shop.approve(case.case_id)
    till.pay(case.case_id)
    assert [payout.amount for payout in till.payouts(case.case_id)] == [660, 340]


def test_parts_that_come_to_be_only_at_reserving_park_the_case(till: Till) -> None:
    payments = [two_cards(1000, 0)[0], {**CASH[0], "captured": 1000}]
    till.shop.sell("o1", order_body((1, 1995), (1, 5), payments=payments, **KWD))
    waiting = till.shop.apply(request_body((1, 1))).case_id
    till.shop.approve(waiting)
    spent = till.shop.apply(request_body((2, 1), **CREDIT)).case_id
    till.shop.approve(spent)
    till.pay(spent)
    assert till.stands(waiting).case.attention is Attention.AMOUNT_NOT_EXPRESSIBLE
    assert till.events(waiting)[-1].detail == "amount_not_expressible 1995 KWD"
    assert till.payouts(waiting) == []


def parked_return(dock: Dock) -> UUID:
    """Of three units for 1.000 KWD in all one was accepted: 0.333."""
    dock.shop.sell("o1", order_body((3, 1000), **KWD))
    case_id = dock.shop.apply(return_body((1, 3))).case_id
    dock.shop.approve(case_id)
    dock.collected(case_id)
    dock.inspect(case_id, 1, 1)
    assert dock.till.stands(case_id).case.attention is Attention.AMOUNT_NOT_EXPRESSIBLE
    return case_id


def test_what_was_counted_and_cannot_be_moved_is_settled_by_hand(dock: Dock) -> None:
    case_id = parked_return(dock)
    case = dock.shop.resume(case_id, action="settle", reference="till 12", note="in cash")
    assert (case.outcome, case.paid) == ("settled_manually", 333)


def test_it_is_rerouted_to_store_credit_and_not_to_another_gateway(dock: Dock) -> None:
    case_id = parked_return(dock)
    card = BANK_CARD
    dock.shop.resume(case_id, action="reroute", payout_to=card, note="")
    with refused("amount-not-expressible"):
        dock.shop.resume(case_id, dock.shop.lead, action="reroute", payout_to=card, note="")
    credit = CREDIT["payout_to"]
    dock.shop.resume(case_id, action="reroute", payout_to=credit, note="")
    dock.shop.resume(case_id, dock.shop.lead, action="reroute", payout_to=credit, note="")
    assert dock.till.pay(case_id).paid == 333


def test_an_offer_that_could_not_be_paid_is_refused(dock: Dock) -> None:
    dock.shop.sell("o1", order_body((2, 2000), **KWD))
    case_id = dock.shop.apply(return_body((1, 2))).case_id
    dock.shop.approve(case_id)
    dock.collected(case_id)
    dock.inspect(case_id, 2, 1)
    with refused("amount-not-expressible"):
        dock.offer(case_id, 333)
    assert dock.offer(case_id, 330).stage == "awaiting_buyer"


def test_the_difference_of_an_exchange_is_refused_whoever_owes_it(till: Till) -> None:
    till.shop.sell("o1", order_body((2, 2000), **KWD))
    with refused("amount-not-expressible"):
        till.shop.apply(exchange_body((1, 1), price=1003))
    with refused("amount-not-expressible"):
        till.shop.apply(exchange_body((1, 1), price=997))
    assert till.shop.apply(exchange_body((1, 1), price=1010)).total == 1000
