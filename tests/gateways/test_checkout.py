"""Is a buyer billed once, and do we believe of a bill only what is true?"""

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from gateways.checkout import LONGEST, Bill, BillAnswer, BillState, StripeCheckout
from gateways.testimony import Verdict
from tests.gateways.servers import saying
from tests.sandbox_process import API_KEY, Row, Sandbox, eventually

RETURN_URL = "https://shop.example/paid"


@pytest.fixture
def bill() -> Bill:
    return Bill(
        key=f"as1-{uuid.uuid4()}",
        case_id=str(uuid.uuid4()),
        order_id=f"order-{uuid.uuid4().hex[:8]}",
        amount=1530,
        currency="GBP",
        expires_at=datetime.now(UTC) + timedelta(hours=23),
        what="exchange difference",
    )


@pytest.fixture
def checkout(sandbox: Sandbox) -> StripeCheckout:
    return StripeCheckout(sandbox.url, API_KEY, RETURN_URL)


def opened(sandbox: Sandbox, bill: Bill) -> list[Row]:
    return [row for row in sandbox.book()["checkouts"] if row["key"] == bill.key]


def reference_of(answer: BillAnswer) -> str:
    assert answer.reference, answer
    return answer.reference


def pay(answer: BillAnswer) -> None:
    assert answer.url, answer
    requests.post(answer.url, timeout=10).raise_for_status()


def test_a_bill_is_opened_with_an_address_to_pay_it_at(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill
) -> None:
    said = checkout.open(bill)
    (row,) = opened(sandbox, bill)
    assert (said.verdict, said.state, said.reference) == (
        Verdict.SUCCEEDED,
        BillState.OPEN,
        row["id"],
    )
    assert said.url
    assert said.payment is None
    assert (row["amount"], row["currency"], row["status"]) == (1530, "gbp", "open")


@pytest.mark.parametrize(
    ("currency", "owed", "unit_amount"), [("ISK", 1000, 100_000), ("MGA", 20_000, 200)]
)
def test_a_bill_is_opened_and_recognised_in_the_units_that_stripe_counts_in(
    checkout: StripeCheckout,
    sandbox: Sandbox,
    bill: Bill,
    currency: str,
    owed: int,
    unit_amount: int,
) -> None:
    said = checkout.open(replace(bill, currency=currency, amount=owed))
    assert said.state is BillState.OPEN
    assert [row["amount"] for row in opened(sandbox, bill)] == [unit_amount]
    odd = checkout.open(replace(bill, currency="KWD", amount=3333))
    assert (odd.verdict, odd.code) == (Verdict.FAILED, "amount_not_expressible")


def test_only_three_names_leave_the_house(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill
) -> None:
    checkout.open(bill)
    (row,) = opened(sandbox, bill)
    assert row["metadata"] == {
        "order_id": bill.order_id,
        "case_id": bill.case_id,
        "key": bill.key,
    }


def test_the_same_bill_again_is_the_same_session(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill
) -> None:
    assert checkout.open(bill) == checkout.open(bill)
    assert len(opened(sandbox, bill)) == 1


def test_a_bill_is_found_by_its_key_and_by_its_reference(
    checkout: StripeCheckout, bill: Bill
) -> None:
    assert checkout.ask(bill, None).verdict is Verdict.NOT_FOUND
    said = checkout.open(bill)
    assert checkout.ask(bill, None) == said
    assert checkout.ask(bill, said.reference) == said


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("error_after", "api_error"),
        ("reset_after", "connection_lost"),
        ("garbage", "http_200"),
        ("wrong_amount", "echo_mismatch"),
        ("hang_after", "timeout"),
    ],
)
def test_a_bill_whose_answer_was_lost_is_found_and_never_opened_twice(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill, fault: str, code: str
) -> None:
    sandbox.fault(fault, match={"order_id": bill.order_id})
    said = checkout.open(bill)
    assert (said.verdict, said.code, said.state) == (Verdict.AMBIGUOUS, code, None)
    found = checkout.ask(bill, None)
    assert (found.verdict, found.state) == (Verdict.SUCCEEDED, BillState.OPEN)
    assert checkout.open(bill) == found
    assert len(opened(sandbox, bill)) == 1


def test_a_500_that_sticks_to_the_key_is_only_resolved_by_asking(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill
) -> None:
    sandbox.fault("sticky_500", match={"order_id": bill.order_id})
    assert {checkout.open(bill).verdict for _ in range(3)} == {Verdict.AMBIGUOUS}
    assert checkout.ask(bill, None).state is BillState.OPEN
    assert len(opened(sandbox, bill)) == 1


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        ("error_before", Verdict.AMBIGUOUS),
        ("hang_before", Verdict.AMBIGUOUS),
        ("too_many_requests", Verdict.NOT_EXECUTED),
    ],
)
def test_a_bill_that_was_not_opened_is_opened_later_under_its_key(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill, fault: str, verdict: Verdict
) -> None:
    sandbox.fault(fault, match={"order_id": bill.order_id})
    assert checkout.open(bill).verdict is verdict
    assert opened(sandbox, bill) == []
    assert checkout.ask(bill, None).verdict is Verdict.NOT_FOUND
    eventually(lambda: checkout.open(bill).state is BillState.OPEN)
    assert len(opened(sandbox, bill)) == 1


