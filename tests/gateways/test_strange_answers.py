"""What do our clients make of answers that nobody promised, and of none at all?"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateways.payments import StripeRefunds
from gateways.testimony import PayoutGateway, Verdict
from tests.gateways.servers import CLIENTS, instruction_for, saying
from tests.sandbox_process import API_KEY, Sandbox, running_sandbox


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"null"),
        (200, b"[]"),
        (200, b'"re_1"'),
        (200, b"17"),
        (200, b"{}"),
        (200, b"\xff\xfe"),
        (200, b'{"object": "refund", "id": "re_1", "status": "succeeded"}'),
        (200, b'{"object": "refund", "id": null, "amount": 100, "metadata": null}'),
        (200, b'{"object": "list"}'),
        (200, b'{"object": "list", "data": null, "has_more": false}'),
        (200, b'{"object": "list", "data": [], "has_more": true}'),
        (200, b'{"object": "list", "data": [null], "has_more": false}'),
        (200, b'{"object": "list", "data": [{"object": "refund", "metadata": "gone"}]}'),
        (409, b'{"error": {"type": "invalid_request_error", "code": "never_heard_of"}}'),
        (502, b"<html>Bad Gateway</html>"),
        (503, b'{"error": {"type": "api_error"}}'),
    ],
)
def test_whatever_is_not_listed_is_ambiguous(
    client: Callable[[str, str], PayoutGateway], status: int, body: bytes
) -> None:
    with saying(status, body) as (url, paths):
        gateway = client(url, API_KEY)
        instruction = instruction_for("order-x", "ch_1", 100)
        for said in (
            gateway.send(instruction),
            gateway.ask(instruction),
            gateway.ask(replace(instruction, reference="re_1")),
        ):
            assert said.verdict is Verdict.AMBIGUOUS
            assert said.code.replace("_", "").isalnum()
            assert "4242" not in said.code
        assert len(paths) == 3


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, b'{"error": null}', "http_400"),
        (400, b'{"error": "invalid_request"}', "http_400"),
        (400, b"", "http_400"),
        (
            400,
            b'{"error": {"type": "invalid_request_error", "code": "card 4242424242424242"}}',
            "invalid_request_error",
        ),
        (
            400,
            b'{"error": {"type": "invalid_request_error", "code": "never_heard_of"}}',
            "never_heard_of",
        ),
        (400, b'{"error": {"type": "invalid_request_error", "param": "amount"}}', None),
        (402, b"<html>Payment Required</html>", "http_402"),
        (402, b'{"error": {"type": "card_error", "code": "card_declined"}}', "card_declined"),
        (404, b"<html>Not Found</html>", "http_404"),
        (404, b'{"error": {"type": "invalid_request_error", "message": "No path"}}', None),
        (410, b"[]", "http_410"),
        (422, b'{"error": {"code": 17}}', "http_422"),
        (451, b'{"error": {"type": "legal", "code": "sanctioned"}}', "sanctioned"),
    ],
)
def test_any_other_4xx_is_a_refusal_with_a_code_that_can_be_read(
    client: Callable[[str, str], PayoutGateway], status: int, body: bytes, code: str | None
) -> None:
    with saying(status, body) as (url, _):
        gateway = client(url, API_KEY)
        instruction = instruction_for("order-x", "ch_1", 100)
        said = gateway.send(instruction)
        assert (said.verdict, said.code) == (Verdict.REFUSED, code or "invalid_request_error")
        asked = gateway.ask(replace(instruction, reference="re_1"))
        assert asked.verdict is Verdict.AMBIGUOUS


def test_a_redirect_is_not_followed() -> None:
    with saying(200, b"{}") as (elsewhere, reached):
        with saying(307, b"", {"Location": f"{elsewhere}/v1/refunds"}) as (url, _):
            said = StripeRefunds(url, API_KEY).send(instruction_for("order-x", "ch_1", 100))
        assert said.verdict is Verdict.AMBIGUOUS
        assert reached == []


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [b'{"error": {"type": "invalid_request_error"}}', b"<html>no"])
def test_a_key_that_is_not_taken_is_no_decline(
    client: Callable[[str, str], PayoutGateway], status: int, body: bytes
) -> None:
    with saying(status, body) as (url, _):
        gateway = client(url, "sk_of_yesterday")
        instruction = instruction_for("o", "ch_1", 100)
        assert gateway.send(instruction).verdict is Verdict.NOT_AUTHORIZED
        asked = gateway.ask(instruction)
        assert (asked.verdict, asked.code) == (Verdict.AMBIGUOUS, "gateway_refuses_to_tell")


def test_the_environment_cannot_put_a_proxy_in_between(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = sandbox.charge("order-p", 100)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    instruction = instruction_for("order-p", charge, 100)
    said = StripeRefunds(sandbox.url, API_KEY).send(instruction)
    assert said.verdict is Verdict.SUCCEEDED


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_without_a_connection_nothing_was_executed(
    client: Callable[[str, str], PayoutGateway],
) -> None:
    instruction = instruction_for("order-x", "ch_1", 100)
    # Port 1 of loopback: nobody listens there.
    gateway = client("http://127.0.0.1:1", API_KEY)
    said = gateway.send(instruction)
    assert (said.verdict, said.code) == (Verdict.NOT_EXECUTED, "no_connection")
    assert gateway.ask(instruction).verdict is Verdict.AMBIGUOUS


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_a_gateway_that_restarts_is_reached_again_by_the_same_client(
    client: Callable[[str, str], PayoutGateway], tmp_path: Path
) -> None:
    with running_sandbox(tmp_path) as sandbox:
        gateway = client(sandbox.url, API_KEY)
        first = instruction_for("order-r", sandbox.charge("order-r", 100), 50)
        second = instruction_for("order-r", first.payment, 50)
        sent = gateway.send(first)
        sandbox.kill()
        assert gateway.send(second).verdict is Verdict.NOT_EXECUTED
        sandbox.restart()
        assert gateway.send(second).verdict is Verdict.SUCCEEDED
        assert gateway.ask(first) == sent
