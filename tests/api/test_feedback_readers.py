"""Who sees feedback, and how much of it: its shop and staff, nobody else, and page by page."""

from typing import Any

import pytest
from sqlalchemy import event, update

from domain.people import Role
from store.tables import Submission
from tests.api.buyers import NOBODYS, sends, written_down
from tests.api.callers import Caller, Callers, new_key, slug
from tests.api.correspondence import (
    closed_case,
    converts,
    path_of,
    rates,
    said,
    says,
    writes,
    written,
)
from tests.correspondents import BUYER
from tests.shop import NOW, Shop, request_body

STAFF = ("alice", "lea", "leo")
CONTACT = "a.buyer@example.org"


@pytest.fixture
def rival(api: Callers, shop: Shop) -> Caller:
    shop.hire("rival", Role.STOREFRONT, storefront="rival")
    return api.named("rival")


def test_where_the_buyer_wants_to_be_answered_is_told_to_who_may_answer(
    api: Callers, shop: Shop
) -> None:
    feedback = written(api, contact=CONTACT)
    for caller in (api.storefront, api.auditor, api.lead):
        assert caller.get(path_of(feedback)).json()["contact"] == CONTACT
    for name in ("otto", "wanda", "tina"):
        for path in (path_of(feedback), f"{path_of(feedback)}/events", "/v1/feedback"):
            assert CONTACT not in api.named(name).get(path).text


def test_events_say_what_happened_one_a_version(api: Callers) -> None:
    feedback = written(api)
    said(api.auditor, feedback, "answer", content="Sorry.")
    said(api.storefront, feedback, "message", customer_id=BUYER, content="And now?")
    feedback = said(api.lead, feedback, "close")
    path = f"{path_of(feedback)}/events"
    events = api.lead.get(path).json()["items"]
    assert [each["seq"] for each in events] == list(range(1, feedback["version"] + 1))
    assert [each["what"] for each in events] == [
        "submitted",
        "approved",
        "answered",
        "came_back",
        "closed",
    ]
    assert events[-1]["to"] == feedback["stage"] == "closed"
    first = api.lead.get(path, limit=3).json()
    rest = api.lead.get(path, limit=3, cursor=first["next"]).json()
    assert first["items"] + rest["items"] == events
    assert slug(api.lead.get(path, cursor="nothing")) == "bad-cursor"


def test_a_storefront_never_learns_who_read_its_feedback(api: Callers) -> None:
    feedback, refused = written(api), written(api)
    said(api.auditor, feedback, "answer", content="Sorry.")
    said(api.lead, feedback, "close")
    said(api.auditor, refused, "reject", reason="other")
    path = path_of(feedback)
    for asked in (path, f"{path}/events", path_of(refused), "/v1/feedback"):
        told = api.storefront.get(asked).text
        assert not [name for name in STAFF if f'"{name}"' in told], asked
    assert '"alice"' in api.lead.get(f"{path}/events").text


def test_anothers_feedback_is_as_one_that_does_not_exist(
    api: Callers, rival: Caller, shop: Shop
) -> None:
    case_id = closed_case(api)
    feedback = said(api.auditor, written(api), "approve")
    before = written_down(shop)
    for method, verb, body in (
        ("GET", "", None),
        ("GET", "/events", None),
        ("POST", "/message", {"customer_id": BUYER, "content": "Mine."}),
        ("POST", "/close", {}),
        ("POST", "/convert", {"case": request_body((1, 1))}),
        ("POST", "/convert", {"review": {"order_id": "o1", "line": 1, "stars": 1}}),
    ):
        theirs, nobodys = (
            asked(rival, method, f"/v1/feedback/{named}{verb}", body)
            for named in (feedback["feedback_id"], NOBODYS)
        )
        assert slug(theirs) == "feedback-not-found", (method, verb)
        assert theirs.json() == nobodys.json()
    assert rates(rival, case_id).json() == rates(rival, NOBODYS).json()
    assert slug(rates(rival, case_id)) == "case-not-found"
    assert slug(writes(rival, case_id=case_id)) == "case-not-found"
    assert slug(writes(rival, order_id="o1")) == "order-not-found"
    assert rival.get("/v1/feedback", storefront="demo").json() == {"items": [], "next": None}
    assert rival.get("/v1/feedback").json() == {"items": [], "next": None}
    assert written_down(shop) == before


