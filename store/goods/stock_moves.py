"""Where pieces stand: every change of what a warehouse has, done and written down together."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Text, column, update, values
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.effects import Returned
from domain.messages import Condition
from store.tables import Stock, StockMove

Place = tuple[str, str, str]
"""Storefront, SKU and warehouse."""

MAIN = "main"
RESALE = "resale"
CONDITIONS = {MAIN: Condition.NEW, RESALE: Condition.USED}
"""Where what comes back is put: as new, or as used. What other warehouses have they say."""
IN_ORDER = (Stock.warehouse != MAIN, Stock.warehouse)
"""The order in which warehouses are asked for pieces, and locked."""


def shelf(session: Session, place: Place, condition: Condition | None = None) -> bool:
    """Make room for the SKU where there is none yet; whether it was needed."""
    storefront, sku, warehouse = place
    kind = CONDITIONS.get(warehouse, condition or Condition.NEW)
    made = (
        insert(Stock)
        .values(storefront=storefront, sku=sku, warehouse=warehouse, condition=kind)
        .on_conflict_do_nothing()
        .returning(Stock.sku)
    )
    return session.scalars(made).one_or_none() is not None


def make_room(session: Session, storefront: str, places: Collection[tuple[str, str]]) -> None:
    """The same for many (SKU, warehouse) at once."""
    rows = [
        {
            "storefront": storefront,
            "sku": sku,
            "warehouse": warehouse,
            "condition": CONDITIONS.get(warehouse, Condition.NEW),
        }
        for sku, warehouse in sorted(places)
    ]
    if rows:
        session.execute(insert(Stock).values(rows).on_conflict_do_nothing())


def come_in(session: Session, storefront: str, pieces: Sequence[Returned], now: datetime) -> None:
    """All these pieces, of SKUs that are locked, are on hand again, and it is written down why."""
    come: Counter[tuple[str, str]] = Counter()
    for piece in pieces:
        come[piece.sku, piece.warehouse] += piece.quantity
    more = values(
        column("sku", Text), column("warehouse", Text), column("pieces", BigInteger), name="come"
    ).data([(*place, n) for place, n in come.items()])
    session.execute(
        update(Stock)
        .where(
            Stock.storefront == storefront,
            Stock.sku == more.c.sku,
            Stock.warehouse == more.c.warehouse,
        )
        .values(on_hand=Stock.on_hand + more.c.pieces)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        insert(StockMove),
        [
            {
                "storefront": storefront,
                "sku": piece.sku,
                "warehouse": piece.warehouse,
                "move": "put_back",
                "key": piece.key,
                "on_hand": piece.quantity,
                "held": 0,
                "at": now,
            }
            for piece in pieces
        ],
    )


def move(
    session: Session,
    place: Place,
    kind: str,
    now: datetime,
    *,
    key: str | None = None,
    actor: str | None = None,
    on_hand: int = 0,
    held: int = 0,
) -> bool:
    """Change what is there and write down why; False, with nothing done, if there is too little.

    One conditional update decides; the CHECK under it would refuse what this forgot.
    """
    changed = (
        update(Stock)
        .where(
            at(place),
            Stock.held + held >= 0,
            Stock.held + held <= Stock.on_hand + on_hand,
        )
        .values(on_hand=Stock.on_hand + on_hand, held=Stock.held + held)
        .returning(Stock.sku)
    )
    if session.scalars(changed).one_or_none() is None:
        return False
    storefront, sku, warehouse = place
    session.add(
        StockMove(
            storefront=storefront,
            sku=sku,
            warehouse=warehouse,
            move=kind,
            key=key,
            actor=actor,
            on_hand=on_hand,
            held=held,
            at=now,
        )
    )
    return True


def at(place: Place) -> ColumnElement[bool]:
    storefront, sku, warehouse = place
    return (Stock.storefront == storefront) & (Stock.sku == sku) & (Stock.warehouse == warehouse)
