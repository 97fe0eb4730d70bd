"""Feedback goes its way: audited, answered, come back to, closed, or made what it really is."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.refusals import Refusal
from domain.submissions import SubmissionKind
from store.submissions import submission_events
from store.tables import Case, Outbox, Review, Submission, SubmissionEvent
from tests.correspondents import Correspondents
from tests.shop import NOW, Shop, order_body, request_body


@pytest.fixture
def buyers(shop: Shop) -> Correspondents:
    return Correspondents(shop)


def refused(slug: str) -> pytest.RaisesExc[Refusal]:
    return pytest.raises(Refusal, match=f"^{slug}$")


def happened(buyers: Correspondents, feedback_id: UUID) -> list[str]:
    of_it = select(SubmissionEvent.what).where(SubmissionEvent.submission_id == feedback_id)
    with buyers.shop.session() as session:
        return list(session.scalars(of_it.order_by(SubmissionEvent.seq)))


def told(buyers: Correspondents, feedback_id: UUID) -> list[str]:
    of_it = select(Outbox.topic).where(Outbox.submission_id == feedback_id).order_by(Outbox.id)
    with buyers.shop.session() as session:
        return list(session.scalars(of_it))


def due_days(buyers: Correspondents, feedback_id: UUID) -> int:
    due = buyers.record(feedback_id).submission.due_at
    assert due
    return (due - buyers.clock()).days


def test_what_is_let_in_is_answered_and_its_buyer_may_come_back(buyers: Correspondents) -> None:
    feedback_id = buyers.writes()
    assert buyers.stage(feedback_id) == "awaiting_audit"
    buyers.approves(feedback_id)
    assert buyers.stage(feedback_id) == "awaiting_answer"
    buyers.answers(feedback_id)
    assert (buyers.stage(feedback_id), due_days(buyers, feedback_id)) == ("awaiting_buyer", 7)
    buyers.comes_back(feedback_id)
    assert (buyers.stage(feedback_id), due_days(buyers, feedback_id)) == ("awaiting_answer", 2)
    assert buyers.thread(feedback_id) == [("shop", "We are sorry."), ("buyer", "And now?")]


def test_an_answer_lets_in_what_awaits_its_audit(buyers: Correspondents) -> None:
    feedback_id = buyers.writes()
    buyers.answers(feedback_id)
    decisions = buyers.record(feedback_id).decisions
    assert [(each.verdict, each.actor) for each in decisions] == [("approve", "alice")]
    assert happened(buyers, feedback_id) == ["submitted", "approved", "answered"]
    assert buyers.stage(feedback_id) == "awaiting_buyer"


def test_a_further_answer_extends_the_thread_and_the_buyers_time(buyers: Correspondents) -> None:
    feedback_id = buyers.writes()
    buyers.answers(feedback_id, "We ask the courier.")
    buyers.clock = lambda: NOW + timedelta(days=5)
    buyers.answers(feedback_id, "He is sorry.", buyers.shop.lead)
    assert due_days(buyers, feedback_id) == 7
    assert [content for _, content in buyers.thread(feedback_id)] == [
        "We ask the courier.",
        "He is sorry.",
    ]


def test_a_buyer_may_add_to_what_is_not_answered_yet_and_wins_no_time(
    buyers: Correspondents,
) -> None:
    feedback_id = buyers.writes()
    buyers.approves(feedback_id)
    buyers.clock = lambda: NOW + timedelta(days=1)
    buyers.comes_back(feedback_id)
    assert (buyers.stage(feedback_id), due_days(buyers, feedback_id)) == ("awaiting_answer", 1)


def test_the_same_word_twice_is_one(buyers: Correspondents) -> None:
    feedback_id = buyers.writes()
    for _ in range(2):
        buyers.answers(feedback_id)
    for _ in range(2):
        buyers.comes_back(feedback_id)
    assert len(buyers.thread(feedback_id)) == 2
    assert happened(buyers, feedback_id)[2:] == ["answered", "came_back"]
    buyers.answers(feedback_id)
    assert len(buyers.thread(feedback_id)) == 3, "said again later, it is another word"


def test_who_read_an_older_version_does_not_answer_the_newer_one(buyers: Correspondents) -> None:
    feedback_id = buyers.writes()
    buyers.approves(feedback_id)
    buyers.comes_back(feedback_id)
    with refused("version-conflict"):
        buyers.answers(feedback_id, version=2)
    buyers.answers(feedback_id, version=3)


def test_a_buyer_adds_nothing_before_the_audit(buyers: Correspondents) -> None:
    feedback_id = buyers.writes()
    with refused("not-let-in"):
        buyers.comes_back(feedback_id)


def test_what_was_rejected_is_over(buyers: Correspondents) -> None:
    feedback_id = buyers.writes()
    buyers.rejects(feedback_id, note="Please stay polite.")
    (decision,) = buyers.record(feedback_id).decisions
    assert (decision.reason, decision.note) == ("offensive", "Please stay polite.")
    for act in (buyers.answers, buyers.comes_back, buyers.closes):
        with refused("feedback-closed"):
            act(feedback_id)
    with refused("already-decided"):
        buyers.approves(feedback_id)


@pytest.mark.parametrize("by", ["storefront", "auditor"])
def test_either_side_closes_it_whenever_it_is_open(buyers: Correspondents, by: str) -> None:
    who = getattr(buyers.shop, by)
    unread, answered = buyers.writes(), buyers.writes(subject="Again")
    buyers.answers(answered)
    for feedback_id in (unread, answered):
        for _ in range(2):
            buyers.closes(feedback_id, who)
        assert happened(buyers, feedback_id)[-2:].count("closed") == 1
        with refused("feedback-closed"):
            buyers.comes_back(feedback_id)
    with refused("feedback-closed"):
        buyers.approves(unread)
    with refused("already-decided"):
        buyers.rejects(answered)


def test_what_its_buyer_has_left_is_closed(buyers: Correspondents) -> None:
    feedback_id = buyers.writes()
    buyers.answers(feedback_id)
    later = NOW + timedelta(days=7)
    rules = buyers.shop.policy
    buyers.database.run(lambda s: submission_events.remind(s, feedback_id, rules, later))
    assert buyers.stage(feedback_id) == "closed"
    with refused("feedback-closed"):
        buyers.comes_back(feedback_id)


def test_it_is_about_the_customers_own_orders_and_cases(buyers: Correspondents) -> None:
    case_id = buyers.closed_case()
    assert buyers.record(buyers.writes(case_id=str(case_id))).feedback.order_id == "o1"
    buyers.writes(order_id="o1")
    for slug, fields in {
        "order-not-found": {"order_id": "o2"},
        "case-not-found": {"case_id": "019adf2a-0c00-7000-8000-000000000000"},
    }.items():
        with refused(slug):
            buyers.writes(**fields)
    for slug, named in (("order-not-found", "order_id"), ("case-not-found", "case_id")):
        with refused(slug):
            buyers.writes(
                customer_id="else", **{named: "o1" if named == "order_id" else str(case_id)}
            )


def test_its_workflow_is_told_what_it_is_about(buyers: Correspondents) -> None:
    case_id = buyers.closed_case()
    said = [
        buyers.writes(),
        buyers.writes(order_id="o1"),
        buyers.writes(case_id=str(case_id)),
        buyers.rates(case_id, content="Well."),
    ]
    with buyers.database.begin() as session:
        found = [
            submission_events.find(session, SubmissionKind.FEEDBACK, each, "demo") for each in said
        ]
        views = submission_events.views(session, found)
    assert [(views[each].about, views[each].order_id) for each in said] == [
        ("the shop", None),
        ("order o1", "o1"),
        (f"case {case_id}", "o1"),
        (f"case {case_id}", "o1"),
    ]


def test_a_score_without_a_word_counts_and_is_closed_at_once(buyers: Correspondents) -> None:
    feedback_id = buyers.rates(buyers.closed_case(), 4)
    assert (buyers.stage(feedback_id), happened(buyers, feedback_id)) == ("closed", ["rated"])
    assert told(buyers, feedback_id) == [], "nobody has to act, so no workflow"
    assert buyers.scores() == {"2026-11-24": [0, 0, 0, 1, 0]}


def test_a_score_with_a_word_is_audited_and_counts_whatever_comes_of_it(
    buyers: Correspondents,
) -> None:
    feedback_id = buyers.rates(buyers.closed_case(), 1, content="Never again.")
    assert (buyers.stage(feedback_id), told(buyers, feedback_id)) == ("awaiting_audit", ["start"])
    buyers.rejects(feedback_id)
    assert buyers.scores() == {"2026-11-24": [1, 0, 0, 0, 0]}


def test_a_score_counts_for_the_utc_day_on_which_it_was_given(buyers: Correspondents) -> None:
    case_id = buyers.closed_case()
    buyers.clock = lambda: NOW.replace(hour=23, minute=59)
    buyers.rates(case_id, 5)
    assert buyers.scores() == {"2026-11-24": [0, 0, 0, 0, 1]}


def test_a_case_is_rated_once_by_its_own_customer_when_it_is_closed(
    buyers: Correspondents,
) -> None:
    buyers.shop.sell("o1", order_body((6, 1530)))
    case_id = buyers.shop.apply(request_body((1, 2))).case_id
    with refused("case-open"):
        buyers.rates(case_id)
    buyers.shop.reject(case_id)
    with refused("case-not-found"):
        buyers.rates(case_id, customer_id="else")
    first = buyers.rates(case_id)
    with refused("already-rated") as again:
        buyers.rates(case_id)
    assert again.value.extra == {"feedback_id": str(first)}
    assert buyers.scores() == {"2026-11-24": [0, 0, 0, 1, 0]}


def test_it_becomes_a_case_and_each_names_the_other(buyers: Correspondents) -> None:
    buyers.shop.sell("o1", order_body((6, 1530)))
    feedback_id = buyers.writes()
    buyers.converts(feedback_id, case=request_body((1, 2)))
    with buyers.shop.session() as session:
        (case,) = session.scalars(select(Case))
    record = buyers.record(feedback_id)
    assert (record.submission.stage, record.feedback.converted_to_case) == (
        "converted",
        case.case_id,
    )
    assert (case.stage, case.total, case.opened_by) == ("awaiting_audit", 510, "shop")
    with refused("feedback-closed"):
        buyers.converts(feedback_id, case=request_body((1, 2)))
    with refused("feedback-closed"):
        buyers.closes(feedback_id)


def test_it_becomes_a_review_that_says_what_it_said(buyers: Correspondents) -> None:
    buyers.shop.sell("o1", order_body((6, 1530)))
    feedback_id = buyers.writes(category="product")
    buyers.answers(feedback_id)
    buyers.converts(feedback_id, review={"order_id": "o1", "line": 1, "stars": 2})
    with buyers.shop.session() as session:
        (review,) = session.scalars(select(Review))
        assert session.get_one(Submission, review.submission_id).stage == "awaiting_audit"
    assert buyers.record(feedback_id).feedback.converted_to_review == review.submission_id


@pytest.mark.parametrize(
    ("slug", "wanted"),
    [
        ("order-not-found", {"case": request_body((1, 1), order_id="o9")}),
        ("unknown-line", {"case": request_body((9, 1))}),
        ("units-not-available", {"case": request_body((1, 7))}),
        ("not-bought", {"case": request_body((1, 1), order_id="theirs")}),
        ("not-bought", {"review": {"order_id": "theirs", "line": 1, "stars": 1}}),
        ("unknown-line", {"review": {"order_id": "o1", "line": 9, "stars": 1}}),
    ],
)
def test_what_it_cannot_become_is_refused_and_nothing_changes(
    buyers: Correspondents, slug: str, wanted: dict[str, object]
) -> None:
    buyers.shop.sell("o1", order_body((6, 1530)))
    buyers.shop.sell("theirs", order_body((6, 1530), customer={"id": "else"}))
    feedback_id = buyers.writes()
    with refused(slug):
        buyers.converts(feedback_id, **wanted)
    assert (buyers.stage(feedback_id), happened(buyers, feedback_id)) == (
        "awaiting_audit",
        ["submitted"],
    )
    with buyers.shop.session() as session:
        assert not session.scalars(select(Case)).all()
