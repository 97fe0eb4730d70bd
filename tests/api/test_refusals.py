"""Every refusal has its slug, its status and one way to be met."""

import pytest
from sqlalchemy import update

from store.tables import Payment
from tests.api.callers import Callers, new_key, slug
from tests.shop import order_body, request_body

CARD = {"payout_to": {"kind": "bank_card", "token": "tok_1", "last4": "4242"}}


def test_no_such_route_is_not_found_for_everybody(api: Callers) -> None:
    answer = api.client.get("/v1/nothing")
    assert (answer.status_code, slug(answer)) == (404, "not-found")


def test_a_slash_too_many_is_another_route(api: Callers) -> None:
    assert slug(api.lead.get("/v1/cases/")) == "not-found"


def test_another_method_is_refused_with_all_that_are_allowed(api: Callers) -> None:
    answer = api.client.request("DELETE", "/v1/orders/o1")
    assert (answer.status_code, slug(answer)) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, PUT"


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer ", "Bearer as_nobody", "Basic YTpi", "as_nobody"]
)
def test_without_a_token_of_ours_one_is_unauthenticated(
    api: Callers, authorization: str | None
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = api.client.get("/v1/cases", headers=headers)
    assert (answer.status_code, slug(answer)) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_revoked_token_is_unauthenticated_at_once(api: Callers) -> None:
    assert api.auditor.get("/v1/cases").status_code == 200
    api.shop.revoke("alice")
    assert slug(api.auditor.get("/v1/cases")) == "unauthenticated"


def test_a_role_that_never_may_is_forbidden(api: Callers) -> None:
    answer = api.auditor.post("/v1/cases", {}, key=new_key())
    assert (answer.status_code, slug(answer)) == (403, "forbidden")


def test_an_order_that_does_not_balance_is_refused(api: Callers) -> None:
    body = order_body((1, 100)) | {
        "payments": [{"payment": "ch_1", "provider": "stripe", "captured": 99}]
    }
    answer = api.storefront.put("/v1/orders/o1", body)
    assert (answer.status_code, slug(answer)) == (422, "order-does-not-balance")


def test_an_order_that_cost_nothing_may_have_no_payment(api: Callers) -> None:
    free = order_body((1, 0)) | {"payments": []}
    assert api.storefront.put("/v1/orders/o1", free).status_code == 201
    assert api.storefront.get("/v1/orders/o1").json()["payments"] == []
    answer = api.storefront.post("/v1/previews", request_body((1, 1)))
    assert (answer.status_code, slug(answer)) == (422, "nothing-to-refund")
    answer = api.storefront.put("/v1/orders/o2", order_body((1, 1)) | {"payments": []})
    assert (answer.status_code, slug(answer)) == (422, "order-does-not-balance")


def test_an_order_is_frozen_by_its_first_case(api: Callers) -> None:
    body = order_body((6, 1530, 255))
    api.storefront.put("/v1/orders/o1", body)
    api.applies((1, 1))
    changed = api.storefront.put("/v1/orders/o1", order_body((6, 1531, 255)))
    assert (changed.status_code, slug(changed)) == (409, "order-frozen")
    assert api.storefront.put("/v1/orders/o1", body).status_code == 200


def test_an_order_nobody_put_is_not_found(api: Callers) -> None:
    answer = api.storefront.get("/v1/orders/none")
    assert (answer.status_code, slug(answer)) == (404, "order-not-found")
    opened = api.storefront.post("/v1/cases", request_body((1, 1)), key=new_key())
    assert (opened.status_code, slug(opened)) == (404, "order-not-found")


@pytest.mark.parametrize(
    ("request_", "status", "expected"),
    [
        (request_body((1, 1), (1, 2)), 422, "line-repeated"),
        (request_body((7, 1)), 422, "unknown-line"),
        (request_body((1, 7)), 409, "units-not-available"),
        (request_body((2, 1), reason="changed_mind"), 422, "not-eligible"),
        (request_body((1, 1), reason="warranty_fault"), 422, "not-eligible"),
        (request_body((1, 1), amount=256), 422, "amount-too-high"),
        (request_body((3, 1)), 422, "nothing-to-refund"),
        (request_body((1, 1), include_shipping=True), 422, "shipping-not-refundable"),
        (request_body((1, 1), note="card 4111 1111 1111 1111"), 422, "card-number-refused"),
    ],
)
def test_a_case_is_refused_alike_by_preview_and_opening(
    api: Callers, request_: dict[str, object], status: int, expected: str
) -> None:
    body = order_body((6, 1530, 255), (1, 100), (1, 0))
    body["lines"][1]["returnable"] = False
    api.storefront.put("/v1/orders/o1", body)
    for answer in (
        api.storefront.post("/v1/previews", request_),
        api.storefront.post("/v1/cases", request_, key=new_key()),
    ):
        assert (answer.status_code, slug(answer)) == (status, expected)


def test_units_that_are_not_free_are_named_line_by_line(api: Callers) -> None:
    api.sells("o1", (6, 1530))
    api.applies((1, 4))
    answer = api.storefront.post("/v1/cases", request_body((1, 3)), key=new_key())
    assert slug(answer) == "units-not-available"
    assert answer.json()["lines"] == [{"line": 1, "requested": 3, "free": 2}]


def test_a_policy_refusal_names_its_rule(api: Callers) -> None:
    api.sells()
    answer = api.storefront.post("/v1/previews", request_body((1, 1), reason="warranty_fault"))
    assert answer.json()["rule"] == "reason"


def test_a_case_that_no_payment_can_cover_is_refused(api: Callers) -> None:
    api.sells()
    with api.shop.database.begin() as session:
        session.execute(update(Payment).values(refunded=Payment.captured))
    answer = api.storefront.post("/v1/cases", request_body((1, 1)), key=new_key())
    assert (answer.status_code, slug(answer)) == (422, "payout-not-possible")


@pytest.mark.parametrize("case_id", ["nothing", "019adf2a-0c00-7000-8000-000000000000", "%00", "1"])
def test_what_is_no_case_of_ours_is_not_found(api: Callers, case_id: str) -> None:
    for answer in (
        api.lead.get(f"/v1/cases/{case_id}"),
        api.lead.get(f"/v1/cases/{case_id}/events"),
        api.lead.post(f"/v1/cases/{case_id}/approve", {}),
        api.lead.post(f"/v1/cases/{case_id}/reject", {"reason": "used", "note": ""}),
        api.lead.post(f"/v1/cases/{case_id}/resume", {"action": "retry", "note": ""}),
        api.storefront.post(f"/v1/cases/{case_id}/cancel", {}),
    ):
        assert (answer.status_code, slug(answer)) == (404, "case-not-found")


def test_the_second_decision_meets_the_first_by_name(api: Callers) -> None:
    api.sells()
    case_id = api.approved()
    answer = api.auditor.post(f"/v1/cases/{case_id}/reject", {"reason": "used", "note": ""})
    assert (answer.status_code, slug(answer)) == (409, "already-decided")
    assert (answer.json()["verdict"], answer.json()["actor"]) == ("approve", "lea")


def test_a_decision_on_an_old_version_is_refused(api: Callers) -> None:
    api.sells()
    case_id = api.applies()["case_id"]
    answer = api.auditor.post(f"/v1/cases/{case_id}/approve", {"version": 2})
    assert (answer.status_code, slug(answer)) == (409, "version-conflict")
    assert answer.json()["version"] == 1


def test_an_auditor_cannot_approve_above_their_limit(api: Callers) -> None:
    api.sells("o1", (1, 60_000))
    case_id = api.applies((1, 1))["case_id"]
    answer = api.auditor.post(f"/v1/cases/{case_id}/approve", {})
    assert (answer.status_code, slug(answer)) == (403, "over-limit")


def test_one_person_is_not_two(api: Callers) -> None:
    api.sells("o1", (1, 200_000))
    case_id = api.applies((1, 1))["case_id"]
    first = api.lead.post(f"/v1/cases/{case_id}/approve", {})
    assert first.json()["stage"] == "awaiting_second_audit"
    answer = api.lead.post(f"/v1/cases/{case_id}/approve", {})
    assert (answer.status_code, slug(answer)) == (403, "four-eyes")


def test_nobody_approves_more_than_was_asked_for(api: Callers) -> None:
    api.sells()
    case_id = api.applies((1, 1))["case_id"]
    answer = api.lead.post(f"/v1/cases/{case_id}/approve", {"amount": 256})
    assert (answer.status_code, slug(answer)) == (422, "amount-too-high")


def test_a_decision_id_names_one_decision(api: Callers) -> None:
    api.sells()
    one, other = api.applies((1, 1))["case_id"], api.applies((1, 1))["case_id"]
    word = {"decision_id": "d1"}
    assert api.lead.post(f"/v1/cases/{one}/approve", word).status_code == 200
    assert api.lead.post(f"/v1/cases/{one}/approve", word).status_code == 200
    answer = api.lead.post(f"/v1/cases/{other}/approve", word)
    assert (answer.status_code, slug(answer)) == (422, "decision-id-reused")


def test_a_cancelled_case_takes_no_decision_but_the_same_cancel_again(api: Callers) -> None:
    api.sells()
    case_id = api.applies()["case_id"]
    for _ in range(2):
        answer = api.storefront.post(f"/v1/cases/{case_id}/cancel")
        assert (answer.status_code, answer.json()["outcome"]) == (200, "cancelled")
    answer = api.lead.post(f"/v1/cases/{case_id}/approve", {})
    assert (answer.status_code, slug(answer)) == (409, "case-closed")


def test_a_rejected_case_cannot_be_cancelled(api: Callers) -> None:
    api.sells()
    case_id = api.applies()["case_id"]
    api.lead.post(f"/v1/cases/{case_id}/reject", {"reason": "used", "note": ""})
    answer = api.storefront.post(f"/v1/cases/{case_id}/cancel", {})
    assert (answer.status_code, slug(answer)) == (409, "case-closed")


def test_an_approved_case_cannot_be_cancelled(api: Callers) -> None:
    api.sells()
    answer = api.storefront.post(f"/v1/cases/{api.approved()}/cancel", {})
    assert (answer.status_code, slug(answer)) == (409, "too-late")


def test_only_a_parked_case_is_resumed(api: Callers) -> None:
    api.sells()
    answer = api.operator.post(
        f"/v1/cases/{api.applies()['case_id']}/resume", {"action": "retry", "note": ""}
    )
    assert (answer.status_code, slug(answer)) == (409, "not-parked")


def test_while_a_payout_is_in_doubt_nobody_settles_by_hand(api: Callers) -> None:
    api.sells()
    case_id = api.approved()
    api.unanswered(case_id)
    assert api.operator.get(f"/v1/cases/{case_id}").json()["stage"] == "needs_attention"
    order = {"action": "settle", "reference": "bank 12", "note": ""}
    answer = api.operator.post(f"/v1/cases/{case_id}/resume", order)
    assert (answer.status_code, slug(answer)) == (409, "payout-in-doubt")


def test_a_resume_id_names_one_resume(api: Callers) -> None:
    api.sells()
    case_id = api.approved()
    api.declined(case_id)
    order = {"resume_id": "r1", "action": "retry", "note": ""}
    assert api.operator.post(f"/v1/cases/{case_id}/resume", order).json()["stage"] == "paying"
    assert api.operator.post(f"/v1/cases/{case_id}/resume", order).status_code == 200
    answer = api.operator.post(f"/v1/cases/{case_id}/resume", order | {"action": "give_up"})
    assert (answer.status_code, slug(answer)) == (422, "resume-id-reused")


def test_a_reroute_takes_two_people(api: Callers) -> None:
    api.sells()
    case_id = api.approved()
    api.declined(case_id)
    order = {"action": "reroute", "note": ""} | CARD
    assert api.operator.post(f"/v1/cases/{case_id}/resume", order).status_code == 200
    again = api.operator.post(f"/v1/cases/{case_id}/resume", order)
    assert (again.status_code, slug(again)) == (403, "four-eyes")
    assert api.lead.post(f"/v1/cases/{case_id}/resume", order).json()["stage"] == "paying"


def test_a_cursor_not_of_ours_is_refused(api: Callers) -> None:
    answer = api.lead.get("/v1/cases", cursor="nonsense")
    assert (answer.status_code, slug(answer)) == (400, "bad-cursor")
