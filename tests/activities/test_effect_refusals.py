"""Does what a party refuses end, whatever its code, and never go out twice?"""

from collections import deque
from datetime import timedelta
from uuid import UUID

import pytest
from temporalio.exceptions import ApplicationError

from activities.effects import Effects
from domain.effects import EffectAction, EffectRef
from domain.payouts import Move
from gateways import testimony
from gateways.carriers import Booking
from gateways.testimony import Verdict
from store.goods.effect_requests import ParcelRequest
from store.goods.effects import of_case
from tests.shop import NOW, Shop, order_body, return_body

REFUSED = testimony.Testimony(verdict=Verdict.REFUSED, code="never_heard_of")
NOT_FOUND = testimony.Testimony(verdict=Verdict.NOT_FOUND)
REFUSES_US = testimony.Testimony(verdict=Verdict.NOT_AUTHORIZED, code="http_401")
BOOKED = Booking(
    verdict=Verdict.SUCCEEDED, reference="shp_1", carrier="sandbox", tracking_number="TRK1"
)


class Pickup:
    """An approved return whose pickup is to be booked, and a carrier that says these words."""

    def __init__(self, shop: Shop, *words: testimony.Testimony) -> None:
        shop.sell("o1", order_body((1, 1000)))
        self.shop = shop
        self.case_id: UUID = shop.apply(return_body((1, 1))).case_id
        shop.approve(self.case_id)
        self.words = deque(words)
        self.now = NOW
        self.moves: list[Move] = []
        self.effects = Effects(shop.database, shop.policy, lambda: self.now)

    def step(self) -> None:
        with self.shop.session() as session:
            (effect,) = of_case(session, self.case_id, EffectAction.BOOK_PICKUP)
        named = EffectRef(self.case_id, effect.effect_id)
        self.effects.carry_out(named, ParcelRequest, self._say)

    def _say(self, request: ParcelRequest) -> testimony.Testimony:
        self.moves.append(request.move)
        return self.words.popleft()

    def owes(self) -> None:
        with pytest.raises(ApplicationError) as failed:
            self.step()
        assert failed.value.type == "effect-in-doubt"
        self.now += timedelta(seconds=1)

    def ends(self) -> tuple[str, str]:
        """How it ended: its state and its code."""
        self.step()
        with self.shop.session() as session:
            (effect,) = of_case(session, self.case_id, EffectAction.BOOK_PICKUP)
            return effect.state, effect.code


def test_what_is_refused_and_not_in_the_partys_book_ends(shop: Shop) -> None:
    pickup = Pickup(shop, REFUSED, NOT_FOUND)
    pickup.owes()
    assert pickup.ends() == ("cancelled", "never_heard_of")
    assert pickup.moves == [Move.SEND, Move.ASK]


def test_not_found_proves_nothing_while_it_may_be_on_its_way_in(shop: Shop) -> None:
    pickup = Pickup(shop, REFUSED, NOT_FOUND, NOT_FOUND)
    pickup.owes()
    pickup.now = NOW
    pickup.owes()
    assert pickup.ends() == ("cancelled", "never_heard_of")
    assert pickup.moves == [Move.SEND, Move.ASK, Move.ASK]


def test_what_was_refused_and_is_in_the_partys_book_is_done(shop: Shop) -> None:
    pickup = Pickup(shop, REFUSED, BOOKED)
    pickup.owes()
    assert pickup.ends() == ("done", "")


def test_a_key_that_is_not_taken_is_tried_on(shop: Shop) -> None:
    pickup = Pickup(shop, REFUSES_US, REFUSES_US, BOOKED)
    pickup.owes()
    pickup.owes()
    assert pickup.ends() == ("done", "")
    assert pickup.moves == [Move.SEND] * 3
