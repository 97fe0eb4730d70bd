"""Whatever the gateways do, the buyer is paid once, and nobody has to help where it passes.

Every fault of the sandbox, for both parties that move money.
"""

from dataclasses import dataclass

import pytest

from tests.e2e.live import Live

PASSING = [
    ("error_before", {}),
    ("error_after", {}),
    ("sticky_500", {}),
    ("hang_before", {"seconds": 6}),
    ("hang_after", {"seconds": 6}),
    ("reset_after", {}),
    ("garbage", {}),
    ("wrong_amount", {}),
    ("too_many_requests", {}),
    ("pending_then_succeeded", {"seconds": 1}),
]
FOR_A_PERSON = [
    ("decline", {}),
    ("pending_then_failed", {"seconds": 1}),
    ("succeeded_then_reversed", {"seconds": 2}),
]
UNASKABLE = ("retrieve", "list")
PARTIES = ("payments", "bank")

each_party = pytest.mark.parametrize("party", PARTIES)


@dataclass(frozen=True)
class Refund:
    """5.00 on their way through a party that has a fault."""

    party: str
    order_id: str
    case_id: str


@pytest.fixture(scope="module")
def refunds(platform: Live) -> dict[tuple[str, str], Refund]:
    """One refund under each fault of each party, all at once: their waits are most of the time."""
    orders: dict[tuple[str, str], str] = {}
    for party in PARTIES:
        for fault, fields in PASSING + FOR_A_PERSON:
            orders[party, fault] = platform.sell((2, 1000))
            platform.fault(fault, orders[party, fault], party=party, **fields)
        for operation in UNASKABLE:
            order_id = orders[party, operation] = platform.sell((2, 1000))
            platform.fault("reset_after", order_id, party=party)
            platform.fault("error_before", order_id, party=party, times=3, operation=operation)
    return {
        (party, name): Refund(party, order_id, approved(platform, order_id, party))
        for (party, name), order_id in orders.items()
    }


def approved(platform: Live, order_id: str, party: str) -> str:
    """A refund of 5.00 that leaves through this party, approved by as many as it takes."""
    if party == "payments":
        case_id = platform.apply(order_id)
        platform.approve(case_id)
        return case_id
    to = {"kind": "bank_card", "token": "tok_card_1", "last4": "4242"}
    case_id = platform.apply(order_id, payout_to=to)
    assert platform.approve(case_id)["stage"] == "awaiting_second_audit"
    platform.approve(case_id, "other")
    return case_id


def moved(platform: Live, order_id: str) -> dict[str, list[int]]:
    """What the gateways have really paid out for the order and not taken back."""
    book = platform.book()
    return {
        party: [
            row["amount"]
            for row in book[rows]
            if row["metadata"].get("order_id") == order_id and row["status"] == "succeeded"
        ]
        for party, rows in (("payments", "refunds"), ("bank", "transfers"))
    }


def once(party: str) -> dict[str, list[int]]:
    return {each: [500] if each == party else [] for each in PARTIES}


@each_party
@pytest.mark.parametrize("fault", [name for name, _ in PASSING])
def test_a_fault_that_passes_costs_time_and_never_money(
    platform: Live, refunds: dict[tuple[str, str], Refund], party: str, fault: str
) -> None:
    refund = refunds[party, fault]
    case = platform.wait_for(refund.case_id)
    assert (case["outcome"], case["amount"]["paid"]) == ("refunded", 500)
    assert moved(platform, refund.order_id) == once(party)


@each_party
@pytest.mark.parametrize("operation", UNASKABLE)
def test_a_gateway_that_cannot_be_asked_is_asked_again(
    platform: Live, refunds: dict[tuple[str, str], Refund], party: str, operation: str
) -> None:
    refund = refunds[party, operation]
    assert platform.wait_for(refund.case_id)["outcome"] == "refunded"
    assert moved(platform, refund.order_id) == once(party)


@each_party
def test_a_declined_payout_parks_the_case_and_a_retry_pays_it(
    platform: Live, refunds: dict[tuple[str, str], Refund], party: str
) -> None:
    refund = refunds[party, "decline"]
    parked = platform.wait_for(refund.case_id, "needs_attention")
    assert parked["payouts"][0]["state"] == "failed"
    assert platform.resume(refund.case_id, "retry").status_code == 200
    platform.wait_for(refund.case_id)
    assert moved(platform, refund.order_id) == once(party)


@each_party
def test_a_pending_payout_that_fails_parks_the_case_and_gives_the_reservation_back(
    platform: Live, refunds: dict[tuple[str, str], Refund], party: str
) -> None:
    refund = refunds[party, "pending_then_failed"]
    platform.wait_for(refund.case_id, "needs_attention")
    order = platform.call("shop", "GET", f"/v1/orders/{refund.order_id}").json()
    assert [(p["reserved"], p["refunded"]) for p in order["payments"]] == [(0, 0)]


@each_party
def test_a_reversal_after_success_opens_the_case_for_a_person(
    platform: Live, refunds: dict[tuple[str, str], Refund], party: str
) -> None:
    refund = refunds[party, "succeeded_then_reversed"]
    parked = platform.wait_for(refund.case_id, "needs_attention")
    assert "completed" in [event["what"] for event in platform.events(refund.case_id)]
    assert (parked["payouts"][0]["state"], parked["amount"]["paid"]) == ("reversed", 0)
    assert (parked["closed_at"], parked["outcome"]) == (None, None)
    assert platform.resume(refund.case_id, "retry").status_code == 200
    paid = platform.wait_for(refund.case_id)
    assert [p["state"] for p in paid["payouts"]] == ["reversed", "paid"]
    assert moved(platform, refund.order_id) == once(party)
