"""What buyers owe for a case, and what they want for what they give back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.bills import DebtState, What
from domain.messages import Condition
from store.tables.declared import Table, one_of


class Bill(Table):
    """What a buyer is asked to pay for a case, until when, and what came of it."""

    __tablename__ = "bills"
    __table_args__ = (
        one_of("what", What),
        one_of("state", DebtState),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(state in ('paid', 'paid_back')) = (payment is not null) "
            "and (payment is null) = (paid_at is null)",
            name="paid_by_a_payment",
        ),
        CheckConstraint("url is null or state = 'open'", name="url_is_open"),
        UniqueConstraint("case_id", "n"),
        Index("bills_one_open", "case_id", unique=True, postgresql_where=text("state = 'open'")),
    )
    bill_id: Mapped[UUID] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    n: Mapped[int] = mapped_column(Integer)
    what: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    opened_until: Mapped[datetime | None]
    """Until when what the gateway opened last may be paid."""
    url: Mapped[str | None]
    payment: Mapped[str | None]
    paid_at: Mapped[datetime | None]


class CaseReplacement(Table):
    """What the buyer wants for a line of an exchange. `price` is of the whole quantity."""

    __tablename__ = "case_replacements"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("price >= 0", name="price_not_negative"),
        one_of("condition", Condition),
        Index(None, "storefront", "sku"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"), primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    storefront: Mapped[str]
    sku: Mapped[str]
    quantity: Mapped[int] = mapped_column(Integer)
    price: Mapped[int]
    condition: Mapped[str] = mapped_column(server_default="new")
