"""What operators are told, and what mends it, when the ground under a platform was exchanged: a
gateway of one's own, workflows that were ended or reset, an older Temporal database.
"""

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import text

from domain.people import Role
from runtime.temporal_server import find_program, own_environment
from tests.e2e.live import Live
from tests.reviewers import words
from tests.sandbox_process import Sandbox, eventually, running_sandbox


def stuck(platform: Live) -> dict[str, dict[str, Any]]:
    """What `stuck` says, in its order, by the id of its subject."""
    said = json.loads(platform.command("stuck", "--json").stdout)["stuck"]
    return {each["case_id"] or each["submission_id"]: each for each in said}


def violated(platform: Live) -> set[str]:
    said = json.loads(platform.command("check", "--json").stdout)
    return {each["id"] for each in said["checks"] if each["status"] == "violated"}


def type_first_command(item: dict[str, Any]) -> None:
    words = shlex.split(item["commands"][0])
    assert words[:2] == ["aftersales", "restart"]
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", *words[1:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def temporal(platform: Live, *words: str) -> None:
    """A command of Temporal's own, as an operator types it."""
    command = [find_program(), "workflow", *words, "--address", platform.found.temporal]
    done = subprocess.run(
        command, env=own_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def an_hour_passes(platform: Live, *subjects: str) -> None:
    """Since what happened to these, so nothing of it can still be on its way."""
    with platform.database.begin() as session:
        session.execute(text("set local session_replication_role = replica"))
        for table, named, columns in (
            ("case_events", "case_id", ("at",)),
            ("submission_events", "submission_id", ("at",)),
            ("cases", "case_id", ("closed_at",)),
            ("submissions", "submission_id", ("closed_at",)),
        ):
            changes = ", ".join(f"{column} = {column} - interval '1 hour'" for column in columns)
            moved = f"update {table} set {changes} where cast({named} as text) = any(:subjects)"
            session.execute(text(moved), {"subjects": list(subjects)})


def test_doubt_whose_workflow_was_terminated_is_named_first_with_what_starts_it(
    platform: Live,
) -> None:
    order_id = platform.sell((1, 700))
    platform.fault("error_before", order_id)  # which no webhook tells of, and so wakes nobody
    platform.fault("error_before", order_id, times=40, operation="list")
    case_id = platform.apply(order_id)
    platform.approve(case_id)
    eventually(lambda: "unknown" in [p["state"] for p in platform.read(case_id)["payouts"]], 20)
    temporal(platform, "terminate", "--workflow-id", f"refund/{case_id}")
    an_hour_passes(platform, case_id)

    def first() -> dict[str, Any] | None:
        """Temporal's list lags a moment behind."""
        item = next(iter(stuck(platform).values()))
        return item if item["what"] == "no_workflow" else None

    item = eventually(first, 20)
    assert (item["case_id"], item["waiting_for"]) == (case_id, "gateway")
    requests.delete(f"{platform.found.sandbox}/_sandbox/faults", timeout=10).raise_for_status()
    type_first_command(item)
    platform.wait_for(case_id)
    assert [refund["amount"] for refund in platform.refunds(order_id)] == [700]


def test_a_paid_case_whose_workflow_was_reset_is_named_and_ended(platform: Live) -> None:
    order_id = platform.sell((1, 800))
    case_id = platform.apply(order_id)
    platform.approve(case_id)
    platform.wait_for(case_id)
    again = ("--event-id", "4", "--reason", "test", "--reapply-exclude", "Signal")
    temporal(platform, "reset", "--workflow-id", f"refund/{case_id}", *again)
    an_hour_passes(platform, case_id)
    item = eventually(lambda: stuck(platform).get(case_id), 20)
    assert (item["what"], item["stage"], item["waiting_for"]) == ("stale", "completed", None)
    assert "L03" in violated(platform)
    type_first_command(item)
    eventually(lambda: case_id not in stuck(platform), 20)
    assert [refund["amount"] for refund in platform.refunds(order_id)] == [800]


class Own(Live):
    """A platform with a payment gateway of its own, which the tests' terminal is not told of."""

    def __init__(self, data: Path, gateway: Sandbox) -> None:
        self.gateway = gateway
        self.issued: dict[str, str] = {}
        self.start(data)

    def start(self, data: Path) -> None:
        with pytest.MonkeyPatch.context() as told:
            told.setenv("AFTERSALES_STRIPE_API_BASE", self.gateway.url)
            super().__init__(data)

    def _issue(self, name: str, role: Role, storefront: str | None = None) -> str:
        if name not in self.issued:
            self.issued[name] = super()._issue(name, role, storefront)
        return self.issued[name]

    @contextmanager
    def down(self) -> Iterator[None]:
        """While nothing of it runs."""
        self.close()
        yield
        self.start(self.data)

    def refund(self, amount: int) -> tuple[str, str]:
        """A case over an order that was paid at the gateway; its id and the charge's."""
        charge = self.gateway.charge("own", amount)
        paid = [{"payment": charge, "provider": "stripe", "captured": amount}]
        return self.apply(self.sell((1, amount), payments=paid)), charge

    def paid(self, charge: str) -> list[int]:
        return [refund["amount"] for refund in self.gateway.refunds(charge)]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    with running_sandbox(tmp_path_factory.mktemp("gateway")) as gateway:
        own = Own(tmp_path_factory.mktemp("own"), gateway)
        yield own
        own.close()


def test_check_in_a_terminal_that_was_not_told_of_the_gateway_accuses_no_payout(own: Own) -> None:
    case_id, charge = own.refund(900)
    own.approve(case_id)
    own.wait_for(case_id)
    assert own.paid(charge) == [900]
    assert violated(own) == set()


def test_an_older_temporal_database_is_seen_and_mended_and_nobody_is_paid_twice(own: Own) -> None:
    waiting = {amount: own.refund(amount) for amount in (300, 400, 500)}
    (paid, paid_charge), (cancelled, _), (later, later_charge) = waiting.values()
    review = own.call("shop", "POST", "/v1/reviews", review_of(own), key="own-review")
    review_id = review.json()["review_id"]
    older = own.data.with_name("older")
    with own.down():
        shutil.copytree(own.data, older, ignore=_but_temporal)
    own.approve(paid)
    own.wait_for(paid)
    own.say("shop", cancelled, "cancel", {})
    own.call("lead", "POST", f"/v1/reviews/{review_id}/approve", {})
    newer, newer_charge = own.refund(600)
    with own.down():
        for file in own.data.glob("temporal.db*"):
            file.unlink()
        shutil.copytree(older, own.data, dirs_exist_ok=True)
    an_hour_passes(own, paid, cancelled, later, newer, review_id)
    found = eventually(lambda: len(seen := stuck(own)) == 4 and seen, 20)
    assert {key: item["what"] for key, item in found.items()} == {
        paid: "stale",
        cancelled: "stale",
        review_id: "stale",
        newer: "no_workflow",
    }
    said = own.command("restart", "--all")
    assert said.returncode == 0, said.stderr
    eventually(lambda: stuck(own) == {}, 20)
    for case_id in (later, newer):
        own.approve(case_id)
        own.wait_for(case_id)
    charges = (paid_charge, later_charge, newer_charge)
    assert [own.paid(charge) for charge in charges] == [[300], [500], [600]]
    assert violated(own) == set()


def _but_temporal(folder: str, names: list[str]) -> list[str]:
    """All but Temporal's files."""
    return [name for name in names if not name.startswith("temporal.db")]


def review_of(own: Own) -> dict[str, Any]:
    order_id = own.sell((1, 100), offline=True)
    return words(order_id=order_id, line=1)