def test_a_refused_bill_is_a_refusal_and_the_book_has_nothing_of_it(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill
) -> None:
    sandbox.fault("decline", match={"order_id": bill.order_id})
    said = checkout.open(bill)
    assert (said.verdict, said.code) == (Verdict.REFUSED, "amount_too_small")
    assert checkout.open(bill) == said
    assert checkout.ask(bill, None).verdict is Verdict.NOT_FOUND
    assert opened(sandbox, bill) == []


@pytest.mark.parametrize("ahead", [LONGEST + timedelta(minutes=1), timedelta(minutes=-1)])
def test_a_bill_that_would_live_too_long_or_not_at_all_fails(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill, ahead: timedelta
) -> None:
    said = checkout.open(replace(bill, expires_at=datetime.now(UTC) + ahead))
    assert (said.verdict, said.code) == (Verdict.FAILED, "expires_at_refused")
    assert opened(sandbox, bill) == []


def test_a_paid_bill_names_the_payment_that_can_be_refunded(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill
) -> None:
    said = checkout.open(bill)
    pay(said)
    paid = checkout.ask(bill, said.reference)
    assert (paid.verdict, paid.state, paid.url) == (Verdict.SUCCEEDED, BillState.PAID, None)
    assert checkout.ask(bill, None) == paid
    refund = sandbox.post("/v1/refunds", {"payment_intent": paid.payment})
    assert refund.json()["amount"] == bill.amount


def test_a_bill_that_nobody_pays_expires(checkout: StripeCheckout, bill: Bill) -> None:
    short = replace(bill, expires_at=datetime.now(UTC) + timedelta(seconds=2))
    said = checkout.open(short)
    assert said.state is BillState.OPEN
    eventually(lambda: checkout.ask(short, said.reference).state is BillState.EXPIRED)
    assert checkout.ask(short, None).state is BillState.EXPIRED


def test_a_bill_that_we_expire_cannot_be_paid(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill
) -> None:
    said = checkout.open(bill)
    expired = checkout.expire(bill, reference_of(said))
    assert (expired.verdict, expired.state, expired.url) == (
        Verdict.SUCCEEDED,
        BillState.EXPIRED,
        None,
    )
    assert said.url
    assert requests.post(said.url, timeout=10).status_code == 400
    assert checkout.ask(bill, said.reference) == expired
    assert opened(sandbox, bill)[0]["charge"] is None


def test_to_expire_a_paid_bill_is_resolved_by_asking(checkout: StripeCheckout, bill: Bill) -> None:
    said = checkout.open(bill)
    pay(said)
    assert checkout.expire(bill, reference_of(said)).verdict is Verdict.AMBIGUOUS
    assert checkout.ask(bill, said.reference).state is BillState.PAID


def test_an_expiry_whose_answer_was_lost_is_resolved_by_asking(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill
) -> None:
    said = checkout.open(bill)
    sandbox.fault("reset_after", match={"order_id": bill.order_id})
    assert checkout.expire(bill, reference_of(said)).verdict is Verdict.AMBIGUOUS
    assert checkout.ask(bill, said.reference).state is BillState.EXPIRED


def test_a_session_that_the_gateway_has_forgotten_is_ambiguous(
    checkout: StripeCheckout, bill: Bill
) -> None:
    for said in (checkout.ask(bill, "cs_forgotten"), checkout.expire(bill, "cs_forgotten")):
        assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "resource_missing")


def test_the_session_of_another_bill_is_never_taken_for_ours(
    checkout: StripeCheckout, bill: Bill
) -> None:
    said = checkout.open(bill)
    for other in (
        replace(bill, amount=1531),
        replace(bill, currency="USD"),
        replace(bill, order_id="order-of-another"),
        replace(bill, case_id="case-of-another"),
        replace(bill, key="as1-another"),
    ):
        answer = checkout.ask(other, said.reference)
        assert (answer.verdict, answer.code) == (Verdict.AMBIGUOUS, "echo_mismatch")


def test_a_bill_found_twice_is_ambiguous(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill
) -> None:
    checkout.open(bill)
    (row,) = opened(sandbox, bill)
    form = {f"metadata[{name}]": value for name, value in row["metadata"].items()} | {
        "mode": "payment",
        "success_url": RETURN_URL,
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "gbp",
        "line_items[0][price_data][unit_amount]": "1530",
    }
    assert sandbox.post("/v1/checkout/sessions", form).status_code == 200
    said = checkout.ask(bill, None)
    assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "found_twice")


