"""Every command of the runbook does what the runbook says, on a case in the state it speaks of."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.e2e.live import Live
from tests.sandbox_process import eventually

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
COMMANDS = re.findall(r"```sh\n(.+?)\n```", RUNBOOK.read_text(), re.DOTALL)

AFTER = {
    "--action retry": "completed",
    "--action settle": "completed",
    "--action reroute": "needs_attention",  # until a second person confirms
    "--action give_up": "cancelled",
    "lost CASE": "completed",
    "refund/CASE --name approve": "completed",
    "refund/CASE --name reject": "rejected",
}
"""The stage in which a case ends up when a command with these words is given for it."""

AFTER_REVIEW = {
    "review/REVIEW --name approve": "published",
    "review/REVIEW --name reject": "rejected",
}


def case_for(platform: Live, command: str) -> str:
    """A case in the state that the command is written for."""
    if "carrier" in command:
        return silent_return(platform)
    offline = "--action settle" in command
    order_id = platform.sell((2, 1000), offline=offline)
    if "--action" not in command:
        return started(platform, platform.apply(order_id))
    if not offline:
        platform.fault("decline", order_id)
    case_id = platform.apply(order_id)
    platform.approve(case_id)
    platform.wait_for(case_id, "needs_attention")
    return case_id


def started(platform: Live, named: str, kind: str = "refund") -> str:
    """The same case or review, once Temporal has its workflow."""
    described = f"temporal workflow describe --workflow-id {kind}/{named}"
    assert eventually(lambda: run(platform, described).returncode == 0)
    return named


def silent_return(platform: Live) -> str:
    """A return whose parcel was posted and then no more heard of, until a person is asked."""
    case_id = platform.apply(platform.sell((2, 1000)), 2, kind="return")
    platform.approve(case_id)
    platform.report(platform.parcel(case_id), "picked_up")
    eventually(lambda: platform.read(case_id)["waiting_for"] == "carrier")
    eleven_days = text("update cases set remind_at = now(), due_at = now() where case_id = :case")
    with platform.database.begin() as session:
        session.execute(eleven_days, {"case": case_id})
    run(platform, f"temporal workflow signal --workflow-id return/{case_id} --name case_news")
    platform.wait_for(case_id, "needs_attention")
    return case_id


def run(platform: Live, command: str) -> subprocess.CompletedProcess[str]:
    """The command as an operator types it on the platform's machine."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "AFTERSALES_DATA": str(platform.data),
        "TEMPORAL_ADDRESS": platform.found.temporal,
    }
    return subprocess.run(
        shlex.split(command),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", [each for each in COMMANDS if "REVIEW" in each])
def test_a_command_about_a_review_does_what_it_says(platform: Live, command: str) -> None:
    body = {"customer_id": "17850", "order_id": platform.sell((2, 1000)), "line": 1}
    body |= {"stars": 4, "content": "Does what it should."}
    key = f"review-of-{body['order_id']}"
    said = platform.call("shop", "POST", "/v1/reviews", body, key=key).json()
    review_id = started(platform, said["review_id"], "review")
    written = re.sub(r"\bREVIEW\b", review_id, command).replace("NAME", "lead")
    done = run(platform, written)
    assert done.returncode == 0, done.stdout + done.stderr

    def stage() -> str:
        return str(platform.call("lead", "GET", f"/v1/reviews/{review_id}").json()["stage"])

    for words, reached in AFTER_REVIEW.items():
        if words in command:
            eventually(lambda reached=reached: stage() == reached, platform.patience)


@pytest.mark.parametrize("command", [each for each in COMMANDS if "REVIEW" not in each])
def test_a_command_of_the_runbook_does_what_it_says(platform: Live, command: str) -> None:
    case_id = case_for(platform, command)
    if "resume" in command and "carrier" in command:
        assert run(platform, re.sub(r"\bCASE\b", case_id, command)).returncode == 0
        platform.wait_for(case_id, "awaiting_parcel")
        return
    written = re.sub(r"\bCASE\b", case_id, command).replace("NAME", "lead")
    done = run(platform, written)
    assert done.returncode == 0, done.stdout + done.stderr
    for words, stage in AFTER.items():
        if words in command:
            platform.wait_for(case_id, stage)


def test_the_runbook_has_a_command_for_every_action_and_verdict() -> None:
    assert all(any(words in command for command in COMMANDS) for words in AFTER | AFTER_REVIEW)


def test_a_case_whose_workflow_was_terminated_goes_on_after_a_restart(platform: Live) -> None:
    case_id = started(platform, platform.apply(platform.sell((2, 1000))))
    workflow = f"refund/{case_id}"
    ended = f"temporal workflow terminate --workflow-id {workflow} --reason test"
    terminated = run(platform, ended)
    assert terminated.returncode == 0, terminated.stderr
    assert run(platform, f"aftersales restart {case_id}").returncode == 0
    platform.approve(case_id)
    assert platform.wait_for(case_id)["outcome"] == "refunded"


def events_of(platform: Live, case_id: str) -> list[dict[str, Any]]:
    items = platform.call("lead", "GET", f"/v1/cases/{case_id}/events").json()["items"]
    return list(items)


def test_a_wrong_signal_changes_nothing_and_leaves_an_event(platform: Live) -> None:
    case_id = started(platform, platform.apply(platform.sell((2, 1000))))
    signal = f"temporal workflow signal --workflow-id refund/{case_id} --name approve"
    assert run(platform, f'{signal} --input \'{{"actor": "nobody"}}\'').returncode == 0

    def refused() -> bool:
        return any(event["what"] == "signal_refused" for event in events_of(platform, case_id))

    assert eventually(refused)
    assert platform.read(case_id)["stage"] == "awaiting_audit"
