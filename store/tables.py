"""The tables: what PostgreSQL itself refuses, whatever the code above forgets.

Money is bigint minor units, time is timestamptz. Statuses are text under a CHECK. Every business
table carries the storefront. Triggers that SQLAlchemy cannot say (append-only, zero-sum ledger)
are in the first migration.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import INT4RANGE, ExcludeConstraint, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from domain.cases import Attention, Kind, Outcome, PayoutState, Stage, WaitingFor
from domain.people import Role


def one_of(column: str, values: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    """`column` holds one of these values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_known")


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pk",
            "fk": "%(table_name)s_%(column_0_name)s_fk",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        }
    )
    type_annotation_map = {
        int: BigInteger,
        str: Text,
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(Text),
    }


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


def _of_order() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["storefront", "order_id"], ["orders.storefront", "orders.order_id"], name="order_fk"
    )


class OrderLine(Table):
    __tablename__ = "order_lines"
    __table_args__ = (
        _of_order(),
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
    returnable: Mapped[bool] = mapped_column(server_default=text("true"))
    warranty_until: Mapped[date | None]
    serials: Mapped[list[str]] = mapped_column(server_default="{}")


class Payment(Table):
    """A captured payment of an order. The CHECK is the last word on whether money may leave."""

    __tablename__ = "payments"
    __table_args__ = (
        _of_order(),
        UniqueConstraint("storefront", "order_id", "payment"),
        UniqueConstraint("storefront", "order_id", "position"),
        Index(None, "payment"),
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


class Case(Table):
    """One after-sales request and where it stands. `version` counts its events."""

    __tablename__ = "cases"
    __table_args__ = (
        _of_order(),
        one_of("kind", Kind),
        one_of("stage", Stage),
        one_of("waiting_for", WaitingFor),
        one_of("outcome", Outcome),
        one_of("attention", Attention),
        one_of("payout_to", ("original", "bank_card", "store_credit")),
        CheckConstraint(
            "(stage in ('completed', 'rejected', 'cancelled', 'expired')) "
            "= (closed_at is not null) and (closed_at is null) = (outcome is null) "
            "and (closed_at is null) = (waiting_for is not null)",
            name="closed_whole",
        ),
        CheckConstraint("(stage = 'needs_attention') = (attention is not null)", name="parked_why"),
        CheckConstraint("items + shipping - deductions = total", name="total_adds_up"),
        CheckConstraint(
            "total >= 0 and approved between 0 and total and paid between 0 and total "
            "and shipping_held between 0 and shipping",
            name="paid_within_total",
        ),
        CheckConstraint(
            "(payout_to = 'bank_card') = (payout_token is not null)", name="card_has_token"
        ),
        Index(None, "storefront", "opened_at", "case_id"),
        Index(None, "opened_at", "case_id"),
        Index(None, "storefront", "order_id"),
        Index(None, "storefront", "customer_id"),
        Index("cases_open_idx", "stage", "due_at", postgresql_where=text("closed_at is null")),
    )
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    kind: Mapped[str]
    order_id: Mapped[str]
    customer_id: Mapped[str]
    stage: Mapped[str]
    waiting_for: Mapped[str | None]
    due_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]
    attention: Mapped[str | None]
    reason: Mapped[str]
    note: Mapped[str]
    currency: Mapped[str]
    policy: Mapped[str]
    items: Mapped[int]
    shipping: Mapped[int]
    deductions: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int]
    tax: Mapped[int]
    approved: Mapped[int | None]
    paid: Mapped[int] = mapped_column(server_default="0")
    steps: Mapped[list[str]]
    shipping_held: Mapped[int] = mapped_column(server_default="0")
    """The order's shipping that this case keeps reserved while it lives."""
    payout_to: Mapped[str]
    payout_token: Mapped[str | None]
    payout_last4: Mapped[str | None]
    opened_by: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    version: Mapped[int] = mapped_column(Integer, server_default="0")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    # Every change of a case is a compare-and-set on its version: without the lock it fails.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}


class CaseLine(Table):
    __tablename__ = "case_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"), primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    storefront: Mapped[str]
    position: Mapped[int] = mapped_column(Integer)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    amount: Mapped[int]
    tax: Mapped[int]


