"""What technicians found, what buyers were asked to pay for it, and which unit left."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.tables.declared import Table, one_of


class Diagnosis(Table):
    """What is wrong with the unit of a case. Append-only; the last of a case holds."""

    __tablename__ = "diagnoses"
    __table_args__ = (
        UniqueConstraint("case_id", "n"),
        CheckConstraint(
            "parts >= 0 and labour >= 0 and tax between 0 and parts + labour",
            name="tax_within_price",
        ),
        Index(None, "storefront", "serial"),
    )
    diagnosis_id: Mapped[str] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    n: Mapped[int] = mapped_column(Integer)
    line: Mapped[int] = mapped_column(Integer)
    serial: Mapped[str | None]
    fault: Mapped[str]
    covered: Mapped[bool]
    repairable: Mapped[bool]
    parts: Mapped[int]
    labour: Mapped[int]
    tax: Mapped[int]
    note: Mapped[str]
    actor: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    at: Mapped[datetime]


class RepairQuote(Table):
    """What a repair that is not covered costs, and what the buyer said to it."""

    __tablename__ = "quotes"
    __table_args__ = (
        one_of("answer", ("accepted", "declined", "lapsed", "replaced")),
        CheckConstraint("amount > 0 and tax between 0 and amount", name="amount_positive"),
        CheckConstraint("(answer is null) = (answered_at is null)", name="answered_at"),
        Index(
            "quotes_one_stands",
            "case_id",
            unique=True,
            postgresql_where=text("answer is null or answer = 'accepted'"),
        ),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    storefront: Mapped[str]
    diagnosis_id: Mapped[str] = mapped_column(ForeignKey("diagnoses.diagnosis_id"), unique=True)
    amount: Mapped[int]
    tax: Mapped[int]
    at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class SerialClaim(Table):
    """A unit that a case has in hand, by its serial, until released. No unit is in two hands."""

    __tablename__ = "serial_claims"
    __table_args__ = (
        Index(
            "serial_claims_one_holder",
            "storefront",
            "sku",
            "serial",
            unique=True,
            postgresql_where=text("released_at is null"),
        ),
        CheckConstraint("not kept or released_at is not null", name="kept_at_the_end"),
        Index(None, "case_id"),
        Index(None, "order_line_id"),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    sku: Mapped[str]
    serial: Mapped[str]
    kept: Mapped[bool] = mapped_column(server_default=text("false"))
    """The shop keeps the unit for good: it is none of the order's any more."""
    claimed_at: Mapped[datetime]
    released_at: Mapped[datetime | None]


class Repair(Table):
    """A repaired unit as it left: once a case. Append-only."""

    __tablename__ = "repairs"
    __table_args__ = (
        CheckConstraint(
            "swapped or serial_out is not distinct from serial_in", name="leaves_as_it_came"
        ),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"), primary_key=True)
    storefront: Mapped[str]
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"), index=True)
    serial_in: Mapped[str | None]
    serial_out: Mapped[str | None]
    swapped: Mapped[bool]
    note: Mapped[str]
    actor: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    at: Mapped[datetime]
