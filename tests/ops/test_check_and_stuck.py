"""What does a person learn of a platform that is well, and of one that is not?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from ops.standstill import find_stuck
from ops.target import Target
from store.invariants import CHECKS, Outside
from tests.correspondents import Correspondents, feedback_body
from tests.ops.programs import Running, Said, aftersales
from tests.reviewers import words
from tests.sandbox_process import eventually
from tests.shop import Shop, order_body, request_body


class Counter:
    """A shop at a platform: sells, asks for refunds, and has a lead approve them."""

    def __init__(self, platform: Running, name: str) -> None:
        self.platform = platform
        self.name = name
        self.shop = platform.token("storefront", f"{name}-shop", "--storefront", name)
        self.lead = platform.token("lead", f"{name}-lead")

    def call(self, method: str, path: str, body: Any, token: str, key: str = "") -> Any:
        answer = requests.request(
            method,
            self.platform.found.api + path,
            json=body,
            headers={"Authorization": f"Bearer {token}"}
            | ({"Idempotency-Key": key} if key else {}),
            timeout=30,
        )
        assert answer.ok, answer.text
        return answer.json()

    def sell(self, order_id: str, provider: str = "stripe") -> None:
        payment = "till-1" if provider == "offline" else self.charged(order_id)
        paid = [{"payment": payment, "provider": provider, "captured": 1000}]
        body = order_body((2, 1000), payments=paid)
        self.call("PUT", f"/v1/orders/{order_id}", body, self.shop)

    def charged(self, order_id: str) -> str:
        form = {"amount": 1000, "currency": "gbp", "source": "tok_visa"}
        form |= {"metadata[order_id]": order_id}
        url = f"{self.platform.found.sandbox}/v1/charges"
        return str(requests.post(url, data=form, timeout=10).json()["id"])

    def approved(self, order_id: str) -> str:
        """A case that was approved, on an order sold before."""
        body = request_body((1, 1), order_id=order_id)
        case = self.call("POST", "/v1/cases", body, self.shop, f"{self.name}-{order_id}")
        self.call("POST", f"/v1/cases/{case['case_id']}/approve", {}, self.lead)
        return str(case["case_id"])

    def stage(self, case_id: str) -> str:
        return str(self.call("GET", f"/v1/cases/{case_id}", None, self.shop)["stage"])

    def reaches(self, case_id: str, stage: str) -> None:
        eventually(lambda: self.stage(case_id) == stage, 40)

    def stuck(self) -> dict[str, Any]:
        """What `stuck` says of this shop's cases, reviews and feedback, by their id."""
        items = self.platform.types("stuck", "--json").json["stuck"]
        ours = [item for item in items if item["storefront"] == self.name]
        return {item["case_id"] or item["submission_id"]: item for item in ours}


@pytest.fixture
def counter(platform: Running, request: pytest.FixtureRequest) -> Counter:
    return Counter(platform, f"shop{abs(hash(request.node.name)) % 10**8}")


@pytest.fixture
def declined(counter: Counter) -> str:
    """A case whose payout the gateway declined once."""
    order_id = f"{counter.name}-declined"
    counter.sell(order_id)
    counter.platform.fault("decline", times=1, match={"order_id": order_id})
    case_id = counter.approved(order_id)
    counter.reaches(case_id, "needs_attention")
    return case_id


NOWHERE = Target(
    folder=None,
    database_url=None,
    api="",
    temporal="",
    temporal_ui="",
    sandbox=None,
    stripe=None,
    bank=None,
    carrier=None,
    repair_shop=None,
)
"""A platform that is only its database."""

OF_BOOKS = {check.id for check in CHECKS if check.needs is Outside.BOOK}
"""Checks that compare with what outside parties have written down."""

OF_GATEWAYS = {check.id for check in CHECKS if check.needs is Outside.GATEWAYS}
"""Those that compare with the gateways' own lists."""


def checks(said: Said) -> dict[str, Any]:
    return {check["id"]: check for check in said.json["checks"]}


def test_a_platform_that_works_holds_every_check(counter: Counter) -> None:
    counter.sell(f"{counter.name}-1")
    counter.reaches(counter.approved(f"{counter.name}-1"), "completed")
    review = words(order_id=f"{counter.name}-1", line=1)
    counter.call("POST", "/v1/reviews", review, counter.shop, f"{counter.name}-review")
    counter.call("POST", "/v1/feedback", feedback_body(), counter.shop, f"{counter.name}-word")
    said = counter.platform.types("check", "--json")
    assert {c["id"]: c for c in said.json["checks"] if c["status"] != "holds"} == {}
    assert said.json["ok"] is True
    assert said.code == 0
    assert set(checks(said)["M01"]) >= {"id", "severity", "violations", "rows"}


