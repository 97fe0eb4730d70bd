"""Do the sandbox's Checkout Sessions keep Stripe's rules, and end only once?"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.sandbox.receiver import Shop
from tests.sandbox_process import Row, Sandbox, eventually, running_sandbox

SESSIONS = "/v1/checkout/sessions"
DAY_SECONDS = 24 * 60 * 60
FORM = {
    "mode": "payment",
    "success_url": "https://shop.example/paid",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "gbp",
    "line_items[0][price_data][unit_amount]": "1530",
    "line_items[0][price_data][product_data][name]": "exchange difference",
    "metadata[order_id]": "order-1",
    "metadata[key]": "key-1",
}


def opened(sandbox: Sandbox, key: str = "key-1", **changes: object) -> Row:
    answer = sandbox.post(SESSIONS, FORM | changes, key=key)
    assert answer.status_code == 200, answer.text
    session: Row = answer.json()
    return session


def pay(sandbox: Sandbox, session: Row) -> requests.Response:
    return sandbox.post(f"/_sandbox/checkout/{session['id']}/pay", {})


def expire(sandbox: Sandbox, session: Row) -> requests.Response:
    return sandbox.post(f"{SESSIONS}/{session['id']}/expire", {})


def listed(sandbox: Sandbox, **query: object) -> list[str]:
    params = {name: str(value) for name, value in query.items()}
    page = requests.get(sandbox.url + SESSIONS, params=params, timeout=10).json()
    return [session["id"] for session in page["data"]]


def soon() -> int:
    return int(time.time()) + 2


def test_a_session_is_in_the_book_once_per_key(sandbox: Sandbox) -> None:
    first, again = opened(sandbox), opened(sandbox)
    assert first == again
    (row,) = sandbox.book()["checkouts"]
    assert row | {"created": 0, "expires_at": 0} == {
        "id": first["id"],
        "key": "key-1",
        "amount": 1530,
        "currency": "gbp",
        "status": "open",
        "charge": None,
        "metadata": {"order_id": "order-1", "key": "key-1"},
        "created": 0,
        "expires_at": 0,
    }


def test_a_session_asks_for_the_sum_of_its_line_items(sandbox: Sandbox) -> None:
    second = {
        "line_items[1][quantity]": "3",
        "line_items[1][price_data][currency]": "gbp",
        "line_items[1][price_data][unit_amount]": "100",
    }
    assert opened(sandbox, **second)["amount_total"] == 1830


@pytest.mark.parametrize(
    "name",
    [
        "mode",
        "success_url",
        "line_items[0][quantity]",
        "line_items[0][price_data][currency]",
        "line_items[0][price_data][unit_amount]",
    ],
)
def test_a_session_without_what_it_needs_is_refused(sandbox: Sandbox, name: str) -> None:
    form = {each: value for each, value in FORM.items() if each != name}
    answer = sandbox.post(SESSIONS, form, key="key-1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "parameter_missing")
    assert opened(sandbox)["status"] == "open"


def test_a_session_lives_a_day_at_most_and_by_default(sandbox: Sandbox) -> None:
    session = opened(sandbox)
    assert session["expires_at"] == session["created"] + DAY_SECONDS
    form = FORM | {"expires_at": int(time.time()) + DAY_SECONDS + 60}
    error = sandbox.post(SESSIONS, form).json()["error"]
    assert (error["param"], "code" in error) == ("expires_at", False)


def test_a_paid_session_is_a_charge_that_can_be_refunded(sandbox: Sandbox) -> None:
    session = opened(sandbox)
    paid = pay(sandbox, session).json()
    (charge,) = sandbox.book()["charges"]
    assert (charge["amount"], charge["metadata"]) == (1530, session["metadata"])
    assert (paid["status"], paid["payment_status"], paid["url"]) == ("complete", "paid", None)
    (row,) = sandbox.book()["checkouts"]
    assert (row["status"], row["charge"]) == ("complete", charge["id"])
    refund = sandbox.post("/v1/refunds", {"payment_intent": paid["payment_intent"]})
    assert refund.json()["charge"] == charge["id"]


def test_a_session_is_paid_once_however_often_the_buyer_tries(sandbox: Sandbox) -> None:
    session = opened(sandbox)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: pay(sandbox, session).status_code, range(8)))
    assert sorted(answers) == [200] + 7 * [400]
    assert len(sandbox.book()["charges"]) == 1


def test_a_session_that_the_shop_expired_cannot_be_paid_or_expired_again(
    sandbox: Sandbox,
) -> None:
    session = opened(sandbox)
    assert expire(sandbox, session).json()["status"] == "expired"
    assert pay(sandbox, session).status_code == 400
    assert expire(sandbox, session).status_code == 400
    assert sandbox.book()["charges"] == []


def test_a_paid_session_cannot_be_expired(sandbox: Sandbox) -> None:
    session = opened(sandbox)
    pay(sandbox, session)
    assert expire(sandbox, session).status_code == 400
    assert sandbox.book()["checkouts"][0]["status"] == "complete"


def test_a_session_that_time_expired_cannot_be_paid(sandbox: Sandbox) -> None:
    session = opened(sandbox, expires_at=soon())
    eventually(lambda: sandbox.book()["checkouts"][0]["status"] == "expired")
    assert pay(sandbox, session).status_code == 400
    assert sandbox.book()["charges"] == []


def test_a_session_expires_though_the_process_was_killed_meanwhile(sandbox: Sandbox) -> None:
    opened(sandbox, expires_at=soon())
    sandbox.kill()
    sandbox.restart()
    eventually(lambda: sandbox.book()["checkouts"][0]["status"] == "expired")


def test_time_does_not_expire_what_was_paid(sandbox: Sandbox) -> None:
    paid = opened(sandbox, "key-1", expires_at=soon())
    pay(sandbox, paid)
    later = opened(sandbox, "key-2", expires_at=paid["expires_at"])
    rows = eventually(
        lambda: (
            {row["id"]: row["status"] for row in sandbox.book()["checkouts"]}
            if "expired" in {row["status"] for row in sandbox.book()["checkouts"]}
            else None
        )
    )
    assert rows == {paid["id"]: "complete", later["id"]: "expired"}


def test_sessions_survive_kill_9(sandbox: Sandbox) -> None:
    pay(sandbox, opened(sandbox, "key-1"))
    expire(sandbox, opened(sandbox, "key-2"))
    opened(sandbox, "key-3")
    before = sandbox.book()
    sandbox.kill()
    sandbox.restart()
    assert sandbox.book() == before
    assert [row["status"] for row in before["checkouts"]] == ["complete", "expired", "open"]


def test_sessions_are_listed_newest_first_by_status_and_by_time(sandbox: Sandbox) -> None:
    first, second = (opened(sandbox, key) for key in ("key-1", "key-2"))
    expire(sandbox, first)
    assert listed(sandbox) == [second["id"], first["id"]]
    assert listed(sandbox, status="expired") == [first["id"]]
    assert listed(sandbox, **{"created[gte]": first["created"]}) == listed(sandbox)
    assert listed(sandbox, **{"created[gt]": second["created"]}) == []
    assert listed(sandbox, **{"created[lt]": first["created"]}) == []


def test_a_session_is_not_found_by_its_metadata(sandbox: Sandbox) -> None:
    session = opened(sandbox)
    assert listed(sandbox, **{"metadata[key]": "another"}) == [session["id"]]


def test_a_session_that_does_not_exist_is_missing(sandbox: Sandbox) -> None:
    nobody = {"id": "cs_of_nobody"}
    retrieved = requests.get(f"{sandbox.url}{SESSIONS}/cs_of_nobody", timeout=10)
    for answer in (retrieved, expire(sandbox, nobody), pay(sandbox, nobody)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "resource_missing")


def test_a_fault_meets_the_sessions_of_the_order_it_names(sandbox: Sandbox) -> None:
    sandbox.fault("error_before", match={"order_id": "order-2"})
    opened(sandbox)
    other = FORM | {"metadata[order_id]": "order-2"}
    assert sandbox.post(SESSIONS, other).status_code == 500
    assert len(sandbox.book()["checkouts"]) == 1


def test_no_fault_keeps_the_buyer_from_paying(sandbox: Sandbox) -> None:
    session = opened(sandbox)
    sandbox.fault("error_before")
    assert pay(sandbox, session).status_code == 200


@pytest.fixture
def telling(tmp_path: Path, shop: Shop) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path / "told", shop.url) as sandbox:
        yield sandbox


def test_the_shop_is_told_of_payment_and_of_either_expiry_once(
    telling: Sandbox, shop: Shop
) -> None:
    paid = opened(telling, "key-1", expires_at=soon())
    pay(telling, paid)
    by_shop = opened(telling, "key-2", expires_at=soon())
    expire(telling, by_shop)
    by_time = opened(telling, "key-3", expires_at=soon())
    eventually(lambda: len(shop.taken) == 3)
    told = {event.data.object["id"]: event.type for event in shop.taken}
    assert told == {
        paid["id"]: "checkout.session.completed",
        by_shop["id"]: "checkout.session.expired",
        by_time["id"]: "checkout.session.expired",
    }
    completed = next(each for each in shop.taken if each.type.endswith("completed"))
    assert completed.data.object["metadata"]["key"] == "key-1"
    assert completed.data.object["payment_intent"].startswith("pi_")
