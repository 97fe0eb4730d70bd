"""What buyers say of the shop, of their orders and cases, and how that is answered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.feedback_messages import Category
from store.tables.declared import Table, one_of
from store.tables.orders import of_order


class Feedback(Table):
    """What a buyer says of the shop, or of an order or case. A `score` says how content they are
    with a case, which they may say without a word.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        of_order(),
        one_of("category", Category),
        CheckConstraint("score between 1 and 5", name="score_known"),
        CheckConstraint(
            "(category = 'satisfaction') = (score is not null) "
            "and (score is null or case_id is not null) "
            "and (score is not null or (subject is not null and content is not null))",
            name="said_whole",
        ),
        CheckConstraint(
            "num_nonnulls(converted_to_case, converted_to_review) <= 1", name="converted_once"
        ),
        Index(
            "feedback_one_score", "case_id", unique=True, postgresql_where=text("score is not null")
        ),
        Index(None, "case_id"),
        Index(None, "converted_to_case", unique=True),
        Index(None, "converted_to_review", unique=True),
    )
    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("submissions.submission_id"), primary_key=True
    )
    storefront: Mapped[str]
    category: Mapped[str]
    subject: Mapped[str | None]
    content: Mapped[str | None]
    contact: Mapped[str | None]
    order_id: Mapped[str | None]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.case_id"))
    score: Mapped[int | None] = mapped_column(Integer)
    converted_to_case: Mapped[UUID | None] = mapped_column(ForeignKey("cases.case_id"))
    converted_to_review: Mapped[UUID | None] = mapped_column(ForeignKey("reviews.submission_id"))


class FeedbackMessage(Table):
    """What the shop and the buyer said to each other about feedback. Append-only."""

    __tablename__ = "feedback_messages"
    __table_args__ = (one_of("by", ("shop", "buyer")),)
    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("feedback.submission_id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    storefront: Mapped[str]
    by: Mapped[str]
    actor: Mapped[str] = mapped_column(ForeignKey("tokens.name"))
    actor_role: Mapped[str]
    content: Mapped[str]
    at: Mapped[datetime]
