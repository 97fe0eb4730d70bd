"""What of reviews and feedback stands still, for whom it waits, and what mends it."""

import json
import shlex
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from domain.review_messages import SUBMISSION_SIGNALS
from ops.failures import Failed
from ops.restart import restart
from ops.standstill import Stuck, find_stuck
from ops.target import Target
from ops.workflows import Seen
from store.session import Database
from store.tables import Case, Outbox, Payout
from tests.correspondents import Correspondents
from tests.effects import begin_next
from tests.reviewers import Reviewers
from tests.shop import NOW, Shop, order_body, request_body, return_body
from tests.store.till import NO_ANSWER, PENDING, Till

HERE = Target(
    folder=Path("here"),
    database_url=None,
    api="http://api",
    temporal="temporal:7233",
    temporal_ui="",
    sandbox=None,
    stripe=None,
    bank=None,
    carrier=None,
    repair_shop=None,
)
CHARGE_2 = [{"payment": "ch_2", "provider": "stripe", "captured": 1000}]
LATER = NOW + timedelta(days=3)


@pytest.fixture
def buyers(shop: Shop) -> Reviewers:
    buyers = Reviewers(shop)
    buyers.sells()
    return buyers


@pytest.fixture
def told(database: Database, shop: Shop) -> Correspondents:
    return Correspondents(shop)


def stuck(
    database: Database, *running: str, at: datetime = LATER, temporal_away: bool = False
) -> list[Stuck]:
    """What stands still while these workflows run and Temporal has heard of everything."""
    with database.begin() as session:
        session.execute(update(Outbox).values(delivered_at=NOW))
        found = None if temporal_away else dict.fromkeys(running, Seen("RUNNING"))
        return find_stuck(session, HERE, at, found)


def test_a_review_that_nobody_decided_in_time_is_shown_with_the_signals_that_do(
    database: Database, buyers: Reviewers
) -> None:
    review_id = buyers.submits()
    (item,) = stuck(database, f"review/{review_id}")
    assert (item.name, item.what) == (f"review/{review_id}", "overdue")
    assert (item.case_id, item.submission_id) == (None, str(review_id))
    assert (item.waiting_for, item.since) == ("auditor", NOW + timedelta(hours=48))
    for command in item.commands:
        words = shlex.split(command)
        options = dict(zip(words[3::2], words[4::2], strict=True))
        assert options["--workflow-id"] == item.name
        assert options["--address"] == "temporal:7233"
        fields = json.loads(options["--input"])
        assert fields.pop("actor")
        SUBMISSION_SIGNALS[options["--name"]].model_validate(fields)
    assert len(item.commands) == 2


def test_nothing_is_stuck_before_its_time(database: Database, buyers: Reviewers) -> None:
    review_id = buyers.submits()
    assert stuck(database, f"review/{review_id}", at=NOW + timedelta(hours=47)) == []


def test_what_came_to_rest_is_never_stuck(database: Database, buyers: Reviewers) -> None:
    buyers.approves(buyers.submits())
    assert stuck(database) == []


def test_feedback_that_nobody_answered_is_shown_with_the_call_that_does(
    database: Database, told: Correspondents
) -> None:
    feedback_id = told.writes()
    told.approves(feedback_id)
    (item,) = stuck(database, f"feedback/{feedback_id}")
    assert (item.what, item.stage, item.waiting_for) == ("overdue", "awaiting_answer", "auditor")
    (call,) = item.commands
    words = shlex.split(call)
    assert words[:3] == ["curl", "-X", "POST"]
    assert words[3] == f"http://api/v1/feedback/{feedback_id}/answer"


@pytest.mark.parametrize("status", [None, "TERMINATED"])
def test_what_is_open_without_a_workflow_is_shown_with_the_command_that_starts_it(
    database: Database, buyers: Reviewers, status: str | None
) -> None:
    review_id = buyers.submits()
    buyers.shop.sell("o2", order_body((2, 1000)))
    case_id = buyers.shop.apply(request_body((1, 1), order_id="o2")).case_id
    names = {f"review/{review_id}", f"refund/{case_id}"}
    with database.begin() as session:
        session.execute(update(Outbox).values(delivered_at=NOW))
        gone = dict.fromkeys(names, Seen(status)) if status else {}
        found = find_stuck(session, HERE, NOW + timedelta(hours=1), gone)
    assert {item.name for item in found} == names
    assert {item.what for item in found} == {"no_workflow"}
    assert {command for item in found for command in item.commands} == {
        f"aftersales restart {name} --data here" for name in names
    }