def test_a_violation_is_shown_with_its_rows_and_exits_1(platform: Running) -> None:
    platform.rows("insert into storefronts values ('broken') on conflict do nothing")
    platform.rows(
        "insert into idempotency_keys (storefront, route, key, fingerprint, status, location,"
        " answer) values ('broken', 'POST /v1/cases', 'lost-case', '', 201, '/v1/cases/1', '')"
    )
    try:
        said, shown = platform.types("check", "--json"), platform.types("check")
    finally:
        platform.rows("delete from idempotency_keys where storefront = 'broken'")
    assert (said.code, said.json["ok"], shown.code) == (1, False, 1)
    assert checks(said)["L01"]["violations"] == 1
    assert checks(said)["L01"]["rows"][0]["key"] == "lost-case"
    assert "lost-case" in shown.out


def test_a_refund_behind_our_back_is_found_on_the_second_look_too(counter: Counter) -> None:
    order_id = f"{counter.name}-behind"
    charge = counter.charged(order_id)
    # Undone by itself once it is seen, so that no later test finds it.
    counter.platform.fault(
        "succeeded_then_reversed", times=1, seconds=60, match={"order_id": order_id}
    )
    url = f"{counter.platform.found.sandbox}/v1/refunds"
    requests.post(url, data={"charge": charge, "amount": 5}, timeout=10).raise_for_status()
    said = counter.platform.types("check", "--json", "--grace", "0")
    assert said.code == 1
    assert charge not in said.out
    assert checks(said)["M04"]["violations"] >= 1


def test_what_cannot_be_asked_is_not_taken_for_well(platform: Running) -> None:
    said = aftersales(
        "check",
        "--json",
        AFTERSALES_DATABASE_URL=platform.found.database,
        AFTERSALES_TEMPORAL="127.0.0.1:1",
        AFTERSALES_SANDBOX_URL="http://127.0.0.1:1",
    )
    assert (said.code, said.json["ok"]) == (2, False)
    unknown = {c["id"] for c in said.json["checks"] if c["status"] == "not_made"}
    assert unknown == {*OF_BOOKS, *OF_GATEWAYS, "L03"}
    assert checks(said)["L03"]["violations"] is None


def test_with_no_database_to_look_at_nothing_is_called_violated() -> None:
    url = "postgresql+psycopg2://user:hidden@127.0.0.1:1/nothing"
    said = aftersales("check", AFTERSALES_DATABASE_URL=url)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert aftersales("check", "--data", "/nonexistent").code == 2


def test_without_a_sandbox_nothing_is_said_of_its_book_and_that_is_no_pass(
    platform: Running,
) -> None:
    platform.types("reconcile")
    said = aftersales(
        "check",
        "--json",
        AFTERSALES_DATABASE_URL=platform.found.database,
        AFTERSALES_TEMPORAL=platform.found.temporal,
    )
    assert (said.code, said.json["ok"]) == (2, False)
    absent = {c["id"] for c in said.json["checks"] if c["status"] == "not_made"}
    assert absent == OF_BOOKS


def test_a_parked_case_is_shown_with_the_command_that_mends_it(
    counter: Counter, declined: str
) -> None:
    item = counter.stuck()[declined]
    assert (item["what"], item["stage"]) == ("parked", "needs_attention")
    assert "charge_disputed" in item["why"]
    words = item["commands"][0].split()
    assert words[:3] == ["aftersales", "resume", declined]
    mended = aftersales(*words[1:])
    assert (mended.code, mended.err) == (0, "")
    counter.reaches(declined, "completed")
    assert counter.stuck() == {}


def test_a_case_nobody_decided_in_time_is_shown_as_overdue(counter: Counter) -> None:
    order_id = f"{counter.name}-late"
    counter.sell(order_id)
    body = request_body((1, 1), order_id=order_id)
    case = counter.call("POST", "/v1/cases", body, counter.shop, order_id)["case_id"]
    counter.platform.rows(
        "update cases set due_at = now() - interval '1 minute' where case_id = %s", case
    )
    item = counter.stuck()[case]
    assert item["what"] == "overdue"
    assert item["commands"][0].startswith("temporal workflow signal")
    assert counter.platform.found.temporal in item["commands"][0]


def test_what_buyers_said_and_nobody_read_in_time_is_shown_as_overdue(counter: Counter) -> None:
    key = f"{counter.name}-word"
    said = counter.call("POST", "/v1/feedback", feedback_body(), counter.shop, key)
    counter.platform.rows(
        "update submissions set due_at = now() - interval '1 minute' where submission_id = %s",
        said["feedback_id"],
    )
    item = counter.stuck()[said["feedback_id"]]
    assert (item["what"], item["kind"], item["stage"]) == ("overdue", "feedback", "awaiting_audit")
    assert "auditor" in item["why"]
    signal, reject = item["commands"]
    assert signal.startswith(f"temporal workflow signal --workflow-id {said['workflow_id']} ")
    assert "--name reject" in reject


