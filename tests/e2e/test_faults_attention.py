"""An auditor sees where money and goods go, and why a case needs a person."""

from tests.e2e.live import Live

CARD = {"kind": "bank_card", "token": "tok_visa", "last4": "4242"}


def test_an_auditor_sees_where_the_money_goes_and_the_storefront_does_not(platform: Live) -> None:
    case_id = platform.apply(platform.sell((2, 1000)), payout_to=CARD)
    assert platform.read(case_id)["payout_to"] == {"kind": "bank_card", "last4": "4242"}
    own = platform.call("shop", "GET", f"/v1/cases/{case_id}").json()
    assert not {"payout_to", "address", "attention", "effects"} & set(own)


def test_a_parked_case_is_found_by_why(platform: Live) -> None:
    case_id = platform.apply(platform.sell((2, 1000), offline=True))
    platform.approve(case_id)
    assert platform.wait_for(case_id, "needs_attention")["attention"] == ["offline_payment"]
    found = platform.call("operator", "GET", "/v1/cases?attention=offline_payment").json()
    assert case_id in [case["case_id"] for case in found["items"]]
    asked = platform.call("shop", "GET", "/v1/cases?attention=offline_payment")
    assert asked.status_code == 403


def test_a_pickup_that_was_booked_is_an_effect_of_its_return(platform: Live) -> None:
    case_id = platform.apply(platform.sell((2, 1000)), kind="return")
    platform.approve(case_id)
    platform.parcel(case_id)
    case = platform.read(case_id)
    (effect,) = case["effects"]
    assert (effect["action"], effect["state"]) == ("book_pickup", "done")
    assert effect["reference"]
    assert case["address"]["postal_code"] == "LS1 1AA"
