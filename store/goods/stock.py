"""Stock: who may have the last piece? Holds, their ends, and what warehouses count.

Every change begins by locking the SKU's rows of `stock`, `main` first; nothing else is locked
before them. Cases that wait for what has come in are woken, and so locked, after them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.orm import Session

from domain.effects import Returned
from domain.messages import Condition
from domain.refusals import Refusal, Why
from store.goods import waiting
from store.goods.stock_moves import IN_ORDER, Place, at, come_in, make_room, move, shelf
from store.tables import Stock, StockHold, StockMove, Storefront

Asked = tuple[str, str, int]
"""Storefront, SKU, and how many pieces of it."""


class Unmet(Exception):
    """What was asked for is not done, and nothing was changed. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def hold(
    session: Session,
    *,
    key: str,
    storefront: str,
    sku: str,
    quantity: int,
    until: datetime,
    now: datetime,
    instead_of: Sequence[str] = (),
    warehouse: str | None = None,
    condition: Condition = Condition.NEW,
) -> str:
    """Hold the pieces in the first warehouse that has all of them in this condition, or in the one
    that is named, whatever it has; the warehouse. What these other keys hold of the SKU is let go
    first, and nobody comes in between.

    Repeated while they are held or after they were shipped: the same. Raises Unmet: out_of_stock,
    unknown_sku, key_reused; not_held if this key's hold was released or has run out, or one
    of the others was shipped.
    """
    shelves = _lock(session, storefront, sku, now)
    if earlier := session.get(StockHold, key):
        wanted = earlier.condition if warehouse else condition
        return _held_before(earlier, (storefront, sku, quantity), wanted)
    others = select(StockHold).where(
        StockHold.key.in_(instead_of), StockHold.storefront == storefront, StockHold.sku == sku
    )
    replaced = [kept for kept in session.scalars(others) if kept.ended in (None, "ship")]
    for kept in replaced:
        _let_go(session, kept, now)
    suited = [
        shelf
        for shelf in shelves
        if (shelf.warehouse == warehouse if warehouse else shelf.condition == condition)
    ]
    held_in = _hold(session, suited, key, (storefront, sku, quantity), until, now)
    if held_in is None:
        raise Unmet("out_of_stock" if shelves else "unknown_sku")
    if replaced:
        waiting.wake(session, storefront, [sku], now)
    return held_in


def release(session: Session, *, key: str, now: datetime) -> str | None:
    """Let go of what this key holds; the warehouse, None if the key never held anything.

    That it holds nothing any more is as good. Raises Unmet(not_held) if it was shipped.
    """
    kept = session.get(StockHold, key)
    if kept is None:
        return None
    _lock(session, kept.storefront, kept.sku, now)
    _let_go(session, kept, now)
    waiting.wake(session, kept.storefront, [kept.sku], now)
    return kept.warehouse


def ship(session: Session, *, key: str, now: datetime) -> str:
    """What this key holds leaves the warehouse, whose name is returned; repeated: the same.

    Raises Unmet(not_held) if the key holds nothing: it never did, was released, or has run out.
    """
    kept = session.get(StockHold, key)
    if kept is None:
        raise Unmet("not_held")
    _lock(session, kept.storefront, kept.sku, now)
    if _end(session, kept, "ship", now) != "ship":
        raise Unmet("not_held")
    return kept.warehouse


def put_back(
    session: Session, storefront: str, pieces: Sequence[Returned], *, now: datetime
) -> None:
    """All these pieces came back and are on hand. Repeated: the same. However many they are, they
    take the same few statements.

    Raises Unmet(key_reused).
    """
    skus = sorted({piece.sku for piece in pieces})
    make_room(session, storefront, {(piece.sku, piece.warehouse) for piece in pieces})
    of_skus = select(Stock.sku).where(Stock.storefront == storefront, Stock.sku.in_(skus))
    session.execute(of_skus.order_by(Stock.sku, *IN_ORDER).with_for_update())
    keys = [piece.key for piece in pieces]
    moved = select(StockMove).where(StockMove.key.in_(keys), StockMove.move == "put_back")
    before = {row.key: (_place(row), row.on_hand) for row in session.scalars(moved)}
    new = [piece for piece in pieces if piece.key not in before]
    for piece in pieces:
        asked = (storefront, piece.sku, piece.warehouse), piece.quantity
        if before.get(piece.key, asked) != asked:
            raise Unmet("key_reused")
    if new:
        come_in(session, storefront, new, now)
        waiting.wake(session, storefront, skus, now)


def expire(session: Session, now: datetime) -> int:
    """End the holds of one SKU whose time is over; how many were found, 0 if there is none."""
    place = (StockHold.storefront, StockHold.sku)
    over = select(*place, func.count()).where(_over(now)).group_by(*place).order_by(*place)
    found = session.execute(over.limit(1)).one_or_none()
    if found is None:
        return 0
    storefront, sku, holds = found
    _lock(session, storefront, sku, now)
    return holds


