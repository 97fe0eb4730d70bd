"""What a case has to have done, in the order in which it was planned."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.effects import EffectAction, next_in_lanes
from store import events
from store.goods import effects
from tests.shop import NOW
from tests.store.dock import Dock
from tests.store.till import Till

IN_TURN = (
    EffectAction.HOLD_STOCK,
    EffectAction.HOLD_STOCK,
    EffectAction.RELEASE_STOCK,
    EffectAction.HOLD_STOCK,
    EffectAction.SHIP_STOCK,
)


@pytest.fixture
def case_id(till: Till) -> UUID:
    return Dock(till).approved()


def plan(till: Till, case_id: UUID, action: EffectAction, now: datetime) -> None:
    till.shop.database.run(lambda s: effects.plan(s, events.lock(s, case_id), action, now))


@pytest.mark.parametrize("later", [timedelta(), timedelta(seconds=-1), timedelta(seconds=1)])
def test_effects_are_done_in_the_order_of_their_planning_whatever_clocks_say(
    till: Till, case_id: UUID, later: timedelta
) -> None:
    for n, action in enumerate(IN_TURN):
        plan(till, case_id, action, NOW + n * later)
    with till.shop.database.begin() as session:
        planned = [effect.action for effect in effects.of_case(session, case_id)]
        seen = effects.planned(session, [case_id])[case_id].open
    assert planned == [each.action for each in seen] == [EffectAction.BOOK_PICKUP, *IN_TURN]
    assert [each.action for each in next_in_lanes(seen)] == [
        EffectAction.BOOK_PICKUP,
        EffectAction.HOLD_STOCK,
    ]
