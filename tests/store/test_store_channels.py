"""How a message came: events say it, and what nobody authenticated counts only where it may."""

from typing import Any
from uuid import UUID

import pytest

from domain.messages import Signal
from store import signals
from tests.shop import NOW, Shop, order_body, request_body
from tests.store.till import BANK_CARD, DECLINED, Till, refused


@pytest.fixture
def case_id(shop: Shop) -> UUID:
    shop.sell("o1", order_body((2, 1000)))
    return shop.apply(request_body((1, 2))).case_id


def settle(shop: Shop, case_id: UUID, name: str, payload: Any, id: str = "s-1") -> None:
    signal = Signal(id, name, payload)
    shop.database.run(lambda s: signals.settle(s, case_id, signal, shop.policy, NOW))


def switch_off(shop: Shop) -> None:
    shop.policy = shop.policy.model_copy(update={"raw_signals": False})


def test_events_say_how_the_message_came(till: Till, case_id: UUID) -> None:
    settle(till.shop, case_id, "approve", {"actor": "lea"})
    till.pay(case_id)
    channels = [(event.what, event.channel) for event in till.events(case_id)]
    assert channels[:2] == [("opened", "api"), ("approved", "temporal")]
    assert {channel for _, channel in channels[2:]} == {None}


def test_switched_off_no_signal_by_hand_counts(till: Till, case_id: UUID) -> None:
    switch_off(till.shop)
    for name, payload in (
        ("approve", {"actor": "lea"}),
        ("approve", {"actor": "nobody"}),
        ("cancel", {"actor": "shop"}),
    ):
        with refused("raw-signals-off") as refusal:
            settle(till.shop, case_id, name, payload)
        why = refusal.value.why
        signal = Signal(f"s-{payload}", name, payload)
        till.shop.database.run(lambda s: signals.refuse(s, case_id, signal, why, NOW))  # noqa: B023
        event = till.events(case_id)[-1]
        assert (event.detail, event.channel) == (f"{name}: raw-signals-off", "temporal")
    till.shop.approve(case_id, decision_id="d-1")
    settle(till.shop, case_id, "approve", {"message_id": "d-1"})
    assert till.shop.read(case_id).stage == "paying"


def test_an_approval_by_hand_no_longer_counts_once_switched_off(till: Till) -> None:
    shop = till.shop
    shop.sell("o1", order_body((2, 600_000)))
    case_id = shop.apply(request_body((1, 2))).case_id
    settle(shop, case_id, "approve", {"actor": "lea"})
    shop.approve(case_id, shop.other_lead)
    assert shop.read(case_id).stage == "paying"
    switch_off(shop)
    till.stands(case_id)
    assert shop.read(case_id).stage == "awaiting_second_audit"


@pytest.mark.parametrize("on", [True, False])
def test_no_signal_by_hand_names_where_money_goes(till: Till, on: bool) -> None:
    shop = till.shop
    case_id = till.approved()
    till.step(case_id, DECLINED)
    if not on:
        switch_off(shop)
    order = {"action": "reroute", "payout_to": BANK_CARD, "note": ""}
    for number, actor in enumerate(("lea", "leo")):
        with refused("forbidden" if on else "raw-signals-off"):
            settle(shop, case_id, "resume", {"actor": actor, **order}, f"s-{number}")
    assert shop.read(case_id).stage == "needs_attention"
    assert {payout.way for payout, _ in till.record(case_id).payouts} == {"original"}
