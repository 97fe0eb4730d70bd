"""Lists are newest first, exact while cases are opened, and cost the same however long."""

import pytest
from sqlalchemy import event, update

from store.tables import Case
from tests.api.callers import Callers, slug
from tests.shop import NOW


def opened(api: Callers, how_many: int) -> list[str]:
    """So many cases, newest first."""
    api.sells("o1", (1000, 100_000))
    return [api.applies((1, 1))["case_id"] for _ in range(how_many)][::-1]


def ids(answer: dict[str, object]) -> list[str]:
    items = answer["items"]
    assert isinstance(items, list)
    return [item["case_id"] for item in items]


def test_pages_stay_exact_while_cases_are_opened(api: Callers) -> None:
    expected, seen, cursor = opened(api, 7), [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = api.lead.get("/v1/cases", **query).json()
        seen += ids(page)
        cursor = page["next"]
        api.applies((1, 1))
        if cursor is None:
            break
    assert seen == expected


def test_cases_of_the_same_instant_are_each_shown_once(api: Callers) -> None:
    expected = opened(api, 5)
    with api.shop.database.begin() as session:
        session.execute(update(Case).values(opened_at=NOW))
    first = api.lead.get("/v1/cases", limit=2).json()
    second = api.lead.get("/v1/cases", limit=3, cursor=first["next"]).json()
    assert sorted(ids(first) + ids(second)) == sorted(expected)
    assert second["next"] is None


def test_a_page_is_fifty_unless_asked_for(api: Callers) -> None:
    opened(api, 51)
    page = api.lead.get("/v1/cases").json()
    assert len(page["items"]) == 50
    assert len(ids(api.lead.get("/v1/cases", cursor=page["next"]).json())) == 1


def test_a_changed_cursor_is_refused(api: Callers) -> None:
    opened(api, 2)
    cursor = api.lead.get("/v1/cases", limit=1).json()["next"]
    for place in range(len(cursor)):
        other = "B" if cursor[place] == "A" else "A"
        changed = cursor[:place] + other + cursor[place + 1 :]
        assert slug(api.lead.get("/v1/cases", cursor=changed)) == "bad-cursor"
    for changed in ("", cursor[:-1], cursor + "A", cursor + "=", "é", "a" * 5000):
        assert slug(api.lead.get("/v1/cases", cursor=changed)) == "bad-cursor"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"stage": "awaiting_audit"}, True),
        ({"stage": "paying"}, False),
        ({"kind": "refund"}, True),
        ({"kind": "repair"}, False),
        ({"order_id": "o1"}, True),
        ({"order_id": "o"}, False),
        ({"customer_id": "17850"}, True),
        ({"customer_id": "1785"}, False),
        ({"waiting_for": "auditor"}, True),
        ({"waiting_for": "operator"}, False),
        ({"overdue": "false"}, True),
        ({"overdue": "true"}, False),
        ({"storefront": "demo"}, True),
        ({"storefront": "dem"}, False),
        ({"q": "o"}, True),
        ({"q": "178"}, True),
        ({"q": "785"}, False),
        ({"q": "%"}, False),
        ({"q": "_1"}, False),
        ({"q": "O1"}, False),
    ],
)
def test_filters_find_what_they_say(api: Callers, query: dict[str, str], found: bool) -> None:
    expected = opened(api, 1) if found else opened(api, 1)[:0]
    assert ids(api.lead.get("/v1/cases", **query).json()) == expected


def test_a_case_is_found_by_the_start_of_its_id(api: Callers) -> None:
    case_id = opened(api, 1)[0]
    for q in (case_id, case_id[:9], case_id[:20].upper()):
        assert ids(api.lead.get("/v1/cases", q=q).json()) == [case_id]


def test_a_case_past_its_deadline_is_overdue_until_closed(api: Callers) -> None:
    case_id = opened(api, 1)[0]
    with api.shop.database.begin() as session:
        session.execute(update(Case).values(due_at=Case.opened_at))
    assert api.lead.get(f"/v1/cases/{case_id}").json()["overdue"] is True
    assert ids(api.lead.get("/v1/cases", overdue="true").json()) == [case_id]
    api.storefront.post(f"/v1/cases/{case_id}/cancel", {})
    assert api.lead.get(f"/v1/cases/{case_id}").json()["overdue"] is False
    assert ids(api.lead.get("/v1/cases", overdue="true").json()) == []


def test_a_long_page_takes_no_more_queries_than_a_short_one(api: Callers) -> None:
    opened(api, 20)
    statements: list[str] = []
    event.listen(
        api.shop.database.engine,
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )
    counts = []
    for limit in (1, 20):
        statements.clear()
        assert len(api.lead.get("/v1/cases", limit=limit).json()["items"]) == limit
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9


def test_events_are_told_oldest_first_one_a_version(api: Callers) -> None:
    api.sells()
    case_id = api.approved()
    api.pays(case_id)
    case = api.lead.get(f"/v1/cases/{case_id}").json()
    events = api.lead.get(f"/v1/cases/{case_id}/events").json()["items"]
    assert [event["seq"] for event in events] == list(range(1, case["version"] + 1))
    said = ["seq", "at", "actor", "actor_kind", "from", "to", "what", "detail", "channel"]
    assert list(events[0]) == said
    assert (events[0]["from"], events[0]["to"]) == (None, "awaiting_audit")
    assert events[-1]["to"] == case["stage"] == "completed"


def test_events_are_paged_as_other_lists_are(api: Callers) -> None:
    api.sells()
    case_id = api.approved()
    api.pays(case_id)
    path = f"/v1/cases/{case_id}/events"
    whole = api.lead.get(path).json()
    assert whole["next"] is None
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = api.storefront.get(path, **query).json()
        assert 1 <= len(page["items"]) <= 2
        seen += [event["seq"] for event in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [event["seq"] for event in whole["items"]]
    for limit in (0, 201):
        assert slug(api.lead.get(path, limit=limit)) == "invalid"


def test_a_cursor_goes_on_in_the_list_it_is_from(api: Callers) -> None:
    case_id = opened(api, 2)[0]
    api.lead.post(f"/v1/cases/{case_id}/approve", {})
    path = f"/v1/cases/{case_id}/events"
    of_cases = api.lead.get("/v1/cases", limit=1).json()["next"]
    of_events = api.lead.get(path, limit=1).json()["next"]
    assert slug(api.lead.get(path, cursor=of_cases)) == "bad-cursor"
    assert slug(api.lead.get("/v1/cases", cursor=of_events)) == "bad-cursor"
    for changed in ("", of_events[:-1], of_events + "A", "é", "B" + of_events[1:]):
        assert slug(api.lead.get(path, cursor=changed)) == "bad-cursor"
