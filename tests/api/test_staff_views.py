"""What do staff see of a case, and find it by, that storefronts do not?"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, update

from domain.cases import Attention
from domain.people import Role
from store.tables import Effect
from tests.api.callers import Caller, Callers, slug
from tests.shop import ADDRESS, NOW, Shop
from tests.store.books import broken

CARD = {"kind": "bank_card", "token": "tok_secret", "last4": "4242"}
STAFF_ALONE = {"payout_to", "address", "attention", "effects"}
STAFF = [role for role in Role if role.staff]


def shown(caller: Caller, case_id: str) -> dict[str, Any]:
    """The case by itself, as it is in the list."""
    case: dict[str, Any] = caller.get(f"/v1/cases/{case_id}").json()
    (listed,) = caller.get("/v1/cases", q=case_id).json()["items"]
    case.pop("charges", None)  # of one case alone
    assert listed == case
    return case


def found(caller: Caller, **query: str) -> list[str]:
    return [case["case_id"] for case in caller.get("/v1/cases", **query).json()["items"]]


@pytest.fixture
def sent_for(api: Callers) -> str:
    """An approved return, whose pickup is to be booked."""
    api.sells()
    return api.approved(kind="return", address=ADDRESS)


@pytest.mark.parametrize("role", STAFF)
def test_staff_see_where_the_money_goes_and_no_token(api: Callers, role: Role) -> None:
    api.sells()
    case_id = api.applies(payout_to=CARD)["case_id"]
    api.shop.hire("someone", role)
    case = shown(api.named("someone"), case_id)
    assert case["payout_to"] == {"kind": "bank_card", "last4": "4242"}
    assert "tok_secret" not in str(case)


def test_a_refund_to_where_it_came_from_goes_nowhere_else(api: Callers) -> None:
    api.sells()
    case = shown(api.auditor, api.applies()["case_id"])
    assert {name: case[name] for name in STAFF_ALONE} == {
        "payout_to": {"kind": "original", "last4": None},
        "address": None,
        "attention": [],
        "effects": [],
    }


def test_staff_see_where_the_goods_are(api: Callers, sent_for: str) -> None:
    assert shown(api.auditor, sent_for)["address"] == {**ADDRESS, "region": None}


def test_a_storefront_sees_none_of_it(api: Callers, sent_for: str) -> None:
    refund = api.applies((1, 1), payout_to=CARD)
    answers = [refund, shown(api.storefront, refund["case_id"]), shown(api.storefront, sent_for)]
    assert [STAFF_ALONE & set(answer) for answer in answers] == [set()] * 3


def test_whoever_decides_is_answered_with_it(api: Callers) -> None:
    api.sells()
    case_id = api.applies(kind="return", address=ADDRESS)["case_id"]
    answer = api.lead.post(f"/v1/cases/{case_id}/approve", {}).json()
    assert set(answer) >= STAFF_ALONE
    assert [effect["action"] for effect in answer["effects"]] == ["book_pickup"]


@pytest.mark.parametrize(
    ("state", "values", "since"),
    [
        ("planned", {}, "planned_at"),
        ("requested", {"requested_at": NOW}, "requested_at"),
        ("unknown", {"unknown_since": NOW, "code": "no_answer"}, "unknown_since"),
        ("done", {"done_at": NOW, "reference": "ship-1"}, "done_at"),
        ("cancelled", {"code": "refused"}, None),
    ],
)
def test_staff_see_how_far_an_outside_party_has_come(
    api: Callers, sent_for: str, state: str, values: dict[str, Any], since: str | None
) -> None:
    with api.shop.database.begin() as session:
        session.execute(update(Effect).values(state=state, **values))
    with api.shop.session() as session:
        effect = session.query(Effect).one()
        when = getattr(effect, since) if since else None
    (seen,) = shown(api.lead, sent_for)["effects"]
    assert seen == {
        "effect_id": str(effect.effect_id),
        "action": "book_pickup",
        "state": state,
        "code": values.get("code", ""),
        "since": when and when.strftime("%Y-%m-%dT%H:%M:%S.%fZ").replace(".000000", ""),
        "reference": values.get("reference"),
    }


@pytest.mark.parametrize(
    ("park", "code"),
    [(Callers.declined, "payout_declined"), (Callers.unanswered, "payout_in_doubt")],
)
def test_a_parked_case_says_why_and_is_found_by_that(
    api: Callers, park: Callable[[Callers, str], None], code: str
) -> None:
    api.sells()
    case_id, other = api.approved(), api.applies((1, 1))["case_id"]
    assert found(api.auditor, attention=code) == []
    park(api, case_id)
    assert shown(api.auditor, case_id)["attention"] == [code]
    assert shown(api.auditor, other)["attention"] == []
    assert found(api.auditor, attention=code) == [case_id]
    assert found(api.auditor, attention="offline_payment") == []
    assert found(api.auditor, attention=code, kind="return") == []


def test_a_case_that_goes_on_needs_nobody(api: Callers) -> None:
    api.sells()
    case_id = api.approved()
    api.declined(case_id)
    api.operator.post(f"/v1/cases/{case_id}/resume", {"action": "retry", "note": ""})
    assert shown(api.lead, case_id)["attention"] == []
    assert found(api.lead, attention="payout_declined") == []
    assert broken(api.shop.database) == {}


def test_a_storefront_may_not_ask_what_needs_attention(api: Callers) -> None:
    for query in ({}, {"storefront": "demo"}, {"storefront": "other"}):
        answer = api.storefront.get("/v1/cases", attention="payout_declined", **query)
        assert slug(answer) == "forbidden"


def test_a_code_that_there_is_not_is_invalid(api: Callers) -> None:
    assert slug(api.lead.get("/v1/cases", attention="bored")) == "invalid"


def test_the_filter_and_its_codes_are_documented(api: Callers) -> None:
    document = api.client.get("/openapi.json").json()
    listed = document["paths"]["/v1/cases"]["get"]
    (named,) = [each for each in listed["parameters"] if each["name"] == "attention"]
    assert "staff" in named["description"]
    schemas = document["components"]["schemas"]
    assert schemas["Attention"]["enum"] == [code.value for code in Attention]
    assert set(schemas["CaseAnswer"]["properties"]) >= STAFF_ALONE


def statements_of(shop: Shop, ask: Callable[[], object]) -> int:
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(shop.database.engine, "before_cursor_execute", note)
    ask()
    event.remove(shop.database.engine, "before_cursor_execute", note)
    return len(asked)


def test_a_page_of_returns_takes_no_more_queries_than_one(api: Callers) -> None:
    api.sells("o1", (20, 20_000))
    for _ in range(5):
        api.approved((1, 1), kind="return", address=ADDRESS)
    counts = {
        limit: statements_of(api.shop, lambda n=limit: api.lead.get("/v1/cases", limit=n))
        for limit in (1, 5)
    }
    assert counts[1] == counts[5]


def test_a_refund_is_not_asked_about_goods_whoever_reads_it(api: Callers) -> None:
    api.sells()
    case_id = api.applies()["case_id"]
    path = f"/v1/cases?q={case_id}"
    counts = [
        statements_of(api.shop, lambda c=caller: c.get(path))
        for caller in (api.storefront, api.operator)
    ]
    assert counts[0] == counts[1] <= 9
