"""Every command of the runbook does what the runbook says, on a case in the state it speaks of."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import text

from tests.e2e.live import Live, live
from tests.sandbox_process import eventually

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
WRITTEN = re.findall(r"```sh\n(.+?)\n```", RUNBOOK.read_text(), re.DOTALL)
COMMANDS = [each for each in WRITTEN if not each.startswith("docker ")]
QUERIES = re.findall(r' -c "(.+?)"', "\n".join(set(WRITTEN) - set(COMMANDS)))
"""What is asked of PostgreSQL in a container, of which there is none here."""

AFTER = {
    "--action retry": "completed",
    "--action settle": "completed",
    "--action reroute": "needs_attention",  # until a second person confirms
    "--action accept": "needs_attention",
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


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One of their own: some commands are about all of a platform, and hold up its payouts."""
    with live(tmp_path_factory.mktemp("runbook")) as running:
        yield running


def charge_of(platform: Live, order_id: str) -> str:
    order = platform.call("lead", "GET", f"/v1/orders/{order_id}?storefront=demo").json()
    return str(order["payments"][0]["payment"])


def refunded_elsewhere(platform: Live, charge: str) -> None:
    """Somebody refunds 0.77 in the gateway's own pages."""
    refund = {"charge": charge, "amount": 77}
    url = f"{platform.found.sandbox}/v1/refunds"
    requests.post(url, data=refund, timeout=10).raise_for_status()


def difference(platform: Live) -> str:
    """The number of a difference that nobody has resolved."""
    refunded_elsewhere(platform, charge_of(platform, platform.sell((2, 1000))))
    assert run(platform, "aftersales reconcile").returncode == 0
    found = json.loads(run(platform, "aftersales differences --json").stdout)["differences"]
    return str(max(each["id"] for each in found))


def charge_that_was_read(platform: Live) -> str:
    order_id = platform.sell((2, 1000))
    case_id = platform.apply(order_id)
    platform.approve(case_id)
    platform.wait_for(case_id)
    return charge_of(platform, order_id)


def pickup_in_doubt(platform: Live, *, booked: bool) -> tuple[str, str]:
    """A return, and its effect of which the carrier has said nothing for eleven minutes."""
    order_id = platform.sell((2, 1000))
    fault = "error_after" if booked else "error_before"
    platform.fault(fault, order_id, times=1000, party="carrier")
    platform.fault("error_before", order_id, times=1000, party="carrier", operation="list")
    case_id = platform.apply(order_id, 2, kind="return")
    platform.approve(case_id)

    def doubtful() -> str | None:
        effects = platform.read(case_id)["effects"]
        return next((e["effect_id"] for e in effects if e["state"] == "unknown"), None)

    effect_id = str(eventually(doubtful, platform.patience))
    eleven_minutes = text(
        "update effects set unknown_since = unknown_since - interval '11 minutes'"
        " where effect_id = :effect"
    )
    with platform.database.begin() as session:
        session.execute(eleven_minutes, {"effect": effect_id})
    return case_id, effect_id


def filled(platform: Live, command: str, case_id: str) -> str:
    """The command with what it stands for."""
    if "EFFECT" in command:
        booked = "--action done" in command
        case_id, effect_id = pickup_in_doubt(platform, booked=booked)
        command = command.replace("EFFECT", effect_id)
        if booked:
            shipments = platform.book()["shipments"]
            [ours] = [row for row in shipments if row["metadata"]["case_id"] == case_id]
            command = command.replace("794699999999", ours["id"])
    if "differences" in command:
        command = command.replace(" 7 ", f" {difference(platform)} ")
    if "ch_4711" in command:
        command = command.replace("ch_4711", charge_that_was_read(platform))
    actor = "other" if "--release" in command else "lead"  # a second person releases
    return re.sub(r"\bCASE\b", case_id, command).replace("NAME", actor)


def case_for(platform: Live, command: str) -> str:
    """A case in the state that the command is written for."""
    if "--action accept" in command:
        order_id = platform.sell((2, 1000))
        refunded_elsewhere(platform, charge_of(platform, order_id))
        case_id = platform.apply(order_id, 2)
        platform.approve(case_id)
        platform.wait_for(case_id, "needs_attention")
        return case_id
    if "carrier" in command and "EFFECT" not in command:
        return silent_return(platform)
    offline = "--action settle" in command
    order_id = platform.sell((2, 1000), offline=offline)
    if "--action" not in command or "EFFECT" in command:
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
    done = run(platform, filled(platform, command, case_id))
    assert done.returncode == 0, done.stdout + done.stderr
    for words, stage in AFTER.items():
        if words in command:
            platform.wait_for(case_id, stage)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_runbook_can_be_asked(platform: Live, query: str) -> None:
    with platform.database.begin() as session:
        session.execute(text(query))


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
