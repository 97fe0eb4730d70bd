"""Signals that people send by hand: right ones count, wrong ones change nothing and say so."""

import base64
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from tests.workflows.gateway import PENDING, succeeded
from tests.workflows.platform import Platform, eventually

pytestmark = pytest.mark.anyio

CANARY = "canary.of.the.buyer"
CARD = "4111 1111 1111 1111"


def as_sent(text: bytes) -> RawValue:
    """JSON that no client of ours would write."""
    return RawValue(Payload(metadata={"encoding": b"json/plain"}, data=text))


WRONG: dict[str, tuple[str, list[Any], str]] = {
    "no argument": ("approve", [], "approve: invalid"),
    "two arguments": ("approve", [{"actor": "lea"}, CANARY], "approve: invalid"),
    "not JSON": ("approve", [b"\x80" + CANARY.encode()], "approve: invalid"),
    "JSON that ends early": (
        "approve",
        [as_sent(b'{"actor": "canary')],
        "approve: invalid",
    ),
    "JSON nested too deep for one parser": (
        "approve",
        [as_sent(b'{"actor": ' + b"[" * 198 + b"]" * 198 + b"}")],
        "approve: invalid",
    ),
    "JSON nested too deep for any": ("approve", [as_sent(b"[" * 16_000)], "approve: invalid"),
    "a list": ("approve", [["lea", CANARY]], "approve: invalid"),
    "null": ("approve", [None], "approve: invalid"),
    "an unknown field": ("approve", [{"actor": "lea", CANARY: 1}], "approve: invalid"),
    "a float for an amount": ("approve", [{"actor": "lea", "amount": 5.0}], "approve: invalid"),
    "no actor": ("approve", [{"note": CANARY}], "approve: invalid"),
    "an actor that is no name": ("approve", [{"actor": {CANARY: 1}}], "approve: invalid"),
    "an unknown actor": ("approve", [{"actor": CANARY}], "approve: unauthenticated"),
    "the wrong role": ("approve", [{"actor": "otto", "note": CANARY}], "approve: forbidden"),
    "a storefront's rejection": (
        "reject",
        [{"actor": "shop", "reason": "other", "note": CANARY}],
        "reject: forbidden",
    ),
    "more than the limit": ("approve", [{"actor": "pip"}], "approve: over-limit"),
    "an amount too high": (
        "approve",
        [{"actor": "lea", "amount": 511, "note": CANARY}],
        "approve: amount-too-high",
    ),
    "an old version": ("approve", [{"actor": "lea", "version": 99}], "approve: version-conflict"),
    "a card number": (
        "approve",
        [{"actor": "lea", "note": f"{CANARY} {CARD}"}],
        "approve: card-number-refused",
    ),
    "a NUL": ("approve", [{"actor": "lea", "note": f"{CANARY}\0"}], "approve: invalid"),
    "a lone surrogate": (
        "approve",
        [as_sent(b'{"actor": "lea", "note": "canary \\ud800"}')],
        "approve: invalid",
    ),
    "a resume of what is not parked": (
        "resume",
        [{"actor": "otto", "action": "retry", "note": CANARY}],
        "resume: not-parked",
    ),
    "a message of ours that is none": (
        "approve",
        [{"message_id": CANARY}],
        "approve: invalid",
    ),
    "an unknown name": (CANARY, [{"actor": "lea"}], "unknown: invalid"),
    "a megabyte": ("approve", [{"actor": "lea", "note": CANARY * 55_000}], "approve: invalid"),
}


async def test_no_wrong_signal_changes_anything_and_each_has_its_event(
    platform: Platform,
) -> None:
    platform.shop.hire("pip", platform.shop.auditor.role, limits={"GBP": 100})
    case_id = await platform.apply()
    before = platform.case(case_id)
    said: dict[str, str] = {}
    for wrong, (name, args, _) in WRONG.items():
        await platform.signal(case_id, name, *args)
        await eventually(lambda: len(platform.events(case_id)) > len(said) + 1, wrong)
        event = platform.events(case_id)[-1]
        said[wrong] = f"{event.what} {event.detail}"
    assert said == {wrong: f"signal_refused {why}" for wrong, (_, _, why) in WRONG.items()}
    after = platform.case(case_id)
    assert (after.stage, after.due_at, after.approved) == (before.stage, before.due_at, None)
    assert platform.card.heard == []

    await platform.approve(case_id)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"
    assert platform.happened(case_id).count("signal_refused") == len(WRONG)
    assert copies(await platform.history(case_id)) == []
    assert rows_with(platform, "canary") == []
    assert rows_with(platform, CARD[:9]) == rows_with(platform, CARD[:9].replace(" ", "")) == []


def copies(history: str) -> list[str]:
    """The events, other than the signal itself, that hold anything of the signal's text."""
    return [
        event["eventType"]
        for event in json.loads(history)["events"]
        if event["eventType"] != "EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED"
        and any(word in plain(event) for word in ("canary", CARD, CARD.replace(" ", "")))
    ]


