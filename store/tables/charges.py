"""Charges at the gateway, as they were last read, and the money that left them there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.tables.declared import Table, one_of


class Charge(Table):
    """One charge, whatever names it. A row appears when a workflow first reads the charge.

    `reserved` and `refunded` are the sums over all payments that name it, of whatever order: a
    trigger on `payments` keeps them, and the CHECK is the last word on what may leave.
    """

    __tablename__ = "charges"
    __table_args__ = (
        CheckConstraint(
            "reserved >= 0 and refunded >= 0 and foreign_refunded >= 0 and transferred >= 0 "
            "and reserved + refunded + foreign_refunded + transferred <= captured",
            name="captured_not_exceeded",
        ),
    )
    charge: Mapped[str] = mapped_column(primary_key=True)
    """`ch_...` or `py_...`, never the intent."""
    intent: Mapped[str | None] = mapped_column(unique=True)
    owner: Mapped[str | None]
    """The storefront that may refund it: by its metadata, else the first whose case read it there
    and had its currency right.
    """
    assigned: Mapped[bool] = mapped_column(server_default=text("false"))
    """Two people named the owner, whatever the metadata says."""
    currency: Mapped[str]
    captured: Mapped[int]
    reserved: Mapped[int] = mapped_column(server_default="0")
    refunded: Mapped[int] = mapped_column(server_default="0")
    foreign_refunded: Mapped[int] = mapped_column(server_default="0")
    """Refunds by others and lost disputes that were accepted, as far as they find room."""
    transferred: Mapped[int] = mapped_column(server_default="0")
    """What the bank has sent of it unknown to our books, and was accepted, likewise."""
    disputed: Mapped[bool] = mapped_column(server_default=text("false"))
    """A dispute is open."""
    read_at: Mapped[datetime]


class ChargeAssignment(Table):
    """Who asked to give a charge to a storefront, and who confirmed it. Append-only."""

    __tablename__ = "charge_assignments"
    __table_args__ = (
        one_of("actor_role", ("operator", "lead")),
        Index(None, "charge"),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    charge: Mapped[str] = mapped_column(ForeignKey("charges.charge"))
    owner: Mapped[str] = mapped_column(ForeignKey("storefronts.storefront"))
    actor: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    actor_role: Mapped[str]
    confirmed: Mapped[bool]
    """False for the first person's request, true for the second's, which moved the charge."""
    note: Mapped[str]
    at: Mapped[datetime]


class GatewayEntry(Table):
    """Money that left by a gateway, as its own list says: a refund, a transfer or a dispute.

    `key`, `order_id`, `case_id` and `payout_id` are from its metadata, which anybody may have
    written. `standing` is what it is to our books: `ours`; `foreign`, made by others; `accepted`,
    foreign and booked on its charge by two people; `recovered`, ours and lost with a database.
    """

    __tablename__ = "gateway_book"
    __table_args__ = (
        one_of("way", ("original", "bank_card", "dispute")),
        one_of("standing", ("ours", "foreign", "accepted", "recovered")),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        Index(None, "charge"),
        Index(None, "key"),
        Index("gateway_book_transfers_idx", "order_id", postgresql_where=text("way = 'bank_card'")),
    )
    refund_id: Mapped[str] = mapped_column(primary_key=True)
    way: Mapped[str]
    charge: Mapped[str | None]
    amount: Mapped[int]
    currency: Mapped[str]
    status: Mapped[str]
    """The gateway's own word."""
    key: Mapped[str | None]
    storefront: Mapped[str | None]
    order_id: Mapped[str | None]
    case_id: Mapped[UUID | None]
    payout_id: Mapped[UUID | None]
    standing: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
