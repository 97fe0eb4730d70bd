"""Stripe's webhooks: believed if signed, stored once, and only news wakes a case."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe
from httpx2 import Response
from sqlalchemy import func, select, text

from store.tables import Inbox, Outbox
from tests.api.callers import Callers, slug

SECRET = "whsec_test"
HOOK = "/v1/hooks/payments/stripe"


def event(kind: str = "refund.updated", event_id: str = "evt_1", **about: Any) -> dict[str, Any]:
    return {"id": event_id, "object": "event", "type": kind, "data": {"object": about}}


def signature(body: bytes, *, age: int = 0, secret: str = SECRET) -> str:
    at = int(time.time()) - age
    header: str = stripe.WebhookSignature.generate_signature_header(
        body.decode("latin-1"), secret, at
    )
    return header


def tell(api: Callers, what: Any) -> Response:
    body = what if isinstance(what, bytes) else json.dumps(what).encode()
    headers = {"Stripe-Signature": signature(body)}
    return api.client.post(HOOK, content=body, headers=headers)


def stored(api: Callers) -> int:
    with api.shop.session() as session:
        return session.scalar(select(func.count()).select_from(Inbox)) or 0


def wake_ups(api: Callers) -> int:
    with api.shop.session() as session:
        news = select(func.count()).select_from(Outbox).where(Outbox.topic == "payout_news")
        return session.scalar(news) or 0


@pytest.fixture
def payout(api: Callers) -> dict[str, Any]:
    """A payout whose fate the gateway still owes us."""
    api.sells()
    case_id = api.approved()
    api.unanswered(case_id)
    payouts = api.lead.get(f"/v1/cases/{case_id}").json()["payouts"]
    assert payouts[0]["state"] == "unknown"
    found: dict[str, Any] = payouts[0]
    return found


def about(payout: dict[str, Any], status: str = "succeeded") -> dict[str, Any]:
    metadata = {"payout_id": payout["payout_id"]}
    return {"id": "re_1", "status": status, "charge": "ch_1", "metadata": metadata}


@pytest.mark.parametrize("kind", ["refund.created", "refund.updated", "refund.failed"])
def test_news_of_a_refund_is_stored_once_and_wakes_its_case(
    api: Callers, payout: dict[str, Any], kind: str
) -> None:
    for _ in range(2):
        assert tell(api, event(kind, **about(payout))).status_code == 200
    assert (stored(api), wake_ups(api)) == (1, 1)


def test_news_of_a_charge_wakes_what_is_undecided(api: Callers, payout: dict[str, Any]) -> None:
    assert tell(api, event("charge.refunded", id=payout["payment"])).status_code == 200
    assert (stored(api), wake_ups(api)) == (1, 1)


@pytest.mark.parametrize("kind", ["charge.captured", "customer.created", "refund"])
def test_other_types_are_taken_and_ignored(api: Callers, kind: str) -> None:
    assert tell(api, event(kind, id="x")).status_code == 200
    assert stored(api) == 0


def test_a_refund_of_somebody_else_is_stored_and_wakes_nobody(api: Callers) -> None:
    other = {"payout_id": "019adf2a-0c00-7000-8000-000000000000"}
    assert tell(api, event(id="re_9", status="failed", metadata=other)).status_code == 200
    assert (stored(api), wake_ups(api)) == (1, 0)


@pytest.mark.parametrize(
    "header",
    [
        lambda: "",
        lambda: "nonsense",
        lambda: "t=,v1=",
        lambda: "t=1",
        lambda: "v1=00",
        lambda: signature(b"another body"),
        lambda: signature(b"{}", secret="whsec_other"),
        lambda: signature(b"{}", age=301),
        lambda: f"t={int(time.time())},v1=\xe9",
    ],
    ids=["none", "nonsense", "empty", "no v1", "no time", "body", "secret", "old", "not ascii"],
)
def test_an_event_not_signed_by_the_gateway_is_refused(
    api: Callers, header: Callable[[], str]
) -> None:
    signed = [(b"Stripe-Signature", header().encode("latin-1"))]
    answer = api.client.post(HOOK, content=b"{}", headers=signed)
    assert (answer.status_code, slug(answer)) == (401, "signature-invalid")
    assert stored(api) == 0


def test_an_event_without_a_signature_is_refused(api: Callers) -> None:
    assert slug(api.client.post(HOOK, json=event())) == "signature-invalid"


def test_a_signed_event_changed_on_its_way_is_refused(api: Callers) -> None:
    body = json.dumps(event()).encode()
    headers = {"Stripe-Signature": signature(body)}
    answer = api.client.post(HOOK, content=body + b" ", headers=headers)
    assert slug(answer) == "signature-invalid"


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"1", b'"x"', b"{", b"[" * 50_000, b"{}", b'{"id": 1, "type": []}',
     b'{"id": "evt_1", "type": "a b"}', b'{"id": "\\u0000", "type": "refund.failed"}'],
    ids=lambda body: ascii(body[:40]),
)  # fmt: skip
def test_what_is_no_event_is_invalid(api: Callers, body: bytes) -> None:
    assert slug(tell(api, body)) == "invalid"


@pytest.mark.parametrize(
    "data",
    [None, [], 1, {"object": None}, {"object": []}, {"object": {"metadata": []}},
     {"object": {"metadata": {"payout_id": 1}}}, {"object": {"metadata": {"payout_id": "x"}}},
     {"object": {"status": {}, "charge": {"id": "ch_1"}}},
     {"object": {"status": "\0", "charge": "\ud83d\ude00"}}],
    ids=ascii,
)  # fmt: skip
@pytest.mark.parametrize(
    "kind", ["refund.updated", "charge.refunded", "checkout.session.completed"]
)
def test_a_strange_object_in_an_event_is_taken_as_saying_nothing(
    api: Callers, kind: str, data: Any
) -> None:
    answer = tell(api, {"id": "evt_1", "type": kind, "data": data})
    assert answer.status_code == 200
    assert wake_ups(api) == 0


def test_an_event_that_cannot_be_stored_is_not_acknowledged(api: Callers) -> None:
    with api.shop.database.begin() as session:
        session.execute(text("lock table inbox in access exclusive mode"))
        answer = tell(api, event("refund.failed", id="re_1"))
    assert (answer.status_code, slug(answer)) == (503, "unavailable")
    assert stored(api) == 0
