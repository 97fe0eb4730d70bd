"""A shop's shelves, as its cases and its warehouse know them, at a time that the test sets."""

from datetime import timedelta
from typing import Any

from activities.embedded_stock import EmbeddedStock
from domain.effects import Returned
from gateways.stock import Stock
from gateways.testimony import Testimony, Verdict
from store.goods import stock
from store.session import Database
from tests.shop import NOW, Shop

SKU = "S1"


class Shelves:
    """`keeper` counts what is there; a case asks `stock`, over `database`. Holds last a day."""

    def __init__(self, shop: Shop, database: Database | None = None) -> None:
        self.shop = shop
        self.now = NOW
        self.keeper = shop.warehouse
        self.database = database or shop.database
        self.embedded = EmbeddedStock(self.database, lambda: self.now)
        self.stock: Stock = self.embedded

    def put(self, on_hand: int, *, sku: str = SKU, warehouse: str = "main") -> bool:
        return self.database.run(
            lambda s: stock.put(
                s, "demo", sku, warehouse, on_hand, actor=self.keeper.name, now=self.now
            )
        )

    def hold(self, key: str, quantity: int = 1, *, sku: str = SKU, **how: Any) -> Testimony:
        return self.stock.hold(
            key=key,
            storefront="demo",
            sku=sku,
            quantity=quantity,
            until=self.now + timedelta(days=1),
            **how,
        )

    def put_back(
        self, key: str, quantity: int = 1, *, sku: str = SKU, warehouse: str = "main"
    ) -> Testimony:
        piece = Returned(key, sku, quantity, warehouse)
        return self.stock.put_back(storefront="demo", pieces=[piece])

    def counts(self, sku: str = SKU) -> dict[str, tuple[int, int]]:
        """(on hand, held) by warehouse, in the order in which they are asked."""
        with self.database.begin() as session:
            rows = stock.read_stock(session, "demo", sku)
            return {row.warehouse: (row.on_hand, row.held) for row in rows}

    def available(self, *skus: str) -> dict[str, int]:
        with self.database.begin() as session:
            return stock.available(session, "demo", skus)


class Contended(EmbeddedStock):
    """A stock out of which somebody else takes some pieces as soon as they are let go."""

    def __init__(self, database: Database, sku: str, quantity: int) -> None:
        super().__init__(database, lambda: NOW)
        self._sku, self._wanted = sku, quantity

    def release(self, *, key: str) -> Testimony:
        said = super().release(key=key)
        until = NOW + timedelta(days=365)
        self.hold(key="other", storefront="demo", sku=self._sku, quantity=self._wanted, until=until)
        return said


def done(warehouse: str | None = "main") -> Testimony:
    return Testimony(verdict=Verdict.SUCCEEDED, reference=warehouse)


def failed(code: str) -> Testimony:
    return Testimony(verdict=Verdict.FAILED, code=code)
