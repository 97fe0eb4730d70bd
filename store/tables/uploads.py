"""Photos that were sent in, what they belong to, and those that still have to be forgotten."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from store.tables.declared import Table, one_of


class Subject(StrEnum):
    """What a photo can belong to; each is named by the id of its own row."""

    CASE = "case"
    INSPECTION = "inspection"
    REVIEW = "review"


class Upload(Table):
    """A photo; its bytes are kept under its id before there is this row. Never changed.

    `used` is true from the moment that something first names it, and for good.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        CheckConstraint("width > 0 and height > 0 and size > 0", name="not_empty"),
        Index(None, "storefront"),
        Index("uploads_unused_idx", "created_at", postgresql_where=text("not used")),
    )
    upload_id: Mapped[UUID] = mapped_column(primary_key=True)
    storefront: Mapped[str] = mapped_column(ForeignKey("storefronts.storefront"))
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    phash: Mapped[int]
    used: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]


class UploadUse(Table):
    """What names an upload, once each. It holds the upload fast."""

    __tablename__ = "upload_uses"
    __table_args__ = (
        one_of("subject_kind", Subject),
        Index(None, "subject_id"),
    )
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads.upload_id"), primary_key=True)
    subject_kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)


class DiscardedUpload(Table):
    """An upload that nothing named in time. The row lives until its bytes are gone too."""

    __tablename__ = "discarded_uploads"
    upload_id: Mapped[UUID] = mapped_column(primary_key=True)