def put(
    session: Session,
    storefront: str,
    sku: str,
    warehouse: str,
    on_hand: int,
    *,
    condition: Condition | None = None,
    actor: str,
    now: datetime,
) -> bool:
    """The warehouse has counted `on_hand` pieces, held ones included. Whether it is new to us: then
    they are in this condition (new if none is said), and so is all that it ever has of the SKU.

    Raises Refusal: storefront-not-found; stock-held if more pieces than that are held;
    stock-condition if the warehouse has the SKU in another.
    """
    if session.get(Storefront, storefront) is None:
        raise Refusal(Why.STOREFRONT_NOT_FOUND)
    place = (storefront, sku, warehouse)
    created = shelf(session, place, condition)
    _lock(session, storefront, sku, now)
    there = select(Stock.on_hand, Stock.held, Stock.condition).where(at(place))
    counted, held, stands = session.execute(there).one()
    if condition not in (None, stands):
        raise Refusal(Why.STOCK_CONDITION, f"{warehouse} has it {stands}", condition=stands)
    change = on_hand - counted
    if change and not move(session, place, "put", now, actor=actor, on_hand=change):
        raise Refusal(Why.STOCK_HELD, f"{held} pieces are held", held=held)
    if change > 0:
        waiting.wake(session, storefront, [sku], now)
    return created


def read_stock(session: Session, storefront: str, sku: str) -> list[Stock]:
    """What each warehouse has of the SKU, in the order they are asked. Raises sku-not-found."""
    of_sku = select(Stock).where(Stock.storefront == storefront, Stock.sku == sku)
    rows = list(session.scalars(of_sku.order_by(*IN_ORDER)))
    if not rows:
        raise Refusal(Why.SKU_NOT_FOUND)
    return rows


def available(session: Session, storefront: str, skus: Collection[str]) -> dict[str, int]:
    """The most that one hold of new pieces could take of each SKU now: all of it has to be in one
    warehouse. A SKU that no warehouse's books have new is left out.
    """
    free = (
        select(Stock.sku, func.max(Stock.on_hand - Stock.held).label("most"))
        .where(
            Stock.storefront == storefront,
            Stock.sku.in_(skus),
            Stock.condition == Condition.NEW,
        )
        .group_by(Stock.sku)
    )
    return {row.sku: row.most for row in session.execute(free)}


def _lock(session: Session, storefront: str, sku: str, now: datetime) -> Sequence[Row[str, str]]:
    """Lock the SKU, and free what holds keep that have run out, for who waits for it. Its
    warehouses, first first, each with the condition of what it has.
    """
    of_sku = (
        select(Stock.warehouse, Stock.condition)
        .where(Stock.storefront == storefront, Stock.sku == sku)
        .order_by(*IN_ORDER)
        .with_for_update()
    )
    shelves = session.execute(of_sku).all()
    over = select(StockHold).where(
        StockHold.storefront == storefront, StockHold.sku == sku, _over(now)
    )
    ended = [_end(session, kept, "expire", now) for kept in session.scalars(over).all()]
    if ended:
        waiting.wake(session, storefront, [sku], now)
    return shelves


def _over(now: datetime) -> ColumnElement[bool]:
    return StockHold.ended.is_(None) & (StockHold.until <= now)


def _hold(
    session: Session,
    shelves: Sequence[Row[str, str]],
    key: str,
    asked: Asked,
    until: datetime,
    now: datetime,
) -> str | None:
    storefront, sku, quantity = asked
    for warehouse, condition in shelves:
        place = (storefront, sku, warehouse)
        if move(session, place, "hold", now, key=key, held=quantity):
            session.add(
                StockHold(
                    key=key,
                    storefront=storefront,
                    sku=sku,
                    warehouse=warehouse,
                    quantity=quantity,
                    condition=condition,
                    until=until,
                )
            )
            return warehouse
    return None


def _let_go(session: Session, kept: StockHold, now: datetime) -> None:
    if _end(session, kept, "release", now) == "ship":
        raise Unmet("not_held")


def _held_before(earlier: StockHold, asked: Asked, condition: str) -> str:
    held = (earlier.storefront, earlier.sku, earlier.quantity)
    if (held, earlier.condition) != (asked, condition):
        raise Unmet("key_reused")
    if earlier.ended in ("release", "expire"):
        raise Unmet("not_held")
    return earlier.warehouse


def _end(session: Session, kept: StockHold, how: str, now: datetime) -> str | None:
    """End a hold this way, unless it has ended already; the way that it did end."""
    still = (
        update(StockHold)
        .where(StockHold.key == kept.key, StockHold.ended.is_(None))
        .values(ended=how, ended_at=now)
        .returning(StockHold.key)
    )
    if session.scalars(still).one_or_none() is None:
        return session.scalar(select(StockHold.ended).where(StockHold.key == kept.key))
    leaving = -kept.quantity if how == "ship" else 0
    moved = move(
        session, _place(kept), how, now, key=kept.key, on_hand=leaving, held=-kept.quantity
    )
    assert moved  # a live hold is part of held
    return how


def _place(row: StockHold | StockMove) -> Place:
    return row.storefront, row.sku, row.warehouse