def seen_of(shop: Shop, case_id: UUID, **otherwise: Any) -> dict[str, Seen]:
    """The case's workflow as it should be, but for this."""
    case = shop.read(case_id)
    told = {"status": "RUNNING", "stage": case.stage, "due_at": case.due_at, **otherwise}
    return {f"{case.kind}/{case_id}": Seen(**told)}


def found(database: Database, running: dict[str, Seen], minutes: float) -> list[Stuck]:
    """What is stuck so many minutes later, if Temporal has heard of everything."""
    with database.begin() as session:
        session.execute(update(Outbox).values(delivered_at=NOW))
        return find_stuck(session, HERE, NOW + timedelta(minutes=minutes), running)


def in_doubt(till: Till) -> UUID:
    case_id = till.approved()
    till.conclude(till.call(case_id), NO_ANSWER)
    return case_id


def test_doubt_without_a_workflow_is_shown_first_as_what_has_none(shop: Shop) -> None:
    parked = in_doubt(till := Till(shop))
    doubtful = till.approved(order_id="o2", payments=CHARGE_2)
    till.conclude(till.call(doubtful), NO_ANSWER, NOW + timedelta(minutes=1))
    running = seen_of(shop, parked) | seen_of(shop, doubtful, status="TERMINATED")
    first, second = found(shop.database, running, 30)
    assert (first.name, first.what) == (f"refund/{doubtful}", "no_workflow")
    assert first.commands == [f"aftersales restart refund/{doubtful} --data here"]
    assert (second.name, second.what) == (f"refund/{parked}", "in_doubt")


def test_a_pickup_asked_for_without_a_workflow_is_shown_as_what_has_none(shop: Shop) -> None:
    shop.sell("o1", order_body((2, 1000)))
    case_id = shop.apply(return_body((1, 1))).case_id
    shop.approve(case_id)
    shop.database.run(lambda s: begin_next(s, case_id, NOW))
    (item,) = found(shop.database, {}, 30)
    assert item.what == "no_workflow"
    (item,) = found(shop.database, seen_of(shop, case_id), 30)
    assert item.what == "owed"


def test_a_workflow_that_waits_in_another_stage_than_its_row_is_shown(shop: Shop) -> None:
    case_id = Till(shop).approved()
    running = seen_of(shop, case_id, stage="awaiting_audit")
    (item,) = found(shop.database, running, 2)
    assert (item.what, item.stage, item.waiting_for) == ("stale", "paying", "gateway")
    assert "awaiting_audit" in item.why
    assert item.commands == [f"aftersales restart refund/{case_id} --data here"]
    assert found(shop.database, running, 0.5) == []  # it may still be on its way


def test_a_workflow_that_was_in_this_stage_before_is_known_by_its_deadline(shop: Shop) -> None:
    case_id = Till(shop).approved()
    due_at = shop.read(case_id).due_at
    assert due_at is not None
    running = seen_of(shop, case_id, due_at=due_at - timedelta(hours=1))
    assert [item.what for item in found(shop.database, running, 2)] == ["stale"]
    kept_for_less = seen_of(shop, case_id, due_at=due_at.replace(microsecond=0))
    assert found(shop.database, kept_for_less, 2) == []


def test_a_closed_case_whose_older_workflow_runs_is_shown(shop: Shop) -> None:
    shop.sell("o1", order_body((2, 1000)))
    case_id = shop.apply(request_body((1, 1))).case_id
    shop.cancel(case_id)
    running = seen_of(shop, case_id, stage="awaiting_audit")
    (item,) = found(shop.database, running, 2)
    assert (item.what, item.stage, item.waiting_for) == ("stale", "cancelled", None)
    assert item.commands == [f"aftersales restart refund/{case_id} --data here"]
    calling_off = seen_of(shop, case_id)
    assert found(shop.database, calling_off, 2) == []


