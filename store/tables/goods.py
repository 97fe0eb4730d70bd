"""What travels: things done by outside parties, parcels, what came out of them, offers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.effect_messages import Statement
from domain.effects import EffectAction, EffectState
from domain.goods_messages import ArrivalAction, Disposition, Grade
from domain.parcels import Direction, ParcelStatus
from store.tables.declared import Table, one_of


class Effect(Table):
    """Something an outside party does for a case that is not money, and how far it has come."""

    __tablename__ = "effects"
    __table_args__ = (
        one_of("action", EffectAction),
        one_of("state", EffectState),
        CheckConstraint("(state = 'done') = (done_at is not null)", name="done_at"),
        CheckConstraint("(state = 'unknown') <= (unknown_since is not null)", name="unknown_since"),
        CheckConstraint(
            "(action in ('collect_bill', 'cancel_bill', 'refund_bill')) = (bill_id is not null)",
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
    refusal: Mapped[str | None]
    """The code with which its party refused it: for good, once its book has nothing of it."""
    done_at: Mapped[datetime | None]

    @property
    def since(self) -> datetime | None:
        """When it came to its state; None if it was cancelled, which keeps no time."""
        times = {
            EffectState.PLANNED: self.planned_at,
            EffectState.REQUESTED: self.requested_at,
            EffectState.UNKNOWN: self.unknown_since,
            EffectState.DONE: self.done_at,
        }
        return times.get(EffectState(self.state))


class EffectResolution(Table):
    """What a person stated of an effect in doubt, by its party's own books. Append-only."""

    __tablename__ = "effect_resolutions"
    __table_args__ = (
        one_of("action", Statement),
        CheckConstraint("(action = 'done') = (reference is not null)", name="done_has_reference"),
        Index(None, "effect_id"),
    )
    resolution_id: Mapped[str] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    effect_id: Mapped[UUID] = mapped_column(ForeignKey("effects.effect_id"))
    action: Mapped[str]
    reference: Mapped[str | None]
    carrier: Mapped[str | None]
    tracking_number: Mapped[str | None]
    actor: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    note: Mapped[str]
    at: Mapped[datetime]


class Parcel(Table):
    """One parcel of a case, and where it is by all that its carrier has reported."""

    __tablename__ = "parcels"
    __table_args__ = (
        one_of("direction", Direction),
        one_of("status", ParcelStatus),
        Index(
            "parcels_one_live",
            "carrier",
            "tracking_number",
            unique=True,
            postgresql_where=text("released_at is null"),
        ),
        Index(None, "carrier", "tracking_number"),
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
    since: Mapped[datetime]
    """No report from before this time, less the tolerance for clocks, is of this parcel."""
    released_at: Mapped[datetime | None]
    """Set once it was delivered or its case has closed: another parcel may bear its number."""
    created_at: Mapped[datetime]
    lost_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    """When its carrier was last asked, if it is one that reports nothing by itself."""


class Arrival(Table):
    """A parcel that came in although no case waited for it, what was in it, and what became of it.

    `lines` and `unlisted` are as the warehouse counted them, empty before.
    """

    __tablename__ = "arrivals"
    __table_args__ = (
        one_of("action", ArrivalAction),
        CheckConstraint(
            "(counted_at is null) = (actor is null) and (counted_at is null) = "
            "(inspection_id is null)",
            name="counted_whole",
        ),
        CheckConstraint(
            "(action is null) = (decided_at is null)",
            name="decided_at",
        ),
        CheckConstraint(
            "action is null or action in ('inspected', 'gone_back') or counted_at is not null",
            name="counted_first",
        ),
        CheckConstraint(
            "(action is not distinct from 'send_back') = (effect_id is not null)", name="sent"
        ),
        Index(
            "arrivals_one_undecided",
            "parcel_id",
            unique=True,
            postgresql_where=text("decided_at is null"),
        ),
        Index(None, "case_id"),
    )
    arrival_id: Mapped[UUID] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("parcels.parcel_id"))
    arrived_at: Mapped[datetime]
    inspection_id: Mapped[str | None] = mapped_column(unique=True)
    actor: Mapped[str | None] = mapped_column(ForeignKey("tokens.name"))
    counted_at: Mapped[datetime | None]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    unlisted: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    note: Mapped[str]
    action: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    effect_id: Mapped[UUID | None] = mapped_column(ForeignKey("effects.effect_id"), unique=True)
    """What takes it back to its buyer."""


class ParcelReport(Table):
    """What a carrier reported, once each. One that comes before we know of its parcel is kept for
    it; a report is of one parcel at most, whoever bears the number later.
    """

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
    parcel_id: Mapped[UUID | None] = mapped_column(ForeignKey("parcels.parcel_id"), index=True)


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
    serials: Mapped[list[str]] = mapped_column(server_default="{}")


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
