"""Who may call: storefronts and tokens."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from domain.people import Role
from store.tables.declared import Table, one_of


class Storefront(Table):
    __tablename__ = "storefronts"
    storefront: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Token(Table):
    """Who may call. Only a hash of the token is here."""

    __tablename__ = "tokens"
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint(
            "(role = 'storefront') = (storefront is not null)", name="storefront_bound"
        ),
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    storefront: Mapped[str | None] = mapped_column(ForeignKey("storefronts.storefront"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]


class TokenLimit(Table):
    """The most a person may approve, in minor units of one currency."""

    __tablename__ = "token_limits"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount_not_negative"),)
    name: Mapped[str] = mapped_column(ForeignKey("tokens.name"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int]
