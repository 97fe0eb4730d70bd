"""What was said of texts for those who judge them. Nothing is decided by it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.advice import Subject
from store.tables.declared import Table, one_of


class AdviceGiven(Table):
    """Advice on one version of a text, or that it was asked for; `said` holds none of its words.

    The subject is a case or a submission. `models` are the versions of what it comes from.
    """

    __tablename__ = "advice"
    __table_args__ = (
        one_of("subject_kind", Subject),
        CheckConstraint(
            "(computed_at is null) = (said is null) and (said is null) = (models is null)",
            name="computed_whole",
        ),
        CheckConstraint("attempts > 0", name="attempts_counted"),
    )
    subject_kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    storefront: Mapped[str] = mapped_column(ForeignKey("storefronts.storefront"))
    attempts: Mapped[int] = mapped_column(Integer)
    asked_at: Mapped[datetime]
    computed_at: Mapped[datetime | None]
    said: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    models: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
