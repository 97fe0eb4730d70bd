"""What a person states of an effect in doubt, and what follows from it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.effect_messages import EffectStatement
from domain.effects import EffectAction, next_in_lanes
from domain.parcels import ParcelStatus
from domain.people import Actor
from store.goods import bills
from store.goods.effect_resolutions import resolve
from store.goods.effects import of_case, planned
from store.tables import Case
from tests.shop import NOW
from tests.store.dock import NO_ANSWER, Dock, booking
from tests.store.test_store_exchanges import OPENED, asked, inbound, on_hand
from tests.store.till import Till, refused

LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


def state(
    dock: Dock, case_id: UUID, of: EffectAction, actor: Actor | None = None, **fields: Any
) -> Case:
    """What the operator states, ten minutes later, of the last effect of this action."""
    message = EffectStatement.model_validate({"note": "by its portal", **fields})
    with dock.shop.session() as session:
        effect = of_case(session, case_id, of)[-1].effect_id
    who = actor or dock.shop.operator
    return dock.shop.database.run(
        lambda s: resolve(s, case_id, effect, message, who, dock.shop.policy, LATER)
    )


@pytest.fixture
def doubtful(dock: Dock) -> UUID:
    """A return whose pickup was asked for and never answered."""
    case_id = dock.approved()
    dock.done(case_id, NO_ANSWER)
    return case_id


def test_what_its_carrier_has_booked_is_booked(dock: Dock, doubtful: UUID) -> None:
    state(dock, doubtful, EffectAction.BOOK_PICKUP, action="done", reference="FX1", carrier="fedex")
    assert dock.effects(doubtful) == [("book_pickup", "done")]
    with dock.shop.session() as session:
        [effect] = of_case(session, doubtful)
    assert effect.reference == "FX1"
    dock.seen(ParcelStatus.DELIVERED, LATER, number="FX1", carrier="fedex")
    assert dock.stands(doubtful)[0] == "awaiting_inspection"


def test_what_its_carrier_never_booked_is_asked_for_once_more_under_the_same_key(
    dock: Dock, doubtful: UUID
) -> None:
    before = dock.effect(doubtful, LATER)
    state(dock, doubtful, EffectAction.BOOK_PICKUP, action="never")
    again = dock.effect(doubtful, LATER)
    assert (before.move, again.move, again.key) == ("ask", "send", before.key)
    dock.said(again, booking(), LATER)
    assert dock.till.happened(doubtful)[-2:] == ["effect_resolved", "pickup_booked"]


def test_a_pickup_that_was_never_booked_and_that_nobody_wants_is_over(
    dock: Dock, doubtful: UUID
) -> None:
    dock.shop.cancel(doubtful)
    state(dock, doubtful, EffectAction.BOOK_PICKUP, action="never")
    assert dock.effects(doubtful) == [("book_pickup", "cancelled")]
    assert dock.idle(doubtful)


def test_stating_the_same_again_changes_nothing(dock: Dock, doubtful: UUID) -> None:
    for _ in range(2):
        state(dock, doubtful, EffectAction.BOOK_PICKUP, action="done", reference="FX1")
    assert dock.till.happened(doubtful).count("effect_resolved") == 1


def test_what_its_party_has_answered_is_not_in_doubt(dock: Dock) -> None:
    case_id = dock.collected(dock.approved())
    with refused("not-in-doubt"):
        state(dock, case_id, EffectAction.BOOK_PICKUP, action="done", reference="FX1")


def test_what_was_asked_for_a_moment_ago_is_not_in_doubt_yet(dock: Dock) -> None:
    case_id = dock.approved()
    dock.done(case_id, NO_ANSWER, NOW + timedelta(minutes=1))
    with refused("not-in-doubt"):
        state(dock, case_id, EffectAction.BOOK_PICKUP, action="never")


def test_the_party_is_asked_again_soon(dock: Dock, doubtful: UUID) -> None:
    for n in range(6):
        dock.done(doubtful, NO_ANSWER, NOW + timedelta(minutes=n))
    state(dock, doubtful, EffectAction.BOOK_PICKUP, action="ask")
    assert dock.done(doubtful, NO_ANSWER, LATER).wake_after == 1


def test_an_auditor_states_nothing(dock: Dock, doubtful: UUID) -> None:
    with refused("forbidden"):
        state(dock, doubtful, EffectAction.BOOK_PICKUP, dock.shop.auditor, action="never")


def test_of_a_bill_two_people_have_to_state_the_same(dock: Dock) -> None:
    case_id = inbound(dock, 1300)
    dock.inspect(case_id, 2, 2)
    dock.done(case_id)  # restocked
    dock.done(case_id, NO_ANSWER)
    stated = {"action": "done", "reference": "cs_1"}
    state(dock, case_id, EffectAction.COLLECT_BILL, **stated)
    with refused("four-eyes"):
        state(dock, case_id, EffectAction.COLLECT_BILL, **stated)
    state(dock, case_id, EffectAction.COLLECT_BILL, dock.shop.lead, action="done", reference="cs_2")
    asked = dock.effect(case_id, LATER)
    assert asked.reference is None
    state(dock, case_id, EffectAction.COLLECT_BILL, dock.shop.lead, **stated)
    assert dock.effect(case_id, LATER).reference == "cs_1"
    dock.done(case_id, OPENED, LATER)
    with dock.shop.session() as session:
        bill = bills.latest(session, case_id)
    assert bill is not None
    assert bill.url == "https://pay.example/cs_1"


def test_goods_go_on_their_shelf_and_a_bill_is_opened_while_a_pickup_is_in_doubt(
    dock: Dock,
) -> None:
    on_hand(dock, 2)
    case_id = asked(dock, 1300)
    dock.done(case_id)
    dock.done(case_id, NO_ANSWER)
    dock.inspect(case_id, 2, 2, LATER)
    with dock.shop.session() as session:
        waiting = next_in_lanes(planned(session, [case_id])[case_id].open)
    assert [each.action for each in waiting] == ["book_pickup", "restock", "collect_bill"]
