"""An effect in doubt over HTTP: who may state what became of it, and how."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.effects import EffectAction, EffectState, Said
from store.goods.effect_requests import EffectRequest
from store.goods.effect_steps import conclude
from store.goods.effects import of_case
from tests.api.callers import Callers, new_key, slug
from tests.effects import begin_next
from tests.shop import return_body

NO_ANSWER = Said(EffectState.UNKNOWN, code="timeout")


@pytest.fixture
def path(api: Callers) -> str:
    """Where to state what became of a pickup whose carrier has not answered for ten minutes."""
    api.sells()
    case = api.storefront.post("/v1/cases", return_body((1, 1)), key=new_key()).json()["case_id"]
    api.lead.post(f"/v1/cases/{case}/approve", {})
    shop, then = api.shop, datetime.now(UTC) - timedelta(minutes=11)
    request = shop.database.run(lambda s: begin_next(s, UUID(case), then))
    assert isinstance(request, EffectRequest)
    shop.database.run(lambda s: conclude(s, request, NO_ANSWER, shop.policy, then))
    return f"/v1/cases/{case}/effects/{request.effect_id}/resolve"


def test_staff_find_a_case_by_what_is_in_doubt(api: Callers, path: str) -> None:
    case_id = path.split("/")[3]
    found = api.auditor.get("/v1/cases", attention="book_pickup_in_doubt").json()["items"]
    assert [(case["case_id"], case["attention"]) for case in found] == [
        (case_id, ["book_pickup_in_doubt"])
    ]
    assert found[0]["stage"] == "awaiting_parcel"
    assert api.auditor.get("/v1/cases", attention="send_parcel_in_doubt").json()["items"] == []


def test_an_operator_states_what_the_carriers_books_show(api: Callers, path: str) -> None:
    statement = {"action": "done", "reference": "FX1", "carrier": "fedex", "note": "its portal"}
    answer = api.operator.post(path, statement)
    assert (answer.status_code, answer.json()["stage"]) == (200, "awaiting_parcel")
    [parcel] = answer.json()["goods"]["parcels"]
    assert (parcel["carrier"], parcel["tracking_number"]) == ("fedex", "FX1")
    assert api.operator.post(path, statement).status_code == 200
    assert slug(api.operator.post(path, {"action": "never", "note": "no"})) == "not-in-doubt"


@pytest.mark.parametrize(
    "statement",
    [
        {"action": "done", "note": "without a reference"},
        {"action": "never", "reference": "FX1", "note": "with one"},
        {"action": "ask", "carrier": "fedex", "note": "of nobody"},
        {"action": "perhaps", "note": ""},
        {"action": "never"},
    ],
)
def test_a_statement_says_one_thing(api: Callers, path: str, statement: dict[str, Any]) -> None:
    assert slug(api.operator.post(path, statement)) == "invalid"


def test_only_operators_and_leads_state_anything(api: Callers, path: str) -> None:
    for caller in (api.storefront, api.auditor):
        assert slug(caller.post(path, {"action": "never", "note": ""})) == "forbidden"
    assert api.lead.post(path, {"action": "ask", "note": "now"}).status_code == 200


@pytest.mark.parametrize("named", ["nothing", "019adf2a-0c00-5000-8000-000000000000"])
def test_what_the_case_does_not_have_is_not_found(api: Callers, path: str, named: str) -> None:
    other = path.replace(path.split("/")[-2], named)
    assert slug(api.operator.post(other, {"action": "never", "note": ""})) == "case-not-found"


def test_an_effect_of_another_case_is_not_found(api: Callers, path: str) -> None:
    other = api.applies((1, 1))["case_id"]
    elsewhere = path.replace(path.split("/")[3], other)
    assert slug(api.operator.post(elsewhere, {"action": "never", "note": ""})) == "case-not-found"
    with api.shop.session() as session:
        [effect] = of_case(session, UUID(path.split("/")[3]), EffectAction.BOOK_PICKUP)
    assert effect.state == EffectState.UNKNOWN
