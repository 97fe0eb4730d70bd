"""The shelves of the shop, for errands: what came back is put on them again."""

from gateways.stock import Stock
from gateways.testimony import Testimony, Verdict
from store.errands import Errand


class Shelves:
    def __init__(self, stock: Stock) -> None:
        self._stock = stock

    def put_back(self, errand: Errand) -> Testimony:
        """Every piece goes to its warehouse, once for its key: to repeat the whole is harmless."""
        for piece in errand.pieces:
            said = self._stock.put_back(
                key=f"{errand.key}-{piece.line}",
                storefront=errand.storefront,
                sku=piece.sku,
                quantity=piece.quantity,
                warehouse=piece.warehouse or "main",
            )
            if said.verdict is not Verdict.SUCCEEDED:
                return said
        return Testimony(verdict=Verdict.SUCCEEDED)
