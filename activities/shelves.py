"""The shelves of the shop, for errands: pieces are set aside, leave, and are put on them again.

Every piece has a key of its own, under which each is done once: to repeat the whole is harmless.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from domain.effects import Returned
from gateways.stock import Stock
from gateways.testimony import Testimony, Verdict
from store.goods.dispositions import Pieces
from store.goods.errands import Errand
from store.goods.holds import key_of
from store.goods.stock_moves import MAIN

DONE = Testimony(verdict=Verdict.SUCCEEDED)


class Shelves:
    """`hold_for` is how long pieces are set aside at most."""

    def __init__(self, stock: Stock, hold_for: timedelta) -> None:
        self._stock = stock
        self._hold_for = hold_for

    def hold(self, errand: Errand) -> Testimony:
        """All pieces are set aside, or none. Those of a line take the place of what was set aside
        for it before, in one step: no other case comes in between. What is left is let go of.
        """
        said = _each(errand.pieces, lambda piece: self._hold(errand, piece))
        if said.verdict not in (Verdict.SUCCEEDED, Verdict.FAILED):
            return said
        over = _before(errand)
        if said.verdict is Verdict.FAILED:
            over += [key_of(errand.key, piece.line) for piece in errand.pieces]
        undone = self._let_go(over)
        return said if undone.verdict is Verdict.SUCCEEDED else undone

    def release(self, errand: Errand) -> Testimony:
        """Nothing is set aside any more."""
        return self._let_go(_before(errand))

    def ship(self, errand: Errand) -> Testimony:
        """What was set aside leaves."""
        held = errand.of or ""
        return _each(errand.pieces, lambda piece: self._stock.ship(key=key_of(held, piece.line)))

    def put_back(self, errand: Errand) -> Testimony:
        """Every piece goes to its warehouse, all in one step."""
        pieces = [
            Returned(
                key_of(errand.key, piece.line), piece.sku, piece.quantity, piece.warehouse or MAIN
            )
            for piece in errand.pieces
        ]
        return self._stock.put_back(storefront=errand.storefront, pieces=pieces)

    def _hold(self, errand: Errand, piece: Pieces) -> Testimony:
        return self._stock.hold(
            key=key_of(errand.key, piece.line),
            storefront=errand.storefront,
            sku=piece.sku,
            quantity=piece.quantity,
            until=errand.at + self._hold_for,
            instead_of=errand.held.get(piece.line, ()),
            warehouse=piece.warehouse,
            condition=piece.condition,
        )

    def _let_go(self, keys: Iterable[str]) -> Testimony:
        """What has left already is not set aside any more, either."""
        for key in keys:
            said = self._stock.release(key=key)
            if said.verdict not in (Verdict.SUCCEEDED, Verdict.FAILED):
                return said
        return DONE


def _before(errand: Errand) -> list[str]:
    return [key for keys in errand.held.values() for key in keys]


def _each(pieces: Iterable[Pieces], do: Callable[[Pieces], Testimony]) -> Testimony:
    """Do it with every piece, up to the first with which it could not be done."""
    for piece in pieces:
        said = do(piece)
        if said.verdict is not Verdict.SUCCEEDED:
            return said
    return DONE
