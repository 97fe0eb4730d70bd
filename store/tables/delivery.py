"""What came in and what has to go out, each once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Integer,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from store.tables.declared import Table, one_of


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
        one_of(
            "topic",
            (
                "start",
                "approve",
                "reject",
                "cancel",
                "resume",
                "payout_news",
                "bill_news",
                "case_news",
                "submission_news",
            ),
        ),
        CheckConstraint("num_nonnulls(case_id, submission_id) = 1", name="of_one"),
        Index("outbox_due_idx", "available_at", postgresql_where=text("delivered_at is null")),
        Index("outbox_subject_idx", "subject", "id", postgresql_where=text("delivered_at is null")),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    storefront: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.case_id"))
    submission_id: Mapped[UUID | None] = mapped_column(ForeignKey("submissions.submission_id"))
    subject: Mapped[UUID] = mapped_column(
        Computed("coalesce(case_id, submission_id)", persisted=True)
    )
    """Whichever of the two it is about: messages about one thing keep their order."""
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
