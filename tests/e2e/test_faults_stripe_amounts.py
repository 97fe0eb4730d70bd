"""Is every currency paid back as Stripe counts it, and refused where Stripe has no such amount?"""

import pytest
import requests

from tests.e2e.live import Live
from tests.shop import order_body, request_body

# our minor units, and what Stripe takes them for
PAID = [("ISK", 1000, 100_000), ("MGA", 20_000, 200), ("KWD", 3330, 3330), ("UGX", 5, 500)]


def sold(platform: Live, currency: str, amount: int, stripe: int) -> str:
    """An order that was charged at the gateway, in the gateway's units."""
    order_id = f"units-{currency.lower()}-{amount}"
    charged = requests.post(
        f"{platform.found.sandbox}/v1/charges",
        data={
            "amount": stripe,
            "currency": currency.lower(),
            "source": "tok_visa",
            "metadata[order_id]": order_id,
        },
        headers={"Authorization": "Bearer sk_test"},
        timeout=10,
    )
    payment = {"provider": "stripe", "captured": amount, "payment": charged.json()["id"]}
    body = order_body((1, amount), currency=currency, payments=[payment])
    assert platform.call("shop", "PUT", f"/v1/orders/{order_id}", body).status_code == 201
    return order_id


def test_refunds_reach_the_gateway_in_its_own_units_and_the_books_agree(platform: Live) -> None:
    orders = {sold(platform, *sale): sale for sale in PAID}
    cases = {order_id: platform.apply(order_id) for order_id in orders}
    for case_id in cases.values():
        platform.approve(case_id)
    for order_id, (_, amount, stripe) in orders.items():
        assert platform.wait_for(cases[order_id])["amount"]["paid"] == amount
        assert [refund["amount"] for refund in platform.refunds(order_id)] == [stripe]
    checked = platform.check()
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("currency", "amount", "step"),
    [("KWD", 3333, 10), ("MGA", 20_050, 100), ("IQD", 1000, None)],
)
def test_an_amount_that_the_gateway_has_not_is_refused_with_its_slug(
    platform: Live, currency: str, amount: int, step: int | None
) -> None:
    order_id = f"units-refused-{currency.lower()}"
    payment = {"provider": "stripe", "captured": amount, "payment": f"ch_{order_id}"}
    body = order_body((1, amount), currency=currency, payments=[payment])
    assert platform.call("shop", "PUT", f"/v1/orders/{order_id}", body).status_code == 201
    request = request_body((1, 1), order_id=order_id)
    for path, key in (("/v1/previews", None), ("/v1/cases", f"key-{order_id}")):
        said = platform.call("shop", "POST", path, request, key=key)
        assert (said.status_code, said.json()["type"]) == (422, "/problems/amount-not-expressible")
        assert said.json()["step"] == step
    credit = request | {"payout_to": {"kind": "store_credit"}}
    assert platform.call("shop", "POST", "/v1/previews", credit).status_code == 200


def test_a_lower_approval_is_held_to_the_same_and_so_is_a_transfer(platform: Live) -> None:
    order_id = sold(platform, "KWD", 5000, 5000)
    card = {"kind": "bank_card", "token": "card_1", "last4": "4242"}
    case_id = platform.apply(order_id, payout_to=card)
    path = f"/v1/cases/{case_id}/approve"
    said = platform.call("lead", "POST", path, {"amount": 4999})
    assert (said.status_code, said.json()["type"]) == (422, "/problems/amount-not-expressible")
    platform.approve(case_id, amount=4990)
    platform.approve(case_id, who="other")
    assert platform.wait_for(case_id)["amount"]["paid"] == 4990
    transfers = [t for t in platform.book()["transfers"] if t["metadata"]["order_id"] == order_id]
    assert [(t["amount"], t["currency"]) for t in transfers] == [(4990, "kwd")]
