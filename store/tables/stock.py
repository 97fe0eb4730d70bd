"""Pieces on hand: how many there are, who holds some of them, and how it came to be so."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.messages import Condition
from store.tables.declared import Table, one_of

ENDS = ("release", "ship", "expire")
MOVES = ("put", "put_back", "hold", *ENDS)


class Stock(Table):
    """What a warehouse has of a SKU, all in one condition, which stands for good. The CHECK is the
    last word on whether pieces may be held.
    """

    __tablename__ = "stock"
    __table_args__ = (
        CheckConstraint("0 <= held and held <= on_hand", name="held_on_hand"),
        one_of("condition", Condition),
        CheckConstraint(
            "case warehouse when 'main' then condition = 'new' "
            "when 'resale' then condition = 'used' else true end",
            name="condition_of_warehouse",
        ),
        UniqueConstraint("storefront", "sku", "warehouse", "condition"),
    )
    storefront: Mapped[str] = mapped_column(ForeignKey("storefronts.storefront"), primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    warehouse: Mapped[str] = mapped_column(primary_key=True)
    on_hand: Mapped[int] = mapped_column(server_default="0")
    held: Mapped[int] = mapped_column(server_default="0")
    condition: Mapped[str] = mapped_column(server_default="new")


def of_stock(*more: str) -> ForeignKeyConstraint:
    columns = ["storefront", "sku", "warehouse", *more]
    return ForeignKeyConstraint(columns, [f"stock.{column}" for column in columns], name="stock_fk")


class StockHold(Table):
    """Pieces kept for one key. It lives until it has `ended`: let go, shipped, or run out. Of a
    shelf in another condition than was asked for it cannot be.
    """

    __tablename__ = "stock_holds"
    __table_args__ = (
        of_stock("condition"),
        one_of("ended", ENDS),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("(ended is null) = (ended_at is null)", name="ended_whole"),
        Index(
            "stock_holds_live_idx",
            "storefront",
            "sku",
            "until",
            postgresql_where=text("ended is null"),
        ),
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    sku: Mapped[str]
    warehouse: Mapped[str]
    quantity: Mapped[int]
    condition: Mapped[str] = mapped_column(server_default="new")
    until: Mapped[datetime]
    ended: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class StockMove(Table):
    """By how much on hand and held changed. Append-only. A case's move has a key, a PUT an actor.

    No key moves twice in one way, and no hold ends twice.
    """

    __tablename__ = "stock_moves"
    __table_args__ = (
        of_stock(),
        one_of("move", MOVES),
        CheckConstraint(
            "(move = 'put') = (actor is not null) and (move = 'put') = (key is null)",
            name="key_or_actor",
        ),
        CheckConstraint(
            "case move when 'put' then on_hand <> 0 and held = 0 "
            "when 'put_back' then on_hand > 0 and held = 0 "
            "when 'hold' then on_hand = 0 and held > 0 "
            "when 'ship' then on_hand = held and held < 0 "
            "else on_hand = 0 and held < 0 end",
            name="as_moves_go",
        ),
        UniqueConstraint("key", "move"),
        Index(
            "stock_moves_one_end",
            "key",
            unique=True,
            postgresql_where=text("move in ('release', 'ship', 'expire')"),
        ),
        Index(None, "storefront", "sku", "warehouse"),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    storefront: Mapped[str]
    sku: Mapped[str]
    warehouse: Mapped[str]
    move: Mapped[str]
    key: Mapped[str | None]
    actor: Mapped[str | None] = mapped_column(ForeignKey("tokens.name"))
    on_hand: Mapped[int]
    held: Mapped[int]
    at: Mapped[datetime]
