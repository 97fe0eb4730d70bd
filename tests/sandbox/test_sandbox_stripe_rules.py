"""Does the sandbox keep Stripe's rules: idempotency keys, errors, lists, and faults on order?"""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.sandbox_process import Row, Sandbox, eventually


@pytest.fixture
def charge(sandbox: Sandbox) -> str:
    return sandbox.charge("order-1", 1000)


def error_of(answer: requests.Response) -> tuple[int, str | None, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["type"], error.get("code")


def test_other_parameters_under_a_used_key_are_an_error(sandbox: Sandbox, charge: str) -> None:
    sandbox.post("/v1/refunds", {"charge": charge, "amount": 1}, key="key-1")
    answer = sandbox.post("/v1/refunds", {"charge": charge, "amount": 2}, key="key-1")
    assert error_of(answer) == (400, "idempotency_error", None)
    assert len(sandbox.refunds(charge)) == 1


@pytest.mark.parametrize(
    ("currency", "passes", "refused", "why"),
    [
        ("isk", 100_000, 1050, "invalid_charge_amount_no_decimal_compatible"),
        ("ugx", 500, 5, "invalid_charge_amount_no_decimal_compatible"),
        ("kwd", 3330, 3333, None),
        ("bhd", 10, 1, None),
    ],
)
def test_it_refuses_the_amounts_that_stripe_does(
    sandbox: Sandbox, currency: str, passes: int, refused: int, why: str | None
) -> None:
    form = {"currency": currency, "source": "tok_visa"}
    made = sandbox.post("/v1/charges", form | {"amount": passes * 10}).json()
    assert made["amount"] == passes * 10
    for path, more in (
        ("/v1/charges", form),
        ("/v1/refunds", {"charge": made["id"]}),
        ("/v1/transfers", {"currency": currency, "destination": "card"}),
    ):
        answer = sandbox.post(path, more | {"amount": refused})
        assert error_of(answer) == (400, "invalid_request_error", why), path
        assert answer.json()["error"]["param"] == "amount"
        assert sandbox.post(path, more | {"amount": passes}).status_code == 200


@pytest.mark.parametrize("currency", ["clf", "iqd", "lyd", "uyi", "uyw"])
def test_it_refuses_the_currencies_that_stripe_does_not_offer(
    sandbox: Sandbox, currency: str
) -> None:
    form = {"currency": currency, "source": "tok_visa", "amount": 1000}
    assert sandbox.post("/v1/charges", form).status_code == 400


def test_a_key_belongs_to_one_endpoint(sandbox: Sandbox, charge: str) -> None:
    form = {"amount": 1, "currency": "gbp", "source": "tok_visa", "charge": charge}
    assert sandbox.post("/v1/charges", form, key="key-1").status_code == 200
    assert error_of(sandbox.post("/v1/refunds", form, key="key-1"))[1] == "idempotency_error"


def test_a_key_too_long_is_refused_and_executes_nothing(sandbox: Sandbox, charge: str) -> None:
    form = {"charge": charge, "amount": 1}
    answer = sandbox.post("/v1/refunds", form, key="k" * 256)
    assert error_of(answer) == (400, "invalid_request_error", None)
    assert sandbox.refunds(charge) == []
    assert sandbox.post("/v1/refunds", form, key="k" * 255).status_code == 200


def test_a_key_still_in_flight_is_a_conflict(sandbox: Sandbox, charge: str) -> None:
    sandbox.fault("hang_before", seconds=60)
    form = {"charge": charge, "amount": 1}
    with ThreadPoolExecutor(1) as threads:
        hanging = threads.submit(sandbox.post, "/v1/refunds", form, "key-1")
        faults = f"{sandbox.url}/_sandbox/faults"
        eventually(lambda: requests.get(faults, timeout=5).json() == [])
        answer = sandbox.post("/v1/refunds", form, key="key-1")
        assert error_of(answer) == (409, "idempotency_error", "idempotency_key_in_use")
        assert sandbox.post("/v1/refunds", form, key="key-2").status_code == 200
        sandbox.kill()
        assert isinstance(hanging.exception(), requests.ConnectionError)
    sandbox.restart()
    assert sandbox.post("/v1/refunds", form, key="key-1").status_code == 200


def test_a_refusal_is_saved_with_its_key(sandbox: Sandbox, charge: str) -> None:
    sandbox.fault("pending_then_failed", seconds=1)
    sandbox.post("/v1/refunds", {"charge": charge}, key="key-1")
    refused = sandbox.post("/v1/refunds", {"charge": charge}, key="key-2")
    assert error_of(refused) == (400, "invalid_request_error", "charge_already_refunded")
    eventually(lambda: sandbox.refunds(charge)[0]["status"] == "failed")
    assert sandbox.post("/v1/refunds", {"charge": charge}, key="key-2").content == refused.content


@pytest.mark.parametrize("amount", ["0", "-1", "1.5", "ten", ""])
def test_a_malformed_request_does_not_use_up_its_key(
    sandbox: Sandbox, charge: str, amount: str
) -> None:
    bad = sandbox.post("/v1/refunds", {"charge": charge, "amount": amount}, key="key-1")
    assert bad.status_code == 400
    good = sandbox.post("/v1/refunds", {"charge": charge, "amount": 1}, key="key-1")
    assert good.status_code == 200


def test_without_an_amount_the_rest_is_refunded(sandbox: Sandbox, charge: str) -> None:
    sandbox.post("/v1/refunds", {"charge": charge, "amount": 300})
    assert sandbox.post("/v1/refunds", {"charge": charge}).json()["amount"] == 700
    shown = requests.get(f"{sandbox.url}/v1/charges/{charge}", timeout=10).json()
    assert (shown["amount_refunded"], shown["refunded"]) == (1000, True)


@pytest.mark.parametrize(
    "path", ["/v1/charges/ch_x", "/v1/refunds/re_x", "/v1/transfers/tr_x", "/v1/payment_intents/p"]
)
def test_what_does_not_exist_is_missing(sandbox: Sandbox, path: str) -> None:
    answer = requests.get(sandbox.url + path, timeout=10)
    assert error_of(answer) == (404, "invalid_request_error", "resource_missing")


def test_a_list_comes_in_pages_newest_first(sandbox: Sandbox, charge: str) -> None:
    made = [sandbox.post("/v1/refunds", {"charge": charge, "amount": 1}).json() for _ in range(5)]
    query: dict[str, str] = {"charge": charge, "limit": "2"}
    seen: list[Row] = []
    while True:
        page = requests.get(f"{sandbox.url}/v1/refunds", params=query, timeout=10).json()
        seen += page["data"]
        if not page["has_more"]:
            break
        query["starting_after"] = seen[-1]["id"]
    assert seen == made[::-1]


def test_a_fault_lasts_as_many_requests_as_ordered(sandbox: Sandbox, charge: str) -> None:
    sandbox.fault("error_before", times=2)
    form = {"charge": charge, "amount": 1}
    statuses = [sandbox.post("/v1/refunds", form).status_code for _ in range(3)]
    assert statuses == [500, 500, 200]


def test_a_fault_meets_only_the_order_it_names(sandbox: Sandbox, charge: str) -> None:
    other = sandbox.charge("order-2", 1000)
    sandbox.fault("decline", match={"order_id": "order-2"})
    assert sandbox.post("/v1/refunds", {"charge": charge, "amount": 1}).status_code == 200
    assert sandbox.post("/v1/refunds", {"charge": other, "amount": 1}).status_code == 400


def test_faults_are_for_money_moving_out_not_for_charges(sandbox: Sandbox) -> None:
    sandbox.fault("error_before")
    assert sandbox.charge("order-3", 100).startswith("ch_")


def test_a_replay_does_not_use_up_a_fault_of_execution(sandbox: Sandbox, charge: str) -> None:
    form = {"charge": charge, "amount": 1}
    sandbox.post("/v1/refunds", form, key="key-1")
    sandbox.fault("decline")
    assert sandbox.post("/v1/refunds", form, key="key-1").status_code == 200
    assert sandbox.post("/v1/refunds", form, key="key-2").status_code == 400


def test_deleted_faults_are_gone(sandbox: Sandbox, charge: str) -> None:
    sandbox.fault("error_before", times=100)
    sandbox.clear_faults()
    assert sandbox.post("/v1/refunds", {"charge": charge, "amount": 1}).status_code == 200


@pytest.mark.parametrize(
    "order",
    [
        {"party": "nobody", "fault": "decline"},
        {"party": "carrier", "fault": "wrong_amount"},
        {"party": "repair_shop", "fault": "pending_then_failed"},
        {"party": "bank", "fault": "explode"},
        {"party": "bank", "fault": "decline", "times": 0},
        {"party": "bank", "fault": "decline", "operation": "list"},
        {"party": "bank", "fault": "decline", "time": 3},
    ],
)
def test_an_order_for_an_unknown_fault_is_refused(sandbox: Sandbox, order: dict[str, str]) -> None:
    answer = requests.post(f"{sandbox.url}/_sandbox/faults", json=order, timeout=10)
    assert answer.status_code == 422


def test_a_list_of_all_refunds_is_bounded_by_when_they_were_made(
    sandbox: Sandbox, charge: str
) -> None:
    made = sandbox.post("/v1/refunds", {"charge": charge, "amount": 1}).json()
    url = f"{sandbox.url}/v1/refunds"
    for bound, found in (
        ({"created[gte]": made["created"]}, [made["id"]]),
        ({"created[gte]": made["created"] + 1}, []),
        ({"created[lt]": made["created"]}, []),
        ({"created[gt]": made["created"] - 1, "created[lte]": made["created"]}, [made["id"]]),
    ):
        listed = requests.get(url, params=bound, timeout=5).json()
        assert [each["id"] for each in listed["data"]] == found
    for bound in ({"created[since]": 1}, {"created[gte]": "yesterday"}):
        assert requests.get(url, params=bound, timeout=5).status_code == 400