class Claim(Table):
    """Units that a case owns, or settled for good, until released. No unit has two owners.

    `paid` and `tax` are what the case paid for these units when it closed.
    """

    __tablename__ = "claims"
    __table_args__ = (
        ExcludeConstraint(
            ("order_line_id", "="),
            ("units", "&&"),
            where=text("released_at is null"),
            name="claims_one_owner",
        ),
        CheckConstraint("released_at is null or settled_at is null", name="released_or_settled"),
        CheckConstraint("not isempty(units) and lower(units) >= 1", name="units_counted_from_one"),
        UniqueConstraint("case_id", "position"),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    position: Mapped[int] = mapped_column(Integer)
    units: Mapped[Range[int]] = mapped_column(INT4RANGE)
    paid: Mapped[int] = mapped_column(server_default="0")
    tax: Mapped[int] = mapped_column(server_default="0")
    released_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class UnitCredit(Table):
    """What was paid back for units that are free again (a refund of less than they are worth)."""

    __tablename__ = "unit_credits"
    __table_args__ = (
        ExcludeConstraint(("order_line_id", "="), ("units", "&&"), name="unit_credits_apart"),
        CheckConstraint("paid >= 0 and tax >= 0", name="not_negative"),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    storefront: Mapped[str]
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    units: Mapped[Range[int]] = mapped_column(INT4RANGE)
    paid: Mapped[int]
    tax: Mapped[int]


class CaseEvent(Table):
    """The history of a case. Append-only. `message_id` keeps a message from counting twice."""

    __tablename__ = "case_events"
    __table_args__ = (UniqueConstraint("case_id", "message_id"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    storefront: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    actor_kind: Mapped[str]
    from_stage: Mapped[str | None]
    to_stage: Mapped[str]
    what: Mapped[str]
    detail: Mapped[str]
    message_id: Mapped[str | None]


class Decision(Table):
    """Who decided, and what. Append-only. One row a slot: the first valid word stands."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("case_id", "slot"),
        one_of("verdict", ("approve", "reject")),
        one_of("by", ("person", "policy")),
        CheckConstraint("(verdict = 'reject') = (reason is not null)", name="reject_has_reason"),
    )
    decision_id: Mapped[str] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    slot: Mapped[int] = mapped_column(Integer)
    verdict: Mapped[str]
    by: Mapped[str]
    actor: Mapped[str]
    actor_role: Mapped[str]
    amount: Mapped[int | None]
    reason: Mapped[str | None]
    note: Mapped[str]
    at: Mapped[datetime]


class Resume(Table):
    """What operators ordered for parked cases. Append-only."""

    __tablename__ = "resumes"
    __table_args__ = (
        one_of("action", ("retry", "settle", "reroute", "give_up")),
        Index(None, "case_id", "at"),
    )
    resume_id: Mapped[str] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    action: Mapped[str]
    actor: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    reference: Mapped[str | None]
    payout_to: Mapped[str | None]
    payout_token: Mapped[str | None]
    payout_last4: Mapped[str | None]
    note: Mapped[str]
    at: Mapped[datetime]


class Payout(Table):
    """Money that has to leave from one payment of the order, and how far it has come."""

    __tablename__ = "payouts"
    __table_args__ = (
        one_of("state", PayoutState),
        one_of("way", ("original", "offline", "bank_card", "store_credit")),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(state in ('paid', 'reversed')) = (settled_at is not null)", name="settled"
        ),
        CheckConstraint("(state = 'unknown') <= (unknown_since is not null)", name="unknown_since"),
        UniqueConstraint("case_id", "n"),
        Index(
            "payouts_one_live",
            "case_id",
            "payment_id",
            unique=True,
            postgresql_where=text("state not in ('failed', 'reversed')"),
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
    code: Mapped[str]


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


class IdempotencyKey(Table):
    """The first 2xx answer to a key, kept to be given again. JSON: it is the answer's own shape."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "created_at"),)
    storefront: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int] = mapped_column(Integer)
    location: Mapped[str]
    answer: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.case_id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Outbox(Table):
    """What Temporal has yet to be told. Written with the fact, delivered by the relay."""

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("topic", ("start", "approve", "reject", "cancel", "resume", "payout_news")),
        Index("outbox_due_idx", "available_at", postgresql_where=text("delivered_at is null")),
        Index("outbox_case_idx", "case_id", "id", postgresql_where=text("delivered_at is null")),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    topic: Mapped[str]
    message_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    available_at: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    delivered_at: Mapped[datetime | None]


class Inbox(Table):
    """Webhooks received, once each, and when they were acted on."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("inbox_unread_idx", "payout_id", postgresql_where=text("processed_at is null")),
    )
    provider: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    payout_id: Mapped[UUID | None] = mapped_column(ForeignKey("payouts.payout_id"))
    status: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    processed_at: Mapped[datetime | None]
