"""Money on its way, and where it stands."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.cases import PayoutState
from store.tables.declared import Table, one_of


class Payout(Table):
    """Money that has to leave from one payment of the order, and how far it has come.

    What a case's payouts hold and have paid is never more than it pays (a trigger).
    """

    __tablename__ = "payouts"
    __table_args__ = (
        one_of("state", PayoutState),
        one_of("way", ("original", "offline", "bank_card", "store_credit")),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(state in ('paid', 'reversed')) = (settled_at is not null)", name="settled"
        ),
        CheckConstraint("(ask_again_at is not null) <= (state = 'paid')", name="ask_again_at"),
        CheckConstraint("(state = 'unknown') <= (unknown_since is not null)", name="unknown_since"),
        UniqueConstraint("case_id", "n"),
        Index(
            "payouts_ask_again_idx",
            "ask_again_at",
            postgresql_where=text("ask_again_at is not null"),
        ),
        Index("payouts_store_credit_idx", "case_id", postgresql_where=text("way = 'store_credit'")),
    )
    payout_id: Mapped[UUID] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    order_id: Mapped[str]
    n: Mapped[int] = mapped_column(Integer)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    way: Mapped[str]
    token: Mapped[str | None]
    last4: Mapped[str | None]
    amount: Mapped[int]
    currency: Mapped[str]
    state: Mapped[str]
    attempt: Mapped[int] = mapped_column(Integer)
    asked: Mapped[int] = mapped_column(Integer, server_default="0")
    """How often the gateway was asked about the present attempt."""
    approvals: Mapped[int] = mapped_column(Integer)
    """How many different people had to approve it when it was reserved."""
    code: Mapped[str]
    reference: Mapped[str | None]
    reserved_at: Mapped[datetime]
    unknown_since: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    ask_again_at: Mapped[datetime | None]
    """When the gateway is asked whether it has stayed paid (`store.reconciling`)."""


class PayoutAttempt(Table):
    """One gateway key. A new one is made only after a definite failure of the one before."""

    __tablename__ = "payout_attempts"
    __table_args__ = (one_of("state", ("created", "sent", "succeeded", "failed")),)
    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payouts.payout_id"), primary_key=True)
    attempt: Mapped[int] = mapped_column(Integer, primary_key=True)
    storefront: Mapped[str]
    gateway_key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    sent_at: Mapped[datetime | None]
    refusal: Mapped[str | None]
    """The code with which the gateway refused it: a decline, once its book has nothing of it."""
    found_unused_at: Mapped[datetime | None]
    """When the gateway last said of an old key that it does not know it."""
    code: Mapped[str]


class SettledDoubt(Table):
    """A payout whose fate was not known and that two people settled by hand.

    The gateway is asked about its key until `ask_at` is null. `found` is the refund that left all
    the same, by the gateway's name for it: the buyer was paid twice.
    """

    __tablename__ = "settled_doubts"
    __table_args__ = (
        one_of("way", ("original", "bank_card")),
        CheckConstraint("(found is null) = (found_at is null)", name="found_whole"),
        CheckConstraint("found is null or ask_at is null", name="found_not_asked"),
        Index("settled_doubts_ask_idx", "ask_at", postgresql_where=text("ask_at is not null")),
    )
    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payouts.payout_id"), primary_key=True)
    storefront: Mapped[str]
    way: Mapped[str]
    """The way that it was to go; the payout itself is paid offline now."""
    unknown_since: Mapped[datetime]
    settled_at: Mapped[datetime]
    ask_at: Mapped[datetime | None]
    found: Mapped[str | None]
    found_at: Mapped[datetime | None]


class LedgerPosting(Table):
    """Double-entry, append-only; each entry of a payout's attempt sums to zero (a trigger)."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        one_of("entry", ("reserve", "settle", "void", "reverse")),
        one_of("account", ("captured", "reserved", "refunded")),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        UniqueConstraint("payout_id", "attempt", "entry", "account"),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    storefront: Mapped[str]
    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payouts.payout_id"))
    attempt: Mapped[int] = mapped_column(Integer)
    entry: Mapped[str]
    account: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[int]
    at: Mapped[datetime]
