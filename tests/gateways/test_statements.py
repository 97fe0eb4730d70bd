"""Is a gateway's own list read whole, page by page, or not at all?"""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gateways import statements
from gateways.bank import BankTransfers
from gateways.payments import StripeRefunds
from gateways.statements import RefundStatement, TransferStatement, Unlisted
from tests.gateways.servers import instruction_for, saying
from tests.sandbox_process import API_KEY, Sandbox

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements.time, "sleep", lambda _: None)


def test_all_pages_are_read_newest_first(sandbox: Sandbox) -> None:
    charge = sandbox.charge("many", 1000)
    made = [
        sandbox.post("/v1/refunds", {"charge": charge, "amount": 1}).json()["id"]
        for _ in range(205)
    ]
    pages = list(RefundStatement(sandbox.url, API_KEY).pages(LONG_AGO))
    ids = [row.refund_id for page in pages for row in page]
    assert [each for each in ids if each in made] == made[::-1]
    assert len(pages) >= 3
    assert all(len(page) <= 100 for page in pages)


def test_only_what_was_made_since_is_read(sandbox: Sandbox) -> None:
    charge = sandbox.charge("since", 1000)
    sandbox.post("/v1/refunds", {"charge": charge, "amount": 1})
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert list(RefundStatement(sandbox.url, API_KEY).pages(later)) == [[]]


def test_a_refund_and_a_transfer_of_ours_are_read_with_their_names(sandbox: Sandbox) -> None:
    refund = instruction_for("o-1", sandbox.charge("o-1", 1000), 700)
    StripeRefunds(sandbox.url, API_KEY).send(refund)
    transfer = instruction_for("o-2", "ch_none", 900)
    BankTransfers(sandbox.url, API_KEY).send(transfer)
    for statement, sent in (
        (RefundStatement(sandbox.url, API_KEY), refund),
        (TransferStatement(sandbox.url, API_KEY), transfer),
    ):
        newest = next(statement.pages(LONG_AGO))[0]
        named = (newest.key, newest.order_id, newest.case_id, newest.payout_id)
        assert named == (sent.key, sent.order_id, UUID(sent.case_id), UUID(sent.payout_id))
        assert (newest.amount, newest.currency) == (sent.amount, "GBP")
        assert (newest.way, newest.status) == (statement.way, "succeeded")
        assert statement.one(newest.refund_id) == newest


def test_what_others_wrote_into_metadata_is_not_kept(sandbox: Sandbox) -> None:
    charge = sandbox.charge("o-3", 1000)
    form = {"charge": charge, "amount": 1, "metadata[order_id]": "A. Buyer, 4111111111111111"}
    sandbox.post("/v1/refunds", form | {"metadata[case_id]": "x", "metadata[key]": "a b"})
    newest = next(RefundStatement(sandbox.url, API_KEY).pages(LONG_AGO))[0]
    assert (newest.order_id, newest.case_id, newest.key) == (None, None, None)


def test_a_gateway_that_comes_back_meanwhile_is_read_to_the_end(sandbox: Sandbox) -> None:
    sandbox.fault("error_before", operation="list", times=2)
    assert list(RefundStatement(sandbox.url, API_KEY).pages(LONG_AGO))


def test_a_gateway_that_stays_away_is_not_taken_for_empty(sandbox: Sandbox) -> None:
    sandbox.fault("error_before", operation="list", times=4)
    with pytest.raises(Unlisted):
        list(RefundStatement(sandbox.url, API_KEY).pages(LONG_AGO))


PAGE = {"object": "list", "data": [], "has_more": False}


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"<html>It works!</html>", None),
        (200, json.dumps(PAGE | {"has_more": True}).encode(), "a_list_without_an_end"),
        (200, json.dumps(PAGE | {"data": [{"id": "re_1"}]}).encode(), "unreadable"),
        (401, b'{"error": {"type": "invalid_request_error"}}', "key_refused"),
    ],
)
def test_a_list_that_cannot_be_believed_is_not_believed(
    status: int, body: bytes, code: str | None
) -> None:
    with saying(status, body) as (url, _), pytest.raises(Unlisted) as raised:
        list(RefundStatement(url, API_KEY).pages(LONG_AGO))
    assert code is None or str(raised.value) == code


def test_a_key_that_is_refused_is_not_tried_again() -> None:
    refusal = b'{"error": {"type": "invalid_request_error"}}'
    with saying(401, refusal) as (url, asked):
        with pytest.raises(Unlisted):
            list(RefundStatement(url, API_KEY).pages(LONG_AGO))
        assert len(asked) == 1
