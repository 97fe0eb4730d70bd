"""Do the sandbox's webhooks reach the shop as Stripe's do: signed, repeated, never in the way?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.receiver import Shop
from tests.sandbox_process import Sandbox, eventually, running_sandbox


@pytest.fixture
def sandbox(tmp_path: Path, shop: Shop) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path / "book", shop.url) as sandbox:
        yield sandbox


def refunded(sandbox: Sandbox) -> str:
    """Refund 400 of a new charge of 1000; the refund's id."""
    form = {"charge": sandbox.charge("order-1", 1000), "amount": 400, "metadata[key]": "key-1"}
    refund: str = sandbox.post("/v1/refunds", form, key="key-1").json()["id"]
    return refund


def test_a_refund_is_told_with_a_signature_that_stripe_accepts(
    sandbox: Sandbox, shop: Shop
) -> None:
    refund = refunded(sandbox)
    eventually(lambda: shop.types() == {"refund.created": 1, "charge.refunded": 1})
    told = {event.type: event.data.object for event in shop.taken}
    assert told["refund.created"]["id"] == refund
    assert told["refund.created"]["metadata"]["key"] == "key-1"
    assert told["charge.refunded"]["amount_refunded"] == 400


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("pending_then_succeeded", {"refund.updated": 1}),
        ("pending_then_failed", {"refund.updated": 1, "refund.failed": 1}),
        ("succeeded_then_reversed", {"refund.updated": 1, "refund.failed": 1}),
    ],
)
def test_a_later_change_is_told_too(
    sandbox: Sandbox, shop: Shop, fault: str, told: dict[str, int]
) -> None:
    sandbox.fault(fault, seconds=0.2)
    refunded(sandbox)
    both = {"refund.created": 1, "charge.refunded": 1}
    eventually(lambda: shop.types() == both | told)


def test_a_refused_event_comes_again_under_the_same_id(sandbox: Sandbox, shop: Shop) -> None:
    shop.open.clear()
    refunded(sandbox)
    eventually(lambda: len(shop.refused) >= 4)
    shop.open.set()
    eventually(lambda: len(shop.taken) == 2)
    assert {event.id for event in shop.refused} == {event.id for event in shop.taken}


def test_an_undelivered_event_comes_after_kill_9(sandbox: Sandbox, shop: Shop) -> None:
    shop.open.clear()
    refunded(sandbox)
    eventually(lambda: len(shop.refused) >= 2)
    sandbox.kill()
    shop.open.set()
    sandbox.restart()
    eventually(lambda: len(shop.taken) == 2)
    assert {event.id for event in shop.refused} == {event.id for event in shop.taken}


def test_a_delivered_event_does_not_come_again_after_a_restart(
    sandbox: Sandbox, shop: Shop
) -> None:
    refunded(sandbox)
    book = sandbox.data / "book.jsonl"
    eventually(lambda: book.read_text().count('"delivered"') == 2)
    sandbox.kill()
    sandbox.restart()
    refunded_later = sandbox.post("/v1/refunds", {"charge": sandbox.charge("order-2", 1)}).json()
    eventually(lambda: len(shop.taken) >= 4)
    assert len({event.id for event in shop.taken}) == len(shop.taken) == 4
    assert refunded_later["id"] in {event.data.object["id"] for event in shop.taken}


def test_a_shop_that_hangs_holds_up_no_answer(sandbox: Sandbox, shop: Shop) -> None:
    shop.answering.clear()
    charge = sandbox.charge("order-1", 1000)
    for number in range(30):
        form = {"charge": charge, "amount": 1}
        assert sandbox.post("/v1/refunds", form, key=f"key-{number}").elapsed.total_seconds() < 2