def plain(event: dict[str, Any]) -> str:
    """An event's text with every payload in it decoded."""
    found = [json.dumps(event)]

    def decode(part: Any) -> None:
        match part:
            case {"data": str(data), **rest}:
                found.append(base64.b64decode(data).decode(errors="replace"))
                decode(rest)
            case dict():
                for value in part.values():
                    decode(value)
            case list():
                for value in part:
                    decode(value)

    decode(event)
    return "\n".join(found)


def rows_with(platform: Platform, needle: str) -> list[str]:
    """The tables that hold this text anywhere."""
    with platform.shop.session() as session:
        tables = session.scalars(
            text("select table_name from information_schema.tables where table_schema = 'public'")
        ).all()
        return [
            table
            for table in tables
            if session.scalar(
                text(f"select count(*) from {table} t where t::text like :needle"),
                {"needle": f"%{needle}%"},
            )
        ]


async def test_a_second_decision_by_hand_is_refused(platform: Platform) -> None:
    platform.card.answers_send(PENDING)
    platform.card.answers_ask(PENDING)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_pending")
    await platform.signal(case_id, "reject", {"actor": "leo", "reason": "other", "note": ""})
    await platform.hears(case_id, "signal_refused")
    assert platform.events(case_id)[-1].detail == "reject: already-decided"
    platform.card.answers_ask(succeeded())
    await platform.reaches(case_id, "completed")


async def test_a_case_cannot_be_cancelled_by_hand_once_it_pays(platform: Platform) -> None:
    platform.card.answers_send(PENDING)
    platform.card.answers_ask(PENDING)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_pending")
    await platform.signal(case_id, "cancel", {"actor": "shop"})
    await platform.hears(case_id, "signal_refused")
    assert platform.events(case_id)[-1].detail == "cancel: too-late"


async def test_approve_by_hand_counts_as_the_one_by_the_api(platform: Platform) -> None:
    case_id = await platform.apply()
    await platform.signal(case_id, "approve", {"actor": "alice", "amount": 400})
    await platform.ends(case_id)
    case = platform.case(case_id)
    assert (case.outcome, case.approved, case.paid) == ("refunded", 400, 400)
    approved = platform.events(case_id)[1]
    assert (approved.what, approved.actor, approved.actor_kind) == ("approved", "alice", "auditor")


async def test_reject_and_cancel_by_hand_end_a_case(platform: Platform) -> None:
    rejected = await platform.apply(order_id="o1")
    cancelled = await platform.apply(order_id="o2")
    await platform.signal(rejected, "reject", {"actor": "alice", "reason": "used", "note": ""})
    await platform.signal(cancelled, "cancel", {"actor": "shop"})
    await platform.ends(rejected)
    await platform.ends(cancelled)
    assert platform.case(rejected).outcome == "rejected"
    assert platform.case(cancelled).outcome == "cancelled"


async def test_two_approvals_in_one_breath_decide_a_large_refund(platform: Platform) -> None:
    case_id = await platform.apply(paid=600_000)
    await platform.signal(case_id, "approve", {"actor": "lea"})
    await platform.signal(case_id, "approve", {"actor": "lea"})
    await platform.signal(case_id, "approve", {"actor": "leo"})
    await platform.ends(case_id)
    assert platform.happened(case_id)[1:4] == ["approved", "signal_refused", "approved"]
    assert detail_of(platform, case_id, "signal_refused") == "approve: four-eyes"


def detail_of(platform: Platform, case_id: UUID, what: str) -> str:
    return next(event.detail for event in platform.events(case_id) if event.what == what)


async def test_the_same_signal_twice_under_one_id_is_one_decision(platform: Platform) -> None:
    case_id = await platform.apply(paid=600_000)
    word = {"actor": "lea", "decision_id": "d-1"}
    await platform.signal(case_id, "approve", word)
    await platform.signal(case_id, "approve", word)
    await platform.signal(case_id, "approve", {"actor": "leo"})
    await platform.ends(case_id)
    assert platform.happened(case_id).count("approved") == 2
    assert "signal_refused" not in platform.happened(case_id)


async def test_a_request_to_cancel_the_workflow_is_refused_and_the_case_goes_on(
    platform: Platform,
) -> None:
    case_id = await platform.apply()
    await platform.workflow(case_id).cancel()
    await platform.hears(case_id, "signal_refused")
    assert detail_of(platform, case_id, "signal_refused") == "cancellation: invalid"
    await platform.approve(case_id)
    await platform.ends(case_id)
    assert platform.case(case_id).outcome == "refunded"


async def test_a_request_to_cancel_while_money_moves_does_not_stop_it(platform: Platform) -> None:
    platform.card.answers_send(PENDING)
    platform.card.answers_ask(PENDING, succeeded())
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_pending")
    await platform.workflow(case_id).cancel()
    await platform.hears(case_id, "signal_refused")
    await platform.pass_hours(1)
    await platform.ends(case_id)
    assert (platform.case(case_id).outcome, len(platform.card.keys)) == ("refunded", 1)
