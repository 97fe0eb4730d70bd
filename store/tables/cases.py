"""Cases: what was asked for, whose units they are, what happened and who decided."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import INT4RANGE, JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from domain.cases import Attention, Kind, Outcome, Stage, WaitingFor
from domain.people import Channel
from store.tables.declared import Table, one_of
from store.tables.orders import of_order


class Case(Table):
    """One after-sales request and where it stands. `version` counts its events."""

    __tablename__ = "cases"
    __table_args__ = (
        of_order(),
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
        CheckConstraint(
            "kind = 'refund' or (address is not null and jsonb_typeof(address) = 'object')",
            name="goods_have_address",
        ),
        CheckConstraint("approved is null or approvals_needed >= 1", name="approvals_counted"),
        CheckConstraint("(stage = 'needs_attention') = (attention is not null)", name="parked_why"),
        CheckConstraint("items + shipping - deductions = total", name="total_adds_up"),
        CheckConstraint(
            "total between 0 and entitled and approved between 0 and entitled "
            "and paid between 0 and total and shipping_held >= 0",
            name="paid_within_total",
        ),
        CheckConstraint(
            "(payout_to = 'bank_card') = (payout_token is not null)", name="card_has_token"
        ),
        Index(None, "storefront", "opened_at", "case_id"),
        Index(None, "opened_at", "case_id"),
        Index(None, "storefront", "order_id"),
        Index(None, "storefront", "customer_id"),
        Index(
            "cases_attention_idx",
            "attention",
            "opened_at",
            "case_id",
            postgresql_where=text("attention is not null"),
        ),
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
    entitled: Mapped[int]
    """The total at opening. What came of the goods may lower the total, never raise it above."""
    tax: Mapped[int]
    approved: Mapped[int | None]
    approvals_needed: Mapped[int | None] = mapped_column(Integer)
    """How many different people have to approve what was approved last, fixed at that approval."""
    paid: Mapped[int] = mapped_column(server_default="0")
    steps: Mapped[list[str]]
    shipping_held: Mapped[int] = mapped_column(server_default="0")
    """The order's shipping that this case keeps reserved while it lives."""
    payout_to: Mapped[str]
    payout_token: Mapped[str | None]
    payout_last4: Mapped[str | None]
    address: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Where the goods are, as the storefront gave it."""
    evidence: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}")
    """Uploads, in the order in which they are shown."""
    fallback: Mapped[list[str]] = mapped_column(server_default="{}")
    """What the buyer wants where it cannot be had as asked for, in the buyer's order."""
    remedy: Mapped[str | None]
    """What the case has come to instead of what it was opened for."""
    refund_first: Mapped[bool] = mapped_column(server_default=text("false"))
    """It pays before the goods are back, and charges for what does not come: see `charges`."""
    received_at: Mapped[datetime | None]
    """When the warehouse had the goods in its hands: nobody sends for them again."""
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
    kept: Mapped[bool] = mapped_column(server_default=text("false"))
    """The goods came in and stay with the shop: settled at the end, whatever was paid for them."""
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
    __table_args__ = (UniqueConstraint("case_id", "message_id"), one_of("channel", Channel))
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
    channel: Mapped[str | None]
    """How a person's message came; null for what the platform and outside parties did."""


class Decision(Table):
    """Who decided, and what. Append-only. One row a slot: the first valid word stands."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("case_id", "slot"),
        Index(None, "at"),
        one_of("verdict", ("approve", "reject")),
        one_of("by", ("person", "policy")),
        one_of("channel", Channel),
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
    channel: Mapped[str | None]


class Resume(Table):
    """What operators ordered for parked cases. Append-only."""

    __tablename__ = "resumes"
    __table_args__ = (
        one_of("channel", Channel),
        one_of("action", ("retry", "settle", "reroute", "give_up", "accept")),
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
    channel: Mapped[str | None]
