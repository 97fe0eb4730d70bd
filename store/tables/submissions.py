"""What buyers say: reviews and feedback, what happened to them and who decided."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.people import Channel
from domain.submissions import SETTLED, SubmissionKind, SubmissionStage, SubmissionWaits
from store.tables.declared import Table, one_of
from store.tables.orders import of_order

_AT_REST = ", ".join(f"'{stage}'" for stage in sorted(SETTLED))


class Submission(Table):
    """What was said, and where it stands. `version` counts its events; `closed_at` is set while
    nobody has to act.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        one_of("kind", SubmissionKind),
        one_of("stage", SubmissionStage),
        one_of("waiting_for", SubmissionWaits),
        CheckConstraint(
            f"(stage in ({_AT_REST})) = (closed_at is not null) "
            "and (closed_at is null) = (waiting_for is not null) "
            "and (closed_at is null) = (due_at is not null)",
            name="closed_whole",
        ),
        Index(None, "storefront", "kind", "opened_at", "submission_id"),
        Index(None, "kind", "opened_at", "submission_id"),
        Index(None, "storefront", "customer_id"),
        Index(
            "submissions_open_idx", "stage", "due_at", postgresql_where=text("closed_at is null")
        ),
    )
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    storefront: Mapped[str] = mapped_column(ForeignKey("storefronts.storefront"))
    kind: Mapped[str]
    customer_id: Mapped[str]
    stage: Mapped[str]
    waiting_for: Mapped[str | None]
    due_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]
    policy: Mapped[str]
    opened_by: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    version: Mapped[int] = mapped_column(Integer, server_default="0")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    # Every change is a compare-and-set on its version: without the lock it fails.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}


class SubmissionEvent(Table):
    """Its history. Append-only. `message_id` keeps a message from counting twice."""

    __tablename__ = "submission_events"
    __table_args__ = (
        UniqueConstraint("submission_id", "message_id"),
        one_of("channel", Channel),
    )
    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("submissions.submission_id"), primary_key=True
    )
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


class SubmissionDecision(Table):
    """Who decided on it, and what. Append-only. One row a slot: the first valid word stands."""

    __tablename__ = "submission_decisions"
    __table_args__ = (
        UniqueConstraint("submission_id", "slot"),
        Index(None, "at"),
        one_of("verdict", ("approve", "reject")),
        CheckConstraint("(verdict = 'reject') = (reason is not null)", name="reject_has_reason"),
    )
    decision_id: Mapped[str] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submissions.submission_id"))
    slot: Mapped[int] = mapped_column(Integer)
    verdict: Mapped[str]
    actor: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    actor_role: Mapped[str]
    reason: Mapped[str | None]
    note: Mapped[str]
    at: Mapped[datetime]


class Review(Table):
    """What a buyer says of a bought line. `published` is the version that everybody sees, while
    another one may be under audit.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        of_order(),
        ForeignKeyConstraint(
            ["submission_id", "published"],
            ["review_versions.submission_id", "review_versions.n"],
            name="published_version_fk",
        ),
        CheckConstraint(
            "(published is null) = (published_stars is null) "
            "and (published is null) = (published_at is null) "
            "and (published is null or (published_on is not null and live))",
            name="published_whole",
        ),
        CheckConstraint("published_stars between 1 and 5", name="stars_known"),
        CheckConstraint("helpful >= 0", name="helpful_not_negative"),
        CheckConstraint(
            "(reply is null) = (replied_at is null) and (reply is null) = (replied_by is null)",
            name="reply_whole",
        ),
        Index("reviews_one_live", "order_line_id", unique=True, postgresql_where=text("live")),
        Index(
            "reviews_newest_idx",
            "storefront",
            "sku",
            "published_at",
            "submission_id",
            postgresql_where=text("published is not null"),
        ),
        Index(
            "reviews_helpful_idx",
            "storefront",
            "sku",
            "helpful",
            "submission_id",
            postgresql_where=text("published is not null"),
        ),
        Index(
            "reviews_stars_idx",
            "storefront",
            "sku",
            "published_stars",
            "submission_id",
            postgresql_where=text("published is not null"),
        ),
        Index(None, "order_line_id"),
    )
    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("submissions.submission_id"), primary_key=True
    )
    storefront: Mapped[str]
    order_id: Mapped[str]
    line: Mapped[int] = mapped_column(Integer)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    sku: Mapped[str]
    versions: Mapped[int] = mapped_column(Integer)
    """How many there ever were; the newest is the one that is under audit or was decided last."""
    published: Mapped[int | None] = mapped_column(Integer)
    published_stars: Mapped[int | None] = mapped_column(Integer)
    published_at: Mapped[datetime | None]
    """When this version came to be seen."""
    published_on: Mapped[date | None]
    """The UTC day on which the review was first published: the day that it counts for."""
    had_case: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether its line had had a case by the time that it was first published."""
    appealed_at: Mapped[datetime | None]
    live: Mapped[bool] = mapped_column(server_default=text("true"))
    helpful: Mapped[int] = mapped_column(Integer, server_default="0")
    reply: Mapped[str | None]
    replied_at: Mapped[datetime | None]
    replied_by: Mapped[str | None] = mapped_column(ForeignKey("tokens.name"))


class ReviewVersion(Table):
    """What a review said, each time that it was written. Append-only."""

    __tablename__ = "review_versions"
    __table_args__ = (CheckConstraint("stars between 1 and 5", name="stars_known"),)
    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("submissions.submission_id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    storefront: Mapped[str]
    stars: Mapped[int] = mapped_column(Integer)
    content: Mapped[str]
    photos: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    anonymous: Mapped[bool]
    at: Mapped[datetime]


class ReviewVote(Table):
    """A customer who found a review helpful; `helpful` of the review counts them."""

    __tablename__ = "review_votes"
    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("reviews.submission_id"), primary_key=True
    )
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    storefront: Mapped[str]
    at: Mapped[datetime]
