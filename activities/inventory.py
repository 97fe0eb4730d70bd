"""The stock of the shop: pieces are set aside, leave, and come back to their shelf.

Every piece has a key of its own, under which each is done once: to repeat the whole is harmless.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from temporalio import activity

from activities.effects import Effects
from domain.cases import CaseView
from domain.effects import EffectRef, Returned
from gateways.stock import Stock
from gateways.testimony import Testimony, Verdict
from store.goods.dispositions import Pieces
from store.goods.effect_requests import StockRequest
from store.goods.holds import key_of
from store.goods.stock_moves import MAIN

DONE = Testimony(verdict=Verdict.SUCCEEDED)


class Inventory:
    """`hold_for` is how long pieces are set aside at most."""

    def __init__(self, effects: Effects, stock: Stock, hold_for: timedelta) -> None:
        self._effects = effects
        self._stock = stock
        self._hold_for = hold_for

    @activity.defn(name="hold_stock")
    def hold_stock(self, effect: EffectRef) -> CaseView:
        """All pieces of the replacement are set aside, or none."""
        return self._effects.carry_out(effect, StockRequest, self.hold)

    @activity.defn(name="release_stock")
    def release_stock(self, effect: EffectRef) -> CaseView:
        """Nothing is set aside for the case any more."""
        return self._effects.carry_out(effect, StockRequest, self.release)

    @activity.defn(name="ship_stock")
    def ship_stock(self, effect: EffectRef) -> CaseView:
        """What was set aside leaves its shelf."""
        return self._effects.carry_out(effect, StockRequest, self.ship)

    @activity.defn(name="restock")
    def restock(self, effect: EffectRef) -> CaseView:
        """Accepted units go on a shelf, all in one step."""
        return self._effects.carry_out(effect, StockRequest, self.put_back)

    def hold(self, request: StockRequest) -> Testimony:
        """Those of a line take the place of what was set aside for it before, in one step: no
        other case comes in between. What is left of that is released.
        """
        reply = _each(request.pieces, lambda piece: self._hold(request, piece))
        if reply.verdict not in (Verdict.SUCCEEDED, Verdict.FAILED):
            return reply
        over = _held_before(request)
        if reply.verdict is Verdict.FAILED:
            over += [key_of(request.key, piece.line) for piece in request.pieces]
        released = self._release(over)
        return reply if released.verdict is Verdict.SUCCEEDED else released

    def release(self, request: StockRequest) -> Testimony:
        return self._release(_held_before(request))

    def ship(self, request: StockRequest) -> Testimony:
        held = request.of or ""
        return _each(request.pieces, lambda piece: self._stock.ship(key=key_of(held, piece.line)))

    def put_back(self, request: StockRequest) -> Testimony:
        pieces = [
            Returned(
                key_of(request.key, piece.line), piece.sku, piece.quantity, piece.warehouse or MAIN
            )
            for piece in request.pieces
        ]
        return self._stock.put_back(storefront=request.storefront, pieces=pieces)

    def _hold(self, request: StockRequest, piece: Pieces) -> Testimony:
        return self._stock.hold(
            key=key_of(request.key, piece.line),
            storefront=request.storefront,
            sku=piece.sku,
            quantity=piece.quantity,
            until=request.at + self._hold_for,
            instead_of=request.held.get(piece.line, ()),
            warehouse=piece.warehouse,
            condition=piece.condition,
        )

    def _release(self, keys: Iterable[str]) -> Testimony:
        """What has left already is not set aside any more, either."""
        for key in keys:
            reply = self._stock.release(key=key)
            if reply.verdict not in (Verdict.SUCCEEDED, Verdict.FAILED):
                return reply
        return DONE


def _held_before(request: StockRequest) -> list[str]:
    return [key for keys in request.held.values() for key in keys]


def _each(pieces: Iterable[Pieces], do: Callable[[Pieces], Testimony]) -> Testimony:
    """Do it with every piece, up to the first with which it could not be done."""
    for piece in pieces:
        reply = do(piece)
        if reply.verdict is not Verdict.SUCCEEDED:
            return reply
    return DONE
