"""One auditor, many cases: limits and four eyes hold for the order, over HTTP."""

from domain.people import Role
from store import tokens
from tests.e2e.live import Live

LIMIT = 50_000


def test_one_auditor_pays_no_more_of_an_order_than_their_limit(platform: Live) -> None:
    with platform.database.begin() as session:
        platform.tokens["aud"] = tokens.issue(
            session, "aud-of-one-order", Role.AUDITOR, limits={"GBP": LIMIT}
        )
    order_id = platform.sell((400, 400_000))
    cases = [platform.apply(order_id, quantity=30) for _ in range(4)]
    said = [platform.call("aud", "POST", f"/v1/cases/{case_id}/approve", {}) for case_id in cases]
    assert [answer.status_code for answer in said] == [200, 403, 403, 403]
    assert {answer.json()["type"] for answer in said[1:]} == {"/problems/over-limit"}
    assert platform.approve(cases[1])["stage"] == "paying"
    assert platform.approve(cases[2])["stage"] == "paying"
    assert platform.approve(cases[3])["stage"] == "awaiting_second_audit"
    assert platform.approve(cases[3], "other")["stage"] == "paying"
    paid = [platform.wait_for(case_id)["amount"]["paid"] for case_id in cases]
    assert paid == [30_000] * 4