def test_another_customer_neither_says_nor_rates_anything(api: Callers, shop: Shop) -> None:
    case_id = closed_case(api)
    feedback = said(api.auditor, written(api), "approve")
    before = written_down(shop)
    theirs: dict[str, Any] = {"customer_id": "someone"}
    for answer, expected in (
        (says(api.storefront, feedback, "message", content="Mine.", **theirs), "feedback"),
        (says(api.storefront, feedback, "close", **theirs), "feedback"),
        (rates(api.storefront, case_id, **theirs), "case"),
        (writes(api.storefront, case_id=case_id, **theirs), "case"),
        (writes(api.storefront, order_id="o1", **theirs), "order"),
    ):
        assert (answer.status_code, slug(answer)) == (404, f"{expected}-not-found")
    assert written_down(shop) == before


def test_a_review_is_no_feedback_and_feedback_no_review(api: Callers) -> None:
    api.sells()
    review, feedback = sends(api.storefront).json(), written(api)
    named = f"/v1/feedback/{review['review_id']}"
    for answer in (api.lead.get(named), api.lead.post(f"{named}/approve", {})):
        assert slug(answer) == "feedback-not-found"
    named = f"/v1/reviews/{feedback['feedback_id']}"
    for answer in (api.lead.get(named), api.lead.post(f"{named}/approve", {})):
        assert slug(answer) == "review-not-found"
    withdrawn = api.storefront.post(f"{named}/withdraw", {"customer_id": BUYER})
    assert slug(withdrawn) == "review-not-found"


def test_pages_are_newest_first_and_exact(api: Callers, shop: Shop) -> None:
    given = [written(api)["feedback_id"] for _ in range(5)]
    with shop.database.begin() as session:
        session.execute(update(Submission).values(opened_at=NOW))
    first = api.lead.get("/v1/feedback", limit=2).json()
    written(api)
    rest = api.lead.get("/v1/feedback", limit=3, cursor=first["next"]).json()
    assert ids(first) + ids(rest) == given[::-1]
    assert rest["next"] is None
    assert slug(api.lead.get("/v1/feedback", cursor="nothing")) == "bad-cursor"


def test_filters_find_what_they_say(api: Callers, shop: Shop) -> None:
    case_id = closed_case(api)
    about = written(api, case_id=case_id, category="service")
    became = written(api, category="product")
    assert converts(api.storefront, became, case=request_body((1, 1))).status_code == 201
    new_case = api.lead.get(path_of(became)).json()["converted_to"]["case_id"]
    late = said(api.auditor, written(api, customer_id="c1"), "answer", content="Sorry.")
    with shop.database.begin() as session:
        now_late = Submission.stage == "awaiting_buyer"
        session.execute(
            update(Submission).where(now_late).values(due_at=NOW, remind_at=NOW, opened_at=NOW)
        )
    for query, found in (
        ({"stage": "awaiting_audit"}, about),
        ({"stage": "converted"}, became),
        ({"waiting_for": "buyer"}, late),
        ({"category": "service"}, about),
        ({"customer_id": "c1"}, late),
        ({"case_id": case_id}, about),
        ({"case_id": new_case}, became),
        ({"overdue": "true"}, late),
        ({"storefront": "dem"}, None),
        ({"category": "price"}, None),
        ({"case_id": NOBODYS}, None),
    ):
        answer = api.lead.get("/v1/feedback", **query).json()
        assert ids(answer) == ([found["feedback_id"]] if found else []), query
    assert len(ids(api.lead.get("/v1/feedback", overdue="false").json())) == 2
    assert len(ids(api.lead.get("/v1/feedback", storefront="demo").json())) == 3
    for wrong in ({"stage": "open"}, {"category": "x"}, {"case_id": "c"}, {"limit": 0}, {"q": "o"}):
        assert slug(api.lead.get("/v1/feedback", **wrong)) == "invalid"


def test_a_long_page_takes_no_more_queries_than_a_short_one(api: Callers) -> None:
    for _ in range(10):
        said(api.auditor, written(api), "answer", content="Sorry.")
    statements: list[str] = []
    event.listen(
        api.shop.database.engine,
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )
    counts = []
    for limit in (1, 10):
        statements.clear()
        assert len(ids(api.lead.get("/v1/feedback", limit=limit).json())) == limit
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9


def asked(caller: Caller, method: str, path: str, body: Any) -> Any:
    headers = caller.headers | {"Idempotency-Key": new_key()}
    return caller.client.request(method, path, headers=headers, json=body)


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["feedback_id"] for item in answer["items"]]
