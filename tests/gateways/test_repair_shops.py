"""Is work ordered once, found after a lost answer, and taken back only in time?"""

import json
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateways.repair_shops import HttpRepairShop, WorkOrder
from gateways.testimony import Verdict
from tests.gateways.consignments import work_for
from tests.gateways.test_strange_answers import saying
from tests.sandbox_process import API_KEY, Row, Sandbox, eventually, running_sandbox


@pytest.fixture
def work() -> WorkOrder:
    return work_for(f"order-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def shop(sandbox: Sandbox) -> HttpRepairShop:
    return HttpRepairShop(sandbox.url, API_KEY)


def fault(sandbox: Sandbox, work: WorkOrder, kind: str, **order: Any) -> None:
    sandbox.fault(kind, party="repair_shop", match={"order_id": work.order_id}, **order)


def executed(sandbox: Sandbox, work: WorkOrder) -> list[Row]:
    rows = sandbox.book()["work_orders"]
    return [row for row in rows if row["metadata"]["order_id"] == work.order_id]


def test_ordered_work_is_found_by_its_key_and_stands_in_the_book_once(
    sandbox: Sandbox, shop: HttpRepairShop, work: WorkOrder
) -> None:
    assert shop.find(work).verdict is Verdict.NOT_FOUND
    ordered = shop.order(work)
    assert ordered.verdict is Verdict.SUCCEEDED
    assert shop.order(work) == shop.find(work) == ordered
    (row,) = executed(sandbox, work)
    assert row == {
        "id": ordered.reference,
        "key": work.key,
        "sku": work.sku,
        "serial": work.serial,
        "status": "open",
        "metadata": {"case_id": work.case_id, "order_id": work.order_id},
        "created": row["created"],
    }


def test_a_unit_without_a_serial_is_ordered_for_too(shop: HttpRepairShop, work: WorkOrder) -> None:
    assert shop.order(replace(work, serial=None)).verdict is Verdict.SUCCEEDED


@pytest.mark.parametrize("kind", ["error_after", "reset_after", "garbage", "sticky_500"])
def test_an_answer_lost_after_ordering_is_ambiguous_and_found_by_the_key(
    sandbox: Sandbox, shop: HttpRepairShop, work: WorkOrder, kind: str
) -> None:
    fault(sandbox, work, kind)
    assert shop.order(work).verdict is Verdict.AMBIGUOUS
    assert shop.find(work).verdict is Verdict.SUCCEEDED
    shop.order(work)
    assert len(executed(sandbox, work)) == 1


@pytest.mark.parametrize(("kind", "rows"), [("hang_before", 0), ("hang_after", 1)])
def test_a_shop_that_hangs_is_ambiguous_and_is_ordered_from_once(
    sandbox: Sandbox, shop: HttpRepairShop, work: WorkOrder, kind: str, rows: int
) -> None:
    fault(sandbox, work, kind)
    assert shop.order(work).verdict is Verdict.AMBIGUOUS
    assert len(executed(sandbox, work)) == rows
    eventually(lambda: shop.order(work).verdict is Verdict.SUCCEEDED)
    assert len(executed(sandbox, work)) == 1


@pytest.mark.parametrize(
    ("kind", "verdict", "code"),
    [
        ("error_before", Verdict.AMBIGUOUS, "api_error"),
        ("decline", Verdict.REFUSED, "work_refused"),
        ("too_many_requests", Verdict.NOT_EXECUTED, "rate_limit"),
    ],
)
def test_what_the_shop_did_not_take_is_not_in_the_book(
    sandbox: Sandbox, shop: HttpRepairShop, work: WorkOrder, kind: str, verdict: Verdict, code: str
) -> None:
    fault(sandbox, work, kind)
    said = shop.order(work)
    assert (said.verdict, said.code) == (verdict, code)
    assert executed(sandbox, work) == []


@pytest.mark.parametrize("kind", ["error_before", "garbage", "too_many_requests"])
def test_a_question_that_goes_wrong_says_nothing_of_the_work(
    sandbox: Sandbox, shop: HttpRepairShop, work: WorkOrder, kind: str
) -> None:
    ordered = shop.order(work)
    fault(sandbox, work, kind, operation="list")
    assert shop.find(work).verdict is Verdict.AMBIGUOUS
    assert shop.find(work) == ordered


def test_a_shop_that_is_not_there_executed_nothing(tmp_path: Path, work: WorkOrder) -> None:
    with running_sandbox(tmp_path) as gone:
        gone.kill()
        assert HttpRepairShop(gone.url, API_KEY).order(work).verdict is Verdict.NOT_EXECUTED
        gone.restart()


def test_work_that_is_not_ours_is_never_taken_for_it(shop: HttpRepairShop, work: WorkOrder) -> None:
    shop.order(work)
    for other in (
        replace(work, sku="SKU-2"),
        replace(work, serial="SN-2"),
        replace(work, case_id="another"),
        replace(work, order_id="another"),
    ):
        said = shop.find(other)
        assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "echo_mismatch")


def test_cancelled_work_stays_cancelled_and_is_found_as_such(
    shop: HttpRepairShop, work: WorkOrder
) -> None:
    reference = shop.order(work).reference or ""
    for _ in range(2):
        assert shop.cancel("key-of-cancelling", reference).verdict is Verdict.SUCCEEDED
    found = shop.find(work)
    assert (found.verdict, found.code) == (Verdict.FAILED, "cancelled")


def test_work_that_has_begun_is_not_cancelled(
    sandbox: Sandbox, shop: HttpRepairShop, work: WorkOrder
) -> None:
    ordered = shop.order(work)
    fault(sandbox, work, "decline")
    said = shop.cancel("key-of-cancelling", ordered.reference or "")
    assert (said.verdict, said.code) == (Verdict.FAILED, "work_begun")
    assert shop.find(work) == ordered


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"null"),
        (200, b"{}"),
        (200, b"<html>"),
        (200, b'{"data": [null], "has_more": false}'),
        (200, b'{"data": [], "has_more": true}'),
        (502, b"<html>Bad Gateway</html>"),
    ],
)
def test_whatever_is_not_listed_is_ambiguous(work: WorkOrder, status: int, body: bytes) -> None:
    with saying(status, body) as (url, _):
        shop = HttpRepairShop(url, API_KEY)
        assert shop.order(work).verdict is Verdict.AMBIGUOUS
        assert shop.find(work).verdict is Verdict.AMBIGUOUS
        assert shop.cancel("key-of-cancelling", "wo_1").verdict is Verdict.AMBIGUOUS


@pytest.mark.parametrize("status", [400, 404, 422])
def test_any_other_4xx_is_a_refusal_whatever_its_code(work: WorkOrder, status: int) -> None:
    with saying(status, b'{"error": {"code": "never_heard_of"}}') as (url, _):
        shop = HttpRepairShop(url, API_KEY)
        assert shop.order(work).verdict is Verdict.REFUSED
        assert shop.find(work).verdict is Verdict.AMBIGUOUS
        assert shop.cancel("key-of-cancelling", "wo_1").verdict is Verdict.FAILED


def test_work_in_a_status_nobody_listed_is_ambiguous(work: WorkOrder) -> None:
    names = {"case_id": work.case_id, "order_id": work.order_id}
    order = {"id": "wo_1", "key": work.key, "sku": work.sku, "serial": work.serial}
    body = json.dumps(order | {"status": "lost", "metadata": names}).encode()
    with saying(200, body) as (url, _):
        said = HttpRepairShop(url, API_KEY).order(work)
    assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "unlisted_status")
