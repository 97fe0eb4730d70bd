"""What each person, and the policy, approved in money: limits and caps are counted from here."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from store.tables.declared import Table, one_of
from store.tables.orders import of_order


class Approval(Table):
    """An amount that somebody approved, or the policy by itself. Append-only.

    A trigger locks the order and the person, and refuses a row by which the person would have
    approved more than `most_per_order` on the order or `most_per_day` on the day, or whose
    `order_total` is not what the order comes to. So code that forgets a lock fails. For the policy,
    of whatever version, it locks buyer and day, and refuses what is more than any of three caps.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        of_order(),
        one_of("what", ("approval", "offer")),
        one_of("by", ("person", "policy")),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint(
            "(what = 'approval') = (order_total is not null) "
            "and (order_total is null) = (needed is null)",
            name="approval_has_total",
        ),
        CheckConstraint("(most_per_order is null) = (most_per_day is null)", name="limited_or_not"),
        CheckConstraint(
            "by = 'person' and most_per_buyer is null and day_total is null or by = 'policy' "
            "and what = 'approval' and most_per_day is not null and most_per_buyer is not null "
            "and day_total is not null",
            name="policy_has_caps",
        ),
        Index(None, "actor", "currency", "day"),
        Index(None, "storefront", "order_id"),
        Index(
            "approvals_of_buyer_idx",
            "storefront",
            "customer_id",
            postgresql_where=text("by = 'policy'"),
        ),
        Index(
            "approvals_in_day_idx",
            "currency",
            "day",
            "day_total",
            postgresql_where=text("by = 'policy'"),
        ),
        Index(None, "case_id"),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    storefront: Mapped[str]
    order_id: Mapped[str]
    customer_id: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    what: Mapped[str]
    by: Mapped[str]
    actor: Mapped[str]
    """A token's name, or the policy's for what it approves by itself."""
    amount: Mapped[int]
    currency: Mapped[str]
    order_total: Mapped[int | None]
    """What was paid and approved on the order, this amount included."""
    needed: Mapped[int | None] = mapped_column(Integer)
    """How many different people had to approve that."""
    most_per_order: Mapped[int | None]
    """The person's limits, or the policy's caps, as they were then; null for who has none."""
    most_per_buyer: Mapped[int | None]
    most_per_day: Mapped[int | None]
    day_total: Mapped[int | None]
    """What the policy approved by itself on the day in this currency, this amount included: the
    trigger's, so that it need not add up the day.
    """
    day: Mapped[date]
    """Of the policy's time zone."""
    at: Mapped[datetime]
