"""Whose a charge is: what staff see of it, and two people who give it to another storefront."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.charges import Withdrawal
from domain.people import Role
from store.calls import Call
from store.tables import ChargeAssignment
from tests.api.callers import Callers, slug
from tests.shop import NOW
from tests.store.books import broken
from tests.workflows.gateway import charge_of

GIVEN = {"storefront": "rival", "note": "the other shop's order had the wrong number"}
PATH = "/v1/charges/ch_1/assign"
TAKEN = Withdrawal(
    id="re_9", way="original", amount=40, currency="GBP", status="succeeded", created_at=NOW
)


@pytest.fixture
def charged(api: Callers) -> Iterator[Callers]:
    """A charge that `demo` was refunded from, and a second storefront."""
    api.shop.hire("rival", Role.STOREFRONT, storefront="rival")
    api.sells()
    api.pays(api.approved())
    yield api
    assert broken(api.shop.database) == {}


def test_an_operator_and_a_lead_give_a_charge_away(charged: Callers) -> None:
    asked = charged.operator.post(PATH, GIVEN)
    assert (asked.status_code, asked.json()["owner"]) == (200, "demo")
    given = charged.lead.post("/v1/charges/pi_1/assign", GIVEN)
    assert (given.json()["owner"], given.json()["assigned"]) == ("rival", True)
    again = charged.lead.post(PATH, GIVEN)
    assert again.json() == given.json()
    with charged.shop.session() as session:
        trail = session.execute(
            select(ChargeAssignment.actor, ChargeAssignment.confirmed).order_by(ChargeAssignment.id)
        ).all()
    assert trail == [("otto", False), ("lea", True)]


def test_nobody_confirms_their_own_request_nor_one_of_their_own_role(charged: Callers) -> None:
    charged.lead.post(PATH, GIVEN)
    assert slug(charged.lead.post(PATH, GIVEN)) == "four-eyes"
    other = charged.named("leo").post(PATH, GIVEN)
    assert (other.status_code, other.json()["owner"]) == (200, "demo")
    assert charged.operator.post(PATH, GIVEN).json()["owner"] == "rival"


def test_a_revoked_request_and_another_storefronts_do_not_count(charged: Callers) -> None:
    charged.shop.hire("third", Role.STOREFRONT, storefront="third")
    charged.operator.post(PATH, {**GIVEN, "storefront": "third"})
    charged.named("leo").post(PATH, GIVEN)
    charged.shop.revoke("leo")
    assert charged.operator.post(PATH, GIVEN).json()["owner"] == "demo"


def test_a_charge_is_not_given_away_while_money_is_on_its_way_from_it(charged: Callers) -> None:
    case_id = UUID(charged.approved())
    assert isinstance(charged.shop.next_payout_step(case_id), Call)
    charged.operator.post(PATH, GIVEN)
    assert slug(charged.lead.post(PATH, GIVEN)) == "charge-in-use"


@pytest.mark.parametrize(
    ("path", "given", "refusal"),
    [
        ("/v1/charges/ch_none/assign", GIVEN, "charge-not-found"),
        (PATH, {**GIVEN, "storefront": "nobody"}, "storefront-not-found"),
        (PATH, {"storefront": "rival"}, "invalid"),
    ],
)
def test_what_is_not_there_is_refused(
    charged: Callers, path: str, given: dict[str, str], refusal: str
) -> None:
    assert slug(charged.operator.post(path, given)) == refusal


def test_only_operators_and_leads_say_whose_a_charge_is(charged: Callers) -> None:
    for caller in (charged.storefront, charged.auditor, charged.named("wanda")):
        assert slug(caller.post(PATH, GIVEN)) == "forbidden"


def test_staff_alone_see_what_the_charge_is_like(charged: Callers) -> None:
    case_id = charged.approved()
    facts = {"ch_1": charge_of("ch_1", withdrawals=(TAKEN,))}
    charged.shop.next_payout_step(UUID(case_id), charges=facts)
    for path, query in ((f"/v1/cases/{case_id}", {}), ("/v1/orders/o1", {"storefront": "demo"})):
        (shown,) = charged.auditor.get(path, **query).json()["charges"]
        assert (shown["payment"], shown["charge"]["owner"]) == ("ch_1", "demo")
        (foreign,) = shown["withdrawals"]
        assert (foreign["id"], foreign["kind"], foreign["amount"]) == ("re_9", "refund", 40)
        assert "charges" not in charged.storefront.get(path).json()
    why = charged.lead.get(f"/v1/cases/{case_id}").json()["charges"][0]["mismatches"]
    assert why == ["foreign_refunds"]
