"""What was sold and paid, and what cases took of it."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.tables.charges import Charge
from store.tables.declared import Table, one_of


class Order(Table):
    """A sale as the storefront reported it, and what cases took of its shipping."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("shipping_tax between 0 and shipping_paid", name="shipping_tax_within"),
        CheckConstraint(
            "shipping_reserved >= 0 and shipping_refunded >= 0 "
            "and shipping_reserved + shipping_refunded <= shipping_paid",
            name="shipping_not_exceeded",
        ),
        Index(None, "ordered_at"),
    )
    storefront: Mapped[str] = mapped_column(ForeignKey("storefronts.storefront"), primary_key=True)
    order_id: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str]
    customer_id: Mapped[str]
    customer_name: Mapped[str | None]
    customer_email: Mapped[str | None]
    customer_phone: Mapped[str | None]
    customer_locale: Mapped[str | None]
    ordered_at: Mapped[datetime]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    shipping_paid: Mapped[int] = mapped_column(server_default="0")
    shipping_tax: Mapped[int] = mapped_column(server_default="0")
    shipping_reserved: Mapped[int] = mapped_column(server_default="0")
    shipping_refunded: Mapped[int] = mapped_column(server_default="0")
    shipping_refunded_tax: Mapped[int] = mapped_column(server_default="0")
    frozen_at: Mapped[datetime | None]
    """Set by the first case: from then on the amounts stand for good."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


def of_order() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["storefront", "order_id"], ["orders.storefront", "orders.order_id"], name="order_fk"
    )


class OrderLine(Table):
    __tablename__ = "order_lines"
    __table_args__ = (
        of_order(),
        UniqueConstraint("storefront", "order_id", "line"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("paid >= 0 and tax between 0 and paid", name="tax_within_paid"),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    storefront: Mapped[str]
    order_id: Mapped[str]
    line: Mapped[int] = mapped_column(Integer)
    sku: Mapped[str]
    title: Mapped[str]
    quantity: Mapped[int] = mapped_column(Integer)
    paid: Mapped[int]
    tax: Mapped[int]
    category: Mapped[str | None]
    supplier: Mapped[str | None]
    returnable: Mapped[bool] = mapped_column(server_default=text("true"))
    warranty_until: Mapped[date | None]
    delivered_at: Mapped[datetime | None]
    """Its own, where it came apart from the rest of the order."""
    serials: Mapped[list[str]] = mapped_column(server_default="{}")


class Payment(Table):
    """A captured payment of an order. The CHECK is the last word on whether money may leave."""

    __tablename__ = "payments"
    __table_args__ = (
        of_order(),
        UniqueConstraint("storefront", "order_id", "payment"),
        UniqueConstraint("storefront", "order_id", "position"),
        Index(None, "payment"),
        Index(None, "charge"),
        one_of("provider", ("stripe", "offline")),
        CheckConstraint(
            "reserved >= 0 and refunded >= 0 and reserved + refunded <= captured",
            name="captured_not_exceeded",
        ),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    storefront: Mapped[str]
    order_id: Mapped[str]
    position: Mapped[int] = mapped_column(Integer)
    payment: Mapped[str]
    provider: Mapped[str]
    method: Mapped[str | None]
    captured: Mapped[int]
    reserved: Mapped[int] = mapped_column(server_default="0")
    refunded: Mapped[int] = mapped_column(server_default="0")
    charge: Mapped[str | None] = mapped_column(ForeignKey("charges.charge"))
    """The charge that it names, once a workflow has read it there and it fitted."""
    shared: Mapped[Charge | None] = relationship(lazy="joined", viewonly=True)
    """That charge, as it was read together with the payment."""
