"""Whatever an order says of its charge, no money leaves one that is not as it says."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from domain.people import Role
from tests.e2e.live import Live
from tests.sandbox_process import eventually
from tests.shop import order_body, request_body

CREDIT = {"kind": "store_credit"}


def charged(platform: Live, amount: int, currency: str = "gbp", **fields: Any) -> str:
    made = {"amount": amount, "currency": currency, "source": "tok_visa", **fields}
    said = requests.post(
        f"{platform.found.sandbox}/v1/charges",
        data=made,
        headers={"Authorization": "Bearer sk_test"},
        timeout=10,
    )
    said.raise_for_status()
    return str(said.json()["id"])


def dispute(platform: Live, charge: str, status: str) -> None:
    url = f"{platform.found.sandbox}/_sandbox/charges/{charge}/dispute"
    requests.post(url, json={"status": status}, timeout=10).raise_for_status()


def sold(platform: Live, charge: str, amount: int = 1000, **fields: Any) -> str:
    """An order of two units that names the charge."""
    payment = {"payment": charge, "provider": "stripe", "captured": amount}
    return platform.sell((2, amount), payments=[payment], **fields)


def approved(platform: Live, order_id: str, quantity: int = 2, **fields: Any) -> str:
    case_id = platform.apply(order_id, quantity, **fields)
    platform.approve(case_id)
    return case_id


def why(platform: Live, case_id: str) -> list[str]:
    """What the case is parked over, as staff are told."""
    platform.wait_for(case_id, "needs_attention")
    events = platform.events(case_id)
    assert any(event["detail"].startswith("charge_mismatch") for event in events), events
    (shown,) = platform.read(case_id)["charges"]
    return list(shown["mismatches"])


def refunds_of(platform: Live, charge: str) -> list[int]:
    return [row["amount"] for row in platform.book()["refunds"] if row["charge"] == charge]


def accepted(platform: Live, case_id: str) -> None:
    for who, status in (("operator", 200), ("operator", 403), ("lead", 200)):
        said = platform.call(
            who, "POST", f"/v1/cases/{case_id}/resume", {"action": "accept", "note": "seen"}
        )
        assert said.status_code == status, said.text


def test_a_charge_in_another_currency_pays_nothing(platform: Live) -> None:
    charge = charged(platform, 100_000, "inr")
    case_id = approved(platform, sold(platform, charge, 100_000, currency="USD"))
    assert why(platform, case_id) == ["wrong_currency"]
    assert refunds_of(platform, charge) == []
    (shown,) = platform.read(case_id)["charges"]
    assert (shown["charge"]["currency"], shown["charge"]["captured"]) == ("INR", 100_000)
    shop = platform.call("shop", "GET", f"/v1/cases/{case_id}").json()
    events = platform.call("shop", "GET", f"/v1/cases/{case_id}/events").text
    assert "charges" not in shop
    assert "wrong_currency" not in events
    for action, fields in (("accept", {}), ("reroute", {"payout_to": CREDIT})):
        said = platform.resume(case_id, action, **fields)
        assert (said.status_code, said.json()["type"]) == (409, "/problems/not-awaited")


@pytest.mark.parametrize("name", [lambda c: c, lambda c: f"pi_{c[3:]}"], ids=["ch", "pi"])
def test_a_refund_that_others_made_is_accepted_by_two_and_the_rest_is_paid(
    platform: Live, name: Callable[[str], str]
) -> None:
    charge = charged(platform, 1000)
    order_id = sold(platform, name(charge))
    platform.refund_elsewhere(charge, 400)
    case_id = approved(platform, order_id, 1)
    assert why(platform, case_id) == ["foreign_refunds"]
    assert refunds_of(platform, charge) == [400]
    order = platform.call("lead", "GET", f"/v1/orders/{order_id}?storefront=demo").json()
    (foreign,) = order["charges"][0]["withdrawals"]
    assert (foreign["amount"], foreign["standing"]) == (400, "foreign")
    accepted(platform, case_id)
    platform.wait_for(case_id)
    assert refunds_of(platform, charge) == [400, 500]
    second = approved(platform, order_id, 1)
    platform.wait_for(second, "needs_attention")
    assert "payments_do_not_cover" in platform.events(second)[-1]["detail"]
    assert refunds_of(platform, charge) == [400, 500]


@pytest.mark.parametrize("to", [{"kind": "original"}, CREDIT], ids=lambda to: to["kind"])
def test_what_is_disputed_is_paid_no_way_and_paid_once_that_is_over(
    platform: Live, to: dict[str, Any]
) -> None:
    charge = charged(platform, 1000)
    dispute(platform, charge, "needs_response")
    case_id = approved(platform, sold(platform, charge), payout_to=to)
    assert why(platform, case_id) == ["open_dispute"]
    assert platform.resume(case_id, "accept").status_code == 409
    assert platform.resume(case_id, "reroute", payout_to=CREDIT).status_code == 409
    dispute(platform, charge, "won")
    assert platform.resume(case_id, "retry").status_code == 200
    platform.wait_for(case_id)


def test_a_refund_of_ours_that_our_books_lost_parks_the_next_case(platform: Live) -> None:
    charge = charged(platform, 1000)
    lost = {"metadata[key]": "as1-0198a1b2-0000-7000-8000-000000000001-1"}
    platform.refund_elsewhere(charge, 500, **lost)
    case_id = approved(platform, sold(platform, charge), 1)
    assert why(platform, case_id) == ["foreign_refunds"]
    assert refunds_of(platform, charge) == [500]
    accepted(platform, case_id)  # whose money is it else?
    platform.wait_for(case_id)


def test_another_storefronts_charge_is_not_refunded_until_it_is_given_away(
    platform: Live,
) -> None:
    charge = charged(platform, 1000)
    platform.wait_for(approved(platform, sold(platform, charge), 1))
    platform.tokens["rival"] = platform._issue("rival", Role.STOREFRONT, storefront="rival")
    payment = {"payment": charge, "provider": "stripe", "captured": 1000}
    order = order_body((2, 1000), payments=[payment])
    put = platform.call("rival", "PUT", "/v1/orders/theirs", order)
    assert (put.status_code, "charges" in put.json()) == (201, False)
    request = request_body((1, 1), order_id="theirs")
    said = platform.call("rival", "POST", "/v1/cases", request, key="rival-key-1")
    case_id = str(said.json()["case_id"])
    platform.approve(case_id)
    assert why(platform, case_id) == ["wrong_owner"]
    shown = platform.call("rival", "GET", f"/v1/cases/{case_id}/events").text
    assert "wrong_owner" not in shown
    assert "demo" not in shown
    given = {"storefront": "rival", "note": "the other shop's number was wrong"}
    for who, status in (("operator", 200), ("operator", 403), ("shop", 403), ("lead", 200)):
        answer = platform.call(who, "POST", f"/v1/charges/{charge}/assign", given)
        assert answer.status_code == status, answer.text
    assert (answer.json()["owner"], answer.json()["assigned"]) == ("rival", True)
    platform.resume(case_id, "retry")
    platform.wait_for(case_id)
    assert refunds_of(platform, charge) == [500, 500]


def test_three_orders_of_one_charge_are_paid_what_it_holds(platform: Live) -> None:
    charge = charged(platform, 1000)
    orders = [sold(platform, name, 90_000) for name in (charge, f"pi_{charge[3:]}", charge)]
    cases = [approved(platform, order_id, payout_to=CREDIT) for order_id in orders]
    for case_id in cases:
        platform.wait_for(case_id, "needs_attention")
    assert sum(platform.read(case_id)["amount"]["paid"] for case_id in cases) <= 1000


def test_a_charge_that_does_not_show_for_a_while_delays_its_case(platform: Live) -> None:
    charge = charged(platform, 1000, **{"metadata[order_id]": "hidden"})
    platform.fault("error_before", "hidden", times=3, operation="retrieve_charge")
    case_id = approved(platform, sold(platform, charge), 1)

    def waits() -> bool:
        return [p["state"] for p in platform.read(case_id)["payouts"]] == ["reserved"]

    eventually(waits)
    assert refunds_of(platform, charge) == []
    platform.wait_for(case_id)
    assert refunds_of(platform, charge) == [500]


def test_the_books_hold_after_all_of_it(platform: Live) -> None:
    checks = json.loads(platform.command("check", "--json").stdout)["checks"]
    assert [check for check in checks if check["status"] == "violated"] == []
