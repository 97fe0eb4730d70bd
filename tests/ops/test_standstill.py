"""What of reviews and feedback stands still, for whom it waits, and what mends it."""

import json
import shlex
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update

from domain.review_messages import SUBMISSION_SIGNALS
from ops.failures import Failed
from ops.restart import restart
from ops.standstill import Stuck, find_stuck
from ops.target import Target
from store.session import Database
from store.tables import Outbox
from tests.correspondents import Correspondents
from tests.reviewers import Reviewers
from tests.shop import NOW, Shop, order_body, request_body

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
        found = None if temporal_away else dict.fromkeys(running, "RUNNING")
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
        gone = dict.fromkeys(names, status) if status else {}
        found = find_stuck(session, HERE, NOW + timedelta(hours=1), gone)
    assert {item.name for item in found} == names
    assert {item.what for item in found} == {"no_workflow"}
    assert {command for item in found for command in item.commands} == {
        f"aftersales restart {name} --data here" for name in names
    }


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


def starts(database: Database) -> list[UUID]:
    with database.begin() as session:
        return [row.subject for row in session.query(Outbox).filter_by(delivered_at=None)]


def test_restart_takes_the_name_of_a_workflow_or_a_bare_id(
    database: Database, buyers: Reviewers
) -> None:
    review_id = buyers.submits()
    for name in (f"review/{review_id}", str(review_id)):
        assert stuck(database, f"review/{review_id}", at=NOW) == []
        restart(database, name)
        assert starts(database) == [review_id]


def test_restart_refuses_what_is_at_rest_or_nothing_at_all(
    database: Database, buyers: Reviewers
) -> None:
    review_id = buyers.submits()
    buyers.approves(review_id)
    for name in (f"review/{review_id}", "review/what"):
        with pytest.raises(Failed):
            restart(database, name)
