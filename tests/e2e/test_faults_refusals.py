"""Does a refusal end in a decline whatever its code, and is a key that is not taken tried on?"""

import pytest

from tests.e2e.live import Live, paid_once


@pytest.mark.parametrize("party", ["payments", "bank"])
def test_a_refusal_without_a_code_is_a_decline_that_can_be_retried(
    platform: Live, party: str
) -> None:
    order_id = platform.sell((1, 1000))
    platform.fault("refuse", order_id, party=party)
    card = {"payout_to": {"kind": "bank_card", "token": "card_1", "last4": "4242"}}
    case_id = platform.apply(order_id, **(card if party == "bank" else {}))
    platform.approve(case_id)
    if party == "bank":
        platform.approve(case_id, who="other")
    case = platform.wait_for(case_id, "needs_attention")
    assert [payout["state"] for payout in case["payouts"]] == ["failed"]
    parked = platform.events(case_id)[-1]
    assert parked["detail"] == "payout_declined invalid_request_error"
    order = platform.call("lead", "GET", f"/v1/orders/{order_id}?storefront=demo").json()
    assert order["payments"][0]["reserved"] == 0
    assert platform.resume(case_id, "retry", note="tried once more").status_code == 200
    assert platform.wait_for(case_id)["amount"]["paid"] == 1000


def test_a_key_that_is_not_taken_is_tried_on_and_pays_once(platform: Live) -> None:
    order_id = platform.sell((1, 1000))
    platform.fault("unauthorized", order_id, times=3)
    case_id = platform.apply(order_id)
    platform.approve(case_id)
    assert platform.wait_for(case_id)["outcome"] == "refunded"
    paid_once(platform, [order_id], 1000)
    assert "gateway_refuses_us" in str(platform.events(case_id))


def test_doubt_is_not_settled_by_anybody_before_its_time(platform: Live) -> None:
    order_id = platform.sell((1, 1000))
    platform.fault("error_before", order_id)
    case_id = platform.apply(order_id)
    platform.approve(case_id)
    said = platform.resume(case_id, "settle", reference="wire 1")
    assert said.json()["type"] in ("/problems/not-parked", "/problems/payout-in-doubt")
    assert platform.wait_for(case_id)["outcome"] == "refunded"