def test_what_temporal_was_never_told_is_shown_of_cases_and_feedback_alike(shop: Shop) -> None:
    buyers = Correspondents(shop)
    feedback_id = buyers.writes()
    shop.sell("o1", order_body((2, 1000)))
    case_id = shop.apply(request_body((1, 1))).case_id
    later = datetime.now(UTC) + timedelta(minutes=2)
    with shop.database.snapshot() as session:
        found = find_stuck(session, NOWHERE, later, None)
    assert {(item.case_id or item.submission_id, item.kind, item.what) for item in found} == {
        (str(feedback_id), "feedback", "undelivered"),
        (str(case_id), "refund", "undelivered"),
    }
    assert {command for item in found for command in item.commands} == {
        "docker compose restart worker"
    }


def test_a_payout_in_doubt_is_shown_while_the_gateway_is_asked(counter: Counter) -> None:
    order_id = f"{counter.name}-doubt"
    counter.sell(order_id)
    counter.platform.fault("reset_after", times=1, match={"order_id": order_id})
    counter.platform.fault("error_before", operation="list", times=3, match={"order_id": order_id})
    case_id = counter.approved(order_id)
    item = eventually(lambda: counter.stuck().get(case_id), 20)
    assert (item["what"], item["stage"]) == ("in_doubt", "paying")
    counter.reaches(case_id, "completed")


def test_what_temporal_was_not_told_is_shown(counter: Counter) -> None:
    order_id = f"{counter.name}-told"
    counter.sell(order_id)
    case_id = counter.approved(order_id)
    counter.reaches(case_id, "completed")
    counter.platform.rows(
        "insert into outbox (storefront, case_id, topic, created_at, available_at) values"
        " (%s, %s, 'payout_news', now() - interval '2 minutes', now() + interval '1 hour')",
        counter.name,
        case_id,
    )
    item = counter.stuck()[case_id]
    counter.platform.rows("delete from outbox where delivered_at is null and case_id = %s", case_id)
    assert item["what"] == "undelivered"
    assert "worker.log" in item["commands"][0]


def test_an_offline_payment_is_settled_by_hand(counter: Counter) -> None:
    order_id = f"{counter.name}-till"
    counter.sell(order_id, provider="offline")
    case_id = counter.approved(order_id)
    counter.reaches(case_id, "needs_attention")
    resume = ("resume", case_id, "--action", "settle", "--note", "paid at the till")
    assert "reference" in counter.platform.types(*resume).err
    said = counter.platform.types(*resume, "--reference", "till-9")
    assert (said.code, said.out) == (0, f"{case_id} is completed\n")


def test_a_reroute_is_confirmed_by_a_second_person(counter: Counter, declined: str) -> None:
    card = ("--to", "bank_card", "--card-token", "tok_x", "--last4", "4242")
    reroute = ("resume", declined, "--action", "reroute", "--note", "closed account", *card)
    assert (
        counter.platform.types(*reroute).out
        == f"{declined} is needs_attention, waits for the operator\n"
    )
    alone = counter.platform.types(*reroute)
    assert (alone.code, alone.err.count("\n")) == (1, 1)
    assert "four-eyes" in alone.err
    assert counter.platform.types(*reroute, AFTERSALES_TOKEN=counter.lead).code == 0
    counter.reaches(declined, "completed")
    transfers = counter.platform.book()["transfers"]
    assert [t["status"] for t in transfers if t["metadata"]["case_id"] == declined] == ["succeeded"]


def test_the_operator_of_this_machine_is_kept_for_its_owner_alone(
    counter: Counter, declined: str
) -> None:
    for action in ("retry", "retry"):
        counter.platform.types("resume", declined, "--action", action, "--note", "again")
    kept = counter.platform.data / "operator.token"
    assert kept.stat().st_mode & 0o777 == 0o600
    names = [row["name"] for row in counter.platform.types("tokens", "list", "--json").json]
    assert sum(name.startswith("cli-operator") for name in names) == 1


def test_a_case_that_is_not_parked_is_not_resumed(counter: Counter) -> None:
    order_id = f"{counter.name}-fine"
    counter.sell(order_id)
    case_id = counter.approved(order_id)
    counter.reaches(case_id, "completed")
    said = counter.platform.types("resume", case_id, "--action", "retry", "--note", "why not")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "not-parked" in said.err


def test_without_a_folder_resume_asks_for_a_token(platform: Running) -> None:
    said = aftersales(
        *("resume", "0198c0de-0000-7000-8000-000000000000", "--action", "retry", "--note", "x"),
        AFTERSALES_API_URL=platform.found.api,
    )
    assert said.err == "aftersales: set AFTERSALES_TOKEN to an operator's or a lead's token\n"
