"""Whatever the gateway does, the buyer is paid once, and nobody has to help."""

import pytest

from tests.e2e.live import Live, paid_once

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


@pytest.mark.parametrize(("fault", "fields"), PASSING, ids=[name for name, _ in PASSING])
def test_a_fault_that_passes_costs_time_and_never_money(
    platform: Live, fault: str, fields: dict[str, int]
) -> None:
    order_id = platform.sell((2, 1000))
    platform.fault(fault, order_id, **fields)
    case_id = platform.apply(order_id)
    platform.approve(case_id)
    case = platform.wait_for(case_id)
    assert case["outcome"] == "refunded"
    assert case["amount"]["paid"] == 500
    paid_once(platform, [order_id], 500)


@pytest.mark.parametrize("operation", ["retrieve", "list"])
def test_a_gateway_that_cannot_be_asked_is_asked_again(platform: Live, operation: str) -> None:
    order_id = platform.sell((2, 1000))
    platform.fault("reset_after", order_id)
    platform.fault("error_before", order_id, times=3, operation=operation)
    case_id = platform.apply(order_id)
    platform.approve(case_id)
    assert platform.wait_for(case_id)["outcome"] == "refunded"
    paid_once(platform, [order_id], 500)


@pytest.mark.parametrize("fault", ["error_after", "hang_after", "reset_after", "garbage"])
def test_a_transfer_survives_a_lost_answer_too(platform: Live, fault: str) -> None:
    order_id = platform.sell((2, 1000))
    platform.fault(fault, order_id, party="bank", seconds=6)
    to = {"kind": "bank_card", "token": "tok_card_1", "last4": "4242"}
    case_id = platform.apply(order_id, payout_to=to)
    assert platform.approve(case_id)["stage"] == "awaiting_second_audit"
    platform.approve(case_id, "other")
    assert platform.wait_for(case_id)["payouts"][0]["to"] == "bank_card"
    transfers = platform.book()["transfers"]
    assert [t["amount"] for t in transfers if t["metadata"]["order_id"] == order_id] == [500]


def test_a_declined_payout_parks_the_case_and_a_retry_pays_it(platform: Live) -> None:
    order_id = platform.sell((2, 1000))
    platform.fault("decline", order_id)
    case_id = platform.apply(order_id)
    platform.approve(case_id)
    parked = platform.wait_for(case_id, "needs_attention")
    assert parked["payouts"][0]["state"] == "failed"
    assert platform.resume(case_id, "retry").status_code == 200
    platform.wait_for(case_id)
    paid_once(platform, [order_id], 500)


def test_a_pending_refund_that_fails_parks_the_case_and_gives_the_reservation_back(
    platform: Live,
) -> None:
    order_id = platform.sell((2, 1000))
    platform.fault("pending_then_failed", order_id, seconds=1)
    case_id = platform.apply(order_id)
    platform.approve(case_id)
    platform.wait_for(case_id, "needs_attention")
    order = platform.call("shop", "GET", f"/v1/orders/{order_id}").json()
    assert [(p["reserved"], p["refunded"]) for p in order["payments"]] == [(0, 0)]


def test_a_reversal_after_success_opens_the_case_for_a_person(platform: Live) -> None:
    order_id = platform.sell((2, 1000))
    platform.fault("succeeded_then_reversed", order_id, seconds=2)
    case_id = platform.apply(order_id)
    platform.approve(case_id)
    platform.wait_for(case_id)
    reversed_case = platform.wait_for(case_id, "needs_attention")
    assert reversed_case["payouts"][0]["state"] == "reversed"
    assert reversed_case["amount"]["paid"] == 0
    assert (reversed_case["closed_at"], reversed_case["outcome"]) == (None, None)
    assert platform.resume(case_id, "retry").status_code == 200
    paid = platform.wait_for(case_id)
    assert [p["state"] for p in paid["payouts"]] == ["reversed", "paid"]
    paid_once(platform, [order_id], 500)
