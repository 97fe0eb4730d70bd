"""Are messages from the Temporal UI settled by the same rules as those of the API?"""

from typing import Any
from uuid import UUID

import pytest

from domain.messages import Signal
from domain.refusals import Why
from store import signals
from tests.shop import NOW, Shop, order_body, request_body
from tests.store.till import DECLINED, Till, refused


@pytest.fixture
def case_id(shop: Shop) -> UUID:
    shop.sell("o1", order_body((2, 1000)))
    return shop.apply(request_body((1, 2))).case_id


def settle(shop: Shop, case_id: UUID, name: str, payload: Any, id: str = "s-1") -> None:
    signal = Signal(id, name, payload)
    shop.database.run(lambda s: signals.settle(s, case_id, signal, shop.policy, NOW))


def test_an_approval_counts_once_however_often_it_is_settled(till: Till, case_id: UUID) -> None:
    for _ in range(3):
        settle(till.shop, case_id, "approve", {"actor": "lea", "amount": 900})
    case = till.shop.read(case_id)
    assert (case.stage, case.approved, case.version) == ("paying", 900, 2)
    assert [d.decision_id for d in till.record(case_id).decisions] == ["s-1"]


def test_a_cancellation_and_a_resume_count_too(till: Till, case_id: UUID) -> None:
    settle(till.shop, case_id, "cancel", {"actor": "shop"})
    assert till.shop.read(case_id).stage == "cancelled"
    other = till.approved(order_id="o2")
    till.step(other, DECLINED)
    for _ in range(2):
        settle(till.shop, other, "resume", {"actor": "otto", "action": "retry", "note": ""})
    assert till.shop.read(other).stage == "paying"


@pytest.mark.parametrize(
    ("name", "payload", "slug"),
    [
        ("approve", {"actor": "nobody"}, "unauthenticated"),
        ("approve", {"actor": "shop"}, "forbidden"),
        ("approve", {"actor": "lea", "amount": 1.5}, "invalid"),
        ("approve", {"actor": "lea", "surprise": 1}, "invalid"),
        ("approve", {}, "invalid"),
        ("approve", {"actor": ["lea"]}, "invalid"),
        ("approve", ["lea"], "invalid"),
        ("approve", None, "invalid"),
        ("approve", {"actor": "lea", "note": "4111 1111 1111 1111"}, "card-number-refused"),
        ("approve", {"message_id": "made-up"}, "invalid"),
        ("explode", {"actor": "lea"}, "invalid"),
        ("reject", {"actor": "lea", "reason": "other"}, "invalid"),
        ("resume", {"actor": "otto", "action": "retry", "note": ""}, "not-parked"),
        ("resume", {"actor": "otto", "action": "accept", "note": ""}, "forbidden"),
        ("cancel", {"actor": "lea"}, "forbidden"),
    ],
)
def test_what_is_refused_changes_nothing_and_is_written_down_once(
    till: Till, case_id: UUID, name: str, payload: Any, slug: str
) -> None:
    with refused(slug) as refusal:
        settle(till.shop, case_id, name, payload)
    assert till.happened(case_id) == ["opened"]
    why: Why = refusal.value.why
    for _ in range(2):
        till.shop.database.run(
            lambda s: signals.refuse(s, case_id, Signal("s-1", name, payload), why, NOW)
        )
    event = till.events(case_id)[-1]
    known = name if name != "explode" else "unknown"
    assert (event.seq, event.what, event.detail) == (2, "signal_refused", f"{known}: {slug}")
    assert till.shop.read(case_id).stage == "awaiting_audit"


@pytest.mark.parametrize(
    ("payload", "actor"),
    [
        ({"actor": "otto"}, ("otto", "operator")),
        ({"actor": "nobody"}, ("aftersales", "system")),
        ({"actor": "4111 1111 1111 1111"}, ("aftersales", "system")),
        (None, ("aftersales", "system")),
    ],
)
def test_a_refused_signal_is_written_down_under_the_name_of_who_tried(
    till: Till, case_id: UUID, payload: Any, actor: tuple[str, str]
) -> None:
    signal = Signal("s-1", "approve", payload)
    till.shop.database.run(lambda s: signals.refuse(s, case_id, signal, Why.FORBIDDEN, NOW))
    event = till.events(case_id)[-1]
    assert (event.actor, event.actor_kind) == actor


def test_the_relays_own_signal_names_an_event_that_is_there(till: Till, case_id: UUID) -> None:
    till.shop.approve(case_id, decision_id="d-1")
    version = till.shop.read(case_id).version
    settle(till.shop, case_id, "approve", {"message_id": "d-1"})
    assert till.shop.read(case_id).version == version
