"""What a case has to have done, in the order in which it was planned."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.effects import Action
from store import events
from store.goods import effects
from tests.shop import NOW
from tests.store.dock import Dock
from tests.store.till import Till

IN_TURN = (Action.HOLD, Action.HOLD, Action.RELEASE, Action.HOLD, Action.SHIP)


@pytest.fixture
def case_id(till: Till) -> UUID:
    return Dock(till).approved()


def plan(till: Till, case_id: UUID, action: Action, now: datetime) -> None:
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
        first = effects.next_open(session, case_id)
    assert planned == list(seen) == [Action.COLLECT, *IN_TURN]
    assert first is not None
    assert first.action == Action.COLLECT
