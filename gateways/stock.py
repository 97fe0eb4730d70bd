"""What we ask of whoever keeps the stock: hold pieces, let them go, ship them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.effects import Returned
from domain.messages import Condition
from gateways.testimony import Testimony


class Stock(Protocol):
    """Every operation happens exactly once for its key: repeated, it only answers.

    No call raises: what goes wrong is a Testimony. `reference` names the warehouse of a hold.
    FAILED codes are `out_of_stock`, `unknown_sku`, `not_held`, and `key_reused` if the key stands
    for something else.
    """

    def hold(
        self,
        *,
        key: str,
        storefront: str,
        sku: str,
        quantity: int,
        until: datetime,
        instead_of: Sequence[str] = (),
        warehouse: str | None = None,
        condition: Condition = Condition.NEW,
    ) -> Testimony:
        """Keep `quantity` pieces, all in one warehouse, for nobody else before `until` (UTC): in
        one that has them in this condition, or in the one that is named, whatever it has.

        What other keys hold of the SKU, `instead_of` which it is, is let go in the same step: all
        of this is done or nothing. `not_held` if that was shipped.
        `out_of_stock` and `unknown_sku` leave nothing behind: the same key may try again later.
        Repeated after the hold was released or ran out: `not_held`, and only another key helps.
        """
        ...

    def release(self, *, key: str) -> Testimony:
        """End the hold of this key; there being none is as good. Once shipped: `not_held`."""
        ...

    def ship(self, *, key: str) -> Testimony:
        """The pieces held under this key leave. `not_held` if the hold ended before, or ran out."""
        ...

    def put_back(self, *, storefront: str, pieces: Sequence[Returned]) -> Testimony:
        """All these pieces are on hand again, or none are. A SKU may be new to its warehouse."""
        ...
