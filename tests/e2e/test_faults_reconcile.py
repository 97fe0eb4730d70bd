"""A refund at the gateway that our books do not know: found, owned, resolved; on any gateway."""

import json
from typing import Any

import anyio
import requests
from temporalio.client import Client

from tests.e2e.live import Live
from tests.ops.programs import Said, aftersales
from tests.sandbox_process import eventually


def refunded_behind_our_back(platform: Live, order_id: str) -> str:
    """A refund that somebody makes in the gateway's own pages; its id."""
    charge = platform.charge(order_id, 1000)
    url = f"{platform.found.sandbox}/v1/refunds"
    said = requests.post(url, data={"charge": charge, "amount": 77}, timeout=10)
    said.raise_for_status()
    return str(said.json()["id"])


def differences(platform: Live) -> dict[str, dict[str, Any]]:
    """What nobody has resolved, by the refund it is about."""
    said = platform.command("differences", "--json")
    return {each["refund_id"]: each for each in json.loads(said.stdout)["differences"]}


def checks(said: str) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in json.loads(said)["checks"]}


def test_a_refund_that_our_books_do_not_know_is_somebodys_until_it_is_resolved(
    platform: Live,
) -> None:
    refund_id = refunded_behind_our_back(platform, "behind-our-back")
    assert platform.command("reconcile").returncode == 0
    found = differences(platform)[refund_id]
    assert (found["kind"], found["state"], found["theirs"]) == ("unknown_refund", "open", 77)
    said = platform.command("check", "--json", "--grace", "0")
    assert said.returncode == 1
    assert refund_id in [row["refund_id"] for row in checks(said.stdout)["M04"]["rows"]]
    number = str(found["id"])
    platform.command("differences", "own", number, "--actor", "operator")
    assert differences(platform)[refund_id]["owner"] == "operator"
    words = ("differences", "resolve", number, "--actor", "operator", "--note", "a gift")
    assert platform.command(*words).returncode == 0
    assert refund_id not in differences(platform)
    rows = checks(platform.command("check", "--json", "--grace", "0").stdout)["M04"]["rows"]
    assert refund_id not in [row["refund_id"] for row in rows]


def not_made(said: Said) -> set[str]:
    assert (said.code, said.json["ok"]) == (2, False)
    return {each["id"] for each in said.json["checks"] if each["status"] == "not_made"}


def test_a_list_that_cannot_be_read_makes_no_check_pass(platform: Live) -> None:
    fault = {"party": "payments", "operation": "list", "fault": "error_before", "times": 4}
    faults = f"{platform.found.sandbox}/_sandbox/faults"
    requests.post(faults, json=fault, timeout=10).raise_for_status()
    assert not_made(aftersales("check", "--json", "--data", platform.data)) == {
        "M02",
        "M03",
        "M04",
    }


def test_a_terminal_that_names_another_gateway_accuses_nobody(platform: Live) -> None:
    elsewhere = {
        "AFTERSALES_DATABASE_URL": platform.found.database,
        "AFTERSALES_TEMPORAL": platform.found.temporal,
        "AFTERSALES_SANDBOX_URL": platform.found.sandbox,
        "AFTERSALES_STRIPE_API_BASE": "http://127.0.0.1:1",
    }
    assert {"M02", "M03", "M04"} <= not_made(aftersales("check", "--json", **elsewhere))
    said = aftersales("reconcile", **elsewhere)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "this platform's gateway is" in said.err


def test_the_lists_are_read_by_a_schedule_that_is_no_case(platform: Live) -> None:
    async def scheduled() -> tuple[int, list[str]]:
        client = await Client.connect(platform.found.temporal)
        described = await client.get_schedule_handle("reconcile").describe()
        ran = [each.id async for each in client.list_workflows("TaskQueue = 'aftersales'")]
        return described.info.num_actions, [name for name in ran if name.startswith("reconcile")]

    actions, among_cases = anyio.run(scheduled)
    assert actions >= 1
    assert among_cases == []
    read = "select count(*) from gateway_readings"
    with platform.database.begin() as session:
        count = eventually(lambda: session.connection().exec_driver_sql(read).scalar_one() == 2)
    assert count
