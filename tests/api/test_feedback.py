"""Feedback over HTTP: given, let in or refused, answered, come back to, closed, scored."""

import pytest

from tests.api.buyers import sends, written_down
from tests.api.callers import Callers, new_key, slug
from tests.api.correspondence import closed_case, path_of, rates, said, says, writes, written
from tests.correspondents import BUYER
from tests.shop import Shop


def test_feedback_is_answered_with_where_it_stands_and_where_it_is(api: Callers) -> None:
    answer = writes(api.storefront, content="  He threw it.  ", contact="a.buyer@example.org")
    feedback = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == path_of(feedback)
    assert (feedback["stage"], feedback["waiting_for"]) == ("awaiting_audit", "auditor")
    assert (feedback["category"], feedback["content"]) == ("delivery", "He threw it.")
    assert (feedback["score"], feedback["converted_to"], feedback["overdue"]) == (None, None, False)
    assert (feedback["order_id"], feedback["case_id"], feedback["thread"]) == (None, None, [])
    assert feedback["workflow_id"] == f"feedback/{feedback['feedback_id']}"
    assert api.storefront.get(answer.headers["location"]).json() == feedback


def test_the_same_key_is_the_same_feedback(api: Callers) -> None:
    key = new_key()
    first = writes(api.storefront, key=key)
    said(api.auditor, first.json(), "approve")
    again = writes(api.storefront, key=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert slug(writes(api.storefront, key=key, subject="Else")) == "idempotency-key-reused"
    assert len(api.lead.get("/v1/feedback").json()["items"]) == 1


def test_a_key_of_reviews_is_free_for_feedback(api: Callers) -> None:
    api.sells()
    key = new_key()
    assert sends(api.storefront, key=key).status_code == 201
    assert writes(api.storefront, key=key).status_code == 201


def test_feedback_is_about_the_shop_or_the_customers_order_or_case(api: Callers) -> None:
    case_id = closed_case(api)
    assert written(api, order_id="o1")["order_id"] == "o1"
    of_case = written(api, case_id=case_id)
    assert (of_case["case_id"], of_case["order_id"]) == (case_id, "o1")


def test_a_thread_is_told_in_order_and_by_side(api: Callers) -> None:
    feedback = written(api)
    assert said(api.auditor, feedback, "approve")["waiting_for"] == "auditor"
    assert said(api.auditor, feedback, "answer", content="Sorry.")["waiting_for"] == "buyer"
    back = said(api.storefront, feedback, "message", customer_id=BUYER, content="And now?")
    assert (back["stage"], back["waiting_for"]) == ("awaiting_answer", "auditor")
    after = said(api.lead, feedback, "answer", content="We pay.")
    thread = [(word["n"], word["by"], word["actor"], word["content"]) for word in after["thread"]]
    assert thread == [
        (1, "shop", "alice", "Sorry."),
        (2, "buyer", "shop", "And now?"),
        (3, "shop", "lea", "We pay."),
    ]


def test_an_answer_lets_in_what_awaits_its_audit(api: Callers) -> None:
    after = said(api.auditor, written(api), "answer", content="Sorry.")
    assert after["stage"] == "awaiting_buyer"
    assert [verdict["verdict"] for verdict in after["decisions"]] == ["approve"]


def test_the_same_word_twice_is_one(api: Callers, shop: Shop) -> None:
    feedback = written(api)
    for caller, verb, body in (
        (api.auditor, "answer", {"content": "Sorry."}),
        (api.storefront, "message", {"customer_id": BUYER, "content": "And now?"}),
        (api.storefront, "close", {"customer_id": BUYER}),
    ):
        first = said(caller, feedback, verb, **body)
        before = written_down(shop)
        assert said(caller, feedback, verb, **body) == first
        assert written_down(shop) == before


def test_who_read_an_older_version_answers_or_lets_in_nothing_newer(
    api: Callers, shop: Shop
) -> None:
    feedback = written(api)
    said(api.auditor, feedback, "approve")
    said(api.storefront, feedback, "message", customer_id=BUYER, content="It is urgent.")
    before = written_down(shop)
    refused = says(api.auditor, feedback, "answer", content="Sorry.", version=2)
    assert (slug(refused), refused.json()["version"]) == ("version-conflict", 3)
    assert written_down(shop) == before
    said(api.auditor, feedback, "answer", content="Sorry.", version=3)
    unread = written(api, subject="Else")
    assert slug(says(api.lead, unread, "reject", reason="other", version=2)) == "version-conflict"


def test_a_refusal_gives_its_author_the_reason_and_no_name(api: Callers) -> None:
    feedback = written(api)
    said(api.auditor, feedback, "reject", reason="offensive", note="Please stay polite.")
    (verdict,) = api.storefront.get(path_of(feedback)).json()["decisions"]
    assert (verdict["verdict"], verdict["actor"]) == ("reject", "auditor")
    assert (verdict["reason"], verdict["note"]) == ("offensive", "Please stay polite.")


def test_a_decision_is_taken_once_and_its_repetition_changes_nothing(
    api: Callers, shop: Shop
) -> None:
    feedback = written(api)
    word = {"decision_id": "d-1", "version": feedback["version"]}
    first = said(api.auditor, feedback, "approve", **word)
    before = written_down(shop)
    assert said(api.auditor, feedback, "approve", **word) == first
    refused = says(api.lead, feedback, "reject", reason="other")
    assert (refused.status_code, slug(refused)) == (409, "already-decided")
    assert (refused.json()["decision_id"], refused.json()["actor"]) == ("d-1", "alice")
    for caller, verb, body in (
        (api.auditor, "reject", {"reason": "other"}),
        (api.lead, "approve", {}),
    ):
        reused = says(caller, feedback, verb, decision_id="d-1", **body)
        assert (reused.status_code, slug(reused)) == (422, "decision-id-reused")
    assert written_down(shop) == before


@pytest.mark.parametrize("by", ["storefront", "auditor"])
def test_either_side_closes_it(api: Callers, by: str) -> None:
    feedback = written(api)
    closed = said(getattr(api, by), feedback, "close")
    assert (closed["stage"], closed["waiting_for"]) == ("closed", None)
    assert (closed["due_at"], bool(closed["closed_at"])) == (None, True)


def test_a_score_counts_at_once_and_without_a_word_nothing_is_to_be_done(api: Callers) -> None:
    case_id = closed_case(api)
    answer = rates(api.storefront, case_id, score=5)
    rated = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, path_of(rated))
    assert (rated["category"], rated["score"], rated["case_id"]) == ("satisfaction", 5, case_id)
    assert (rated["stage"], rated["workflow_id"], rated["workflow_url"]) == ("closed", None, None)
    assert api.storefront.get(path_of(rated)).json() == rated
    (figures,) = api.storefront.get("/v1/stats/feedback").json()["items"]
    assert (figures["received"], figures["count"], figures["mean"]) == (1, 1, 5.0)


def test_what_is_said_beside_a_score_is_audited(api: Callers) -> None:
    rated = rates(api.storefront, closed_case(api), score=1, content="Never again.").json()
    assert (rated["stage"], rated["content"]) == ("awaiting_audit", "Never again.")
    said(api.auditor, rated, "reject", reason="other")
    (figures,) = api.storefront.get("/v1/stats/feedback").json()["items"]
    assert (figures["received"], figures["count"], figures["mean"]) == (1, 1, 1.0)


def test_the_body_of_a_plain_word_may_be_left_out(api: Callers) -> None:
    feedback = written(api)
    for verb, stage in (("approve", "awaiting_answer"), ("close", "closed")):
        answer = api.lead.post(path_of(feedback, verb))
        assert (answer.status_code, answer.json()["stage"]) == (200, stage)