@pytest.mark.parametrize("reserved", [False, True])
def test_a_case_that_is_to_be_paid_and_moves_nothing_for_minutes_is_shown(
    shop: Shop, reserved: bool
) -> None:
    case_id = (till := Till(shop)).approved()
    if reserved:
        till.begin(case_id)
        with shop.database.begin() as session:
            session.execute(update(Payout).values(state="reserved", code="charge_unreadable"))
    assert found(shop.database, seen_of(shop, case_id), 4) == []
    (item,) = found(shop.database, seen_of(shop, case_id), 6)
    assert (item.what, item.stage, item.since) == ("idle", "paying", NOW)
    assert ("charge_unreadable" in item.why) is reserved
    assert item.commands == [
        f"aftersales restart refund/{case_id} --data here",
        "tail here/logs/worker.log",
    ]


def test_a_payout_that_the_gateway_has_pending_is_shown_after_days(shop: Shop) -> None:
    case_id = (till := Till(shop)).approved()
    till.conclude(till.call(case_id), PENDING)
    with shop.database.begin() as session:
        session.execute(update(Case).values(due_at=NOW + timedelta(days=9)))
    assert found(shop.database, seen_of(shop, case_id), 60 * 24) == []
    (item,) = found(shop.database, seen_of(shop, case_id), 60 * 24 * 3 + 1)
    assert item.what == "in_doubt"


def test_an_errand_that_nobody_runs_is_shown(shop: Shop) -> None:
    shop.sell("o1", order_body((2, 1000)))
    case_id = shop.apply(return_body((1, 1))).case_id
    shop.approve(case_id)
    assert found(shop.database, seen_of(shop, case_id), 4) == []
    (item,) = found(shop.database, seen_of(shop, case_id), 6)
    assert (item.what, item.since) == ("idle", NOW)
    assert item.why.startswith("book_pickup ")


def test_a_start_may_still_be_on_its_way(database: Database, buyers: Reviewers) -> None:
    buyers.submits()
    assert stuck(database, at=NOW + timedelta(seconds=30)) == []


def test_without_temporal_nothing_is_said_of_workflows(
    database: Database, buyers: Reviewers
) -> None:
    buyers.submits()
    assert stuck(database, at=NOW + timedelta(hours=1), temporal_away=True) == []


def test_a_review_that_temporal_was_not_told_of_is_shown(
    database: Database, buyers: Reviewers
) -> None:
    review_id = buyers.submits()
    with database.begin() as session:
        session.execute(update(Outbox).values(created_at=NOW))
        found = find_stuck(session, HERE, NOW + timedelta(hours=1), {})
    assert [(item.name, item.what) for item in found] == [(f"review/{review_id}", "undelivered")]


def told_of(database: Database) -> list[tuple[UUID, str]]:
    with database.begin() as session:
        rows = session.query(Outbox).filter_by(delivered_at=None)
        return [(row.subject, row.topic) for row in rows]


def test_restart_takes_the_name_of_a_workflow_or_a_bare_id(
    database: Database, buyers: Reviewers
) -> None:
    review_id = buyers.submits()
    for name in (f"review/{review_id}", str(review_id)):
        assert stuck(database, f"review/{review_id}", at=NOW) == []
        restart(database, name)
        assert told_of(database) == [(review_id, "submission_news")]


def test_restart_has_an_older_workflow_of_what_is_closed_look_at_its_row(
    database: Database, buyers: Reviewers, capsys: pytest.CaptureFixture[str]
) -> None:
    review_id = buyers.submits()
    buyers.approves(review_id)
    assert stuck(database) == []
    restart(database, f"review/{review_id}")
    assert told_of(database) == [(review_id, "submission_news")]
    assert "is closed" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["review/what", "0198c0de-0000-7000-8000-000000000000"])
def test_restart_refuses_what_is_nothing_of_ours(database: Database, name: str) -> None:
    with pytest.raises(Failed):
        restart(database, name)