def test_asking_turns_the_pages_of_a_busy_shop(checkout: StripeCheckout, bill: Bill) -> None:
    said = checkout.open(bill)
    for number in range(101):
        checkout.open(replace(bill, key=f"{bill.key}-{number}"))
    assert checkout.ask(bill, None) == said


@pytest.mark.parametrize("fault", ["error_before", "garbage", "wrong_amount", "too_many_requests"])
@pytest.mark.parametrize("operation", ["retrieve", "list"])
def test_a_question_that_goes_wrong_says_nothing_of_the_bill(
    checkout: StripeCheckout, sandbox: Sandbox, bill: Bill, fault: str, operation: str
) -> None:
    said = checkout.open(bill)
    reference = said.reference if operation == "retrieve" else None
    sandbox.fault(fault, operation=operation)
    assert checkout.ask(bill, reference).verdict is Verdict.AMBIGUOUS
    assert checkout.ask(bill, reference) == said


def test_without_a_connection_nothing_was_opened(bill: Bill) -> None:
    # Port 1 of loopback: nobody listens there.
    checkout = StripeCheckout("http://127.0.0.1:1", API_KEY, RETURN_URL)
    assert checkout.open(bill).verdict is Verdict.NOT_EXECUTED
    assert checkout.ask(bill, None).verdict is Verdict.AMBIGUOUS


def session(bill: Bill, **fields: object) -> bytes:
    """An open session for `bill`, with other `fields`."""
    names = {"order_id": bill.order_id, "case_id": bill.case_id, "key": bill.key}
    shape = {
        "object": "checkout.session",
        "id": "cs_1",
        "amount_total": bill.amount,
        "currency": "gbp",
        "metadata": names,
        "payment_intent": None,
        "payment_status": "unpaid",
        "status": "open",
        "url": "https://checkout.example/cs_1",
    }
    return json.dumps(shape | fields).encode()


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, BillState.OPEN),
        (
            {"status": "complete", "payment_status": "paid", "payment_intent": "pi_1"},
            BillState.PAID,
        ),
        ({"status": "expired", "url": None}, BillState.EXPIRED),
    ],
)
def test_a_session_that_is_ours_is_worth_what_its_status_says(
    bill: Bill, fields: dict[str, object], state: BillState
) -> None:
    with saying(200, session(bill, **fields)) as (url, _):
        said = StripeCheckout(url, API_KEY, RETURN_URL).ask(bill, "cs_1")
    assert (said.verdict, said.state, said.reference) == (Verdict.SUCCEEDED, state, "cs_1")


STRANGE: list[Callable[[Bill], bytes]] = [
    lambda bill: b"",
    lambda bill: b"null",
    lambda bill: b"[]",
    lambda bill: b'"cs_1"',
    lambda bill: b"{}",
    lambda bill: b"\xff\xfe",
    lambda bill: b'{"object": "list", "data": null, "has_more": false}',
    lambda bill: b'{"object": "list", "data": [], "has_more": true}',
    lambda bill: session(bill, id=None),
    lambda bill: session(bill, amount_total=None),
    lambda bill: session(bill, amount_total=bill.amount + 1),
    lambda bill: session(bill, metadata=None),
    lambda bill: session(bill, metadata="gone"),
    lambda bill: session(bill, url=None),
    lambda bill: session(bill, status=None),
    lambda bill: session(bill, status="frozen"),
    lambda bill: session(bill, payment_status="paid"),
    lambda bill: session(bill, status="complete", payment_status="paid"),
    lambda bill: session(bill, status="complete", payment_intent="pi_1"),
    lambda bill: session(bill, status="expired", payment_status="paid", payment_intent="pi_1"),
]


@pytest.mark.parametrize("answer", STRANGE)
def test_whatever_is_not_listed_is_ambiguous(bill: Bill, answer: Callable[[Bill], bytes]) -> None:
    with saying(200, answer(bill)) as (url, paths):
        checkout = StripeCheckout(url, API_KEY, RETURN_URL)
        for said in (
            checkout.open(bill),
            checkout.ask(bill, None),
            checkout.ask(bill, "cs_1"),
            checkout.expire(bill, "cs_1"),
        ):
            assert (said.verdict, said.state) == (Verdict.AMBIGUOUS, None)
        assert len(paths) == 4


@pytest.mark.parametrize("status", [400, 404, 409, 500, 503])
def test_an_error_that_cannot_be_read_is_worth_its_status(bill: Bill, status: int) -> None:
    with saying(status, b"<html>Something</html>") as (url, paths):
        checkout = StripeCheckout(url, API_KEY, RETURN_URL)
        answers = [checkout.open(bill), checkout.ask(bill, None), checkout.expire(bill, "cs_1")]
        refused = status in (400, 404)
        assert answers[0].verdict is (Verdict.REFUSED if refused else Verdict.AMBIGUOUS)
        assert {said.verdict for said in answers[1:]} == {Verdict.AMBIGUOUS}
        assert len(paths) == 3
