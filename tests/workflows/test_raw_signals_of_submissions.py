"""Signals that people send by hand about reviews and feedback: heard as those about cases are."""

from typing import Any
from uuid import UUID

import pytest

from tests.workflows.platform import Platform, eventually, running
from tests.workflows.submissions import Listened, Moderated
from tests.workflows.test_raw_signals import CANARY, CARD, as_sent, copies, rows_with

pytestmark = pytest.mark.anyio

Buyers = Moderated | Listened

WRONG: dict[str, tuple[str, list[Any], str]] = {
    "no argument": ("approve", [], "approve: invalid"),
    "two arguments": ("approve", [{"actor": "lea"}, CANARY], "approve: invalid"),
    "not JSON": ("approve", [b"\x80" + CANARY.encode()], "approve: invalid"),
    "JSON that ends early": ("approve", [as_sent(b'{"actor": "canary')], "approve: invalid"),
    "JSON nested too deep": ("approve", [as_sent(b"[" * 16_000)], "approve: invalid"),
    "a text": ("approve", ["lea"], "approve: invalid"),
    "null": ("approve", [None], "approve: invalid"),
    "an unknown field": ("approve", [{"actor": "lea", CANARY: 1}], "approve: invalid"),
    "an amount": ("approve", [{"actor": "lea", "amount": 5}], "approve: invalid"),
    "no actor": ("approve", [{"note": CANARY}], "approve: invalid"),
    "an actor that is no name": ("approve", [{"actor": {CANARY: 1}}], "approve: invalid"),
    "an unknown actor": ("approve", [{"actor": CANARY}], "approve: unauthenticated"),
    "somebody who has left": ("approve", [{"actor": "pip"}], "approve: unauthenticated"),
    "the wrong role": ("approve", [{"actor": "otto", "note": CANARY}], "approve: forbidden"),
    "its author's shop": ("approve", [{"actor": "shop"}], "approve: forbidden"),
    "no reason": ("reject", [{"actor": "lea", "note": CANARY}], "reject: invalid"),
    "a reason of cases": ("reject", [{"actor": "lea", "reason": "used"}], "reject: invalid"),
    "an old version": ("approve", [{"actor": "lea", "version": 99}], "approve: version-conflict"),
    "a card number": (
        "reject",
        [{"actor": "lea", "reason": "other", "note": f"{CANARY} {CARD}"}],
        "reject: card-number-refused",
    ),
    "a NUL": ("approve", [{"actor": "lea", "note": f"{CANARY}\0"}], "approve: invalid"),
    "a message of ours that is none": ("approve", [{"message_id": CANARY}], "approve: invalid"),
    "a signal of cases": ("cancel", [{"actor": "shop"}], "unknown: invalid"),
    "an unknown name": (CANARY, [{"actor": "lea"}], "unknown: invalid"),
    "a megabyte": ("approve", [{"actor": "lea", "note": CANARY * 55_000}], "approve: invalid"),
}


@pytest.fixture(params=[Moderated, Listened], ids=["review", "feedback"])
def buyers(platform: Platform, request: pytest.FixtureRequest) -> Buyers:
    kind: type[Buyers] = request.param
    return kind(platform)


async def test_no_wrong_signal_changes_anything_and_each_has_its_event(buyers: Buyers) -> None:
    buyers.platform.shop.hire("pip", buyers.platform.shop.auditor.role)
    buyers.platform.shop.revoke("pip")
    named = await buyers.submitted()
    said: dict[str, str] = {}
    for wrong, (name, args, _) in WRONG.items():
        await buyers.platform.signal(named, name, *args)
        await eventually(lambda: len(buyers.log(named)) > len(said) + 1, wrong)
        event = buyers.log(named)[-1]
        said[wrong] = f"{event.what} {event.detail}"
    assert said == {wrong: f"signal_refused {why}" for wrong, (_, _, why) in WRONG.items()}
    assert buyers.stage(named) == "awaiting_audit"
    await buyers.platform.signal(named, "reject", {"actor": "lea", "reason": "other"})
    await buyers.ends(named)
    assert copies(await buyers.platform.history(named)) == []
    assert rows_with(buyers.platform, "canary") == []
    assert rows_with(buyers.platform, CARD[:9]) == []


async def test_who_tried_is_named_where_it_is_somebody(buyers: Buyers) -> None:
    named = await buyers.submitted()
    for actor in ("wanda", "nobody"):
        await buyers.platform.signal(named, "approve", {"actor": actor})
        await refused(buyers, named, 1 if actor == "wanda" else 2)
    assert [event.actor for event in buyers.log(named)[1:]] == ["wanda", "aftersales"]


async def test_a_word_by_hand_counts_as_the_one_by_the_api(buyers: Buyers) -> None:
    named = await buyers.submitted()
    await buyers.platform.signal(named, "approve", {"actor": "alice"})
    await buyers.hears(named, "approved")
    event = buyers.log(named)[-1]
    assert (event.actor, event.actor_kind) == ("alice", "auditor")
    assert event.to_stage == ("published" if isinstance(buyers, Moderated) else "awaiting_answer")


async def test_a_rejection_by_hand_ends_it(buyers: Buyers) -> None:
    named = await buyers.submitted()
    await buyers.platform.signal(named, "reject", {"actor": "alice", "reason": "advertising"})
    await buyers.ends(named)
    assert (buyers.stage(named), buyers.said(named)) == ("rejected", "advertising")


async def test_of_two_words_the_first_stands_and_its_repetition_is_no_second(
    platform: Platform,
) -> None:
    buyers = Listened(platform)
    named = await buyers.submitted()
    for _ in range(2):
        await buyers.platform.signal(named, "approve", {"actor": "alice", "decision_id": "d-1"})
    await buyers.platform.signal(named, "reject", {"actor": "lea", "reason": "other"})
    await refused(buyers, named, 1)
    assert buyers.happened(named) == ["submitted", "approved", "signal_refused"]
    assert buyers.said(named) == "reject: already-decided"


async def test_a_request_to_cancel_ends_nothing(buyers: Buyers) -> None:
    named = await buyers.submitted()
    await buyers.platform.workflow(named).cancel()
    await refused(buyers, named, 1)
    assert buyers.said(named) == "cancellation: invalid"
    assert await running(buyers.platform.workflow(named))
    await buyers.platform.signal(named, "reject", {"actor": "lea", "reason": "other"})
    await buyers.ends(named)


async def refused(buyers: Buyers, named: UUID, times: int) -> None:
    await eventually(lambda: buyers.happened(named).count("signal_refused") == times)
