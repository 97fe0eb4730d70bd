"""What travels: things done by outside parties, parcels, what came out of them, offers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.effects import Action, EffectState
from domain.goods_messages import Disposition, Grade
from domain.parcels import Direction, ParcelStatus
from store.tables.declared import Table, one_of


class Effect(Table):
    """Something an outside party does for a case that is not money, and how far it has come."""

    __tablename__ = "effects"
    __table_args__ = (
        one_of("action", Action),
        one_of("state", EffectState),
        CheckConstraint("(state = 'done') = (done_at is not null)", name="done_at"),
        CheckConstraint("(state = 'unknown') <= (unknown_since is not null)", name="unknown_since"),
        CheckConstraint(
            "(action in ('bill', 'ask_bill', 'cancel_bill', 'repay_bill')) = (bill_id is not null)",
            name="of_a_bill",
        ),
        UniqueConstraint("case_id", "action", "n"),
        Index(
            "effects_open_idx",
            "case_id",
            postgresql_where=text("state in ('planned', 'requested', 'unknown')"),
        ),
    )
    effect_id: Mapped[UUID] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    action: Mapped[str]
    n: Mapped[int] = mapped_column(Integer)
    bill_id: Mapped[UUID | None] = mapped_column(ForeignKey("bills.bill_id"), index=True)
    state: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str | None]
    code: Mapped[str] = mapped_column(server_default="")
    asked: Mapped[int] = mapped_column(Integer, server_default="0")
    planned_at: Mapped[datetime]
    requested_at: Mapped[datetime | None]
    unknown_since: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class Parcel(Table):
    """One parcel of a case, and where it is by all that its carrier has reported."""

    __tablename__ = "parcels"
    __table_args__ = (
        one_of("direction", Direction),
        one_of("status", ParcelStatus),
        UniqueConstraint("carrier", "tracking_number"),
        Index(None, "case_id"),
    )
    parcel_id: Mapped[UUID] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    direction: Mapped[str]
    effect_id: Mapped[UUID | None] = mapped_column(ForeignKey("effects.effect_id"))
    """The booking it came from; none if the buyer sent it."""
    carrier: Mapped[str]
    tracking_number: Mapped[str]
    status: Mapped[str]
    posted: Mapped[bool] = mapped_column(server_default=text("false"))
    seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    lost_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    """When its carrier was last asked, if it is one that reports nothing by itself."""


class ParcelReport(Table):
    """A carrier's word, once each. Kept also if it comes before we know of the parcel."""

    __tablename__ = "parcel_reports"
    __table_args__ = (
        one_of("status", ParcelStatus),
        Index(None, "carrier", "tracking_number"),
    )
    carrier: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    tracking_number: Mapped[str]
    status: Mapped[str]
    at: Mapped[datetime]
    received_at: Mapped[datetime]


class Inspection(Table):
    """What the warehouse found in a case's parcel: once a case, by whom, when."""

    __tablename__ = "inspections"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"), primary_key=True)
    inspection_id: Mapped[str] = mapped_column(unique=True)
    storefront: Mapped[str]
    actor: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    note: Mapped[str]
    unlisted: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    at: Mapped[datetime]


class InspectionLine(Table):
    __tablename__ = "inspection_lines"
    __table_args__ = (
        one_of("grade", Grade),
        one_of("disposition", Disposition),
        CheckConstraint("accepted between 0 and received", name="accepted_was_received"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.case_id"), primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    storefront: Mapped[str]
    received: Mapped[int] = mapped_column(Integer)
    accepted: Mapped[int] = mapped_column(Integer)
    grade: Mapped[str | None]
    reason: Mapped[str | None]
    disposition: Mapped[str | None]
    photos: Mapped[list[str]]


class Offer(Table):
    """What the buyer was offered for units that were not accepted, and what came of it."""

    __tablename__ = "offers"
    __table_args__ = (
        one_of("answer", ("accepted", "declined", "lapsed")),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("(answer is null) = (answered_at is null)", name="answered_at"),
        CheckConstraint("amount > 0 or answer is null", name="of_nothing_unanswered"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"), primary_key=True)
    offer_id: Mapped[str] = mapped_column(unique=True)
    storefront: Mapped[str]
    amount: Mapped[int]
    actor: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    note: Mapped[str]
    at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
