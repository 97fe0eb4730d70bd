"""Feedback, and what the shop and the buyer say to each other about it

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("converted_to_case", sa.Uuid(), nullable=True),
        sa.Column("converted_to_review", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(category = 'satisfaction') = (score is not null) "
            "and (score is null or case_id is not null) "
            "and (score is not null or (subject is not null and content is not null))",
            name=op.f("feedback_said_whole"),
        ),
        sa.CheckConstraint(
            "category in ('product', 'delivery', 'service', 'website', 'price', 'satisfaction', "
            "'other')",
            name=op.f("feedback_category_known"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(converted_to_case, converted_to_review) <= 1",
            name=op.f("feedback_converted_once"),
        ),
        sa.CheckConstraint("score between 1 and 5", name=op.f("feedback_score_known")),
        _names("feedback", "case_id", "cases.case_id"),
        _names("feedback", "converted_to_case", "cases.case_id"),
        _names("feedback", "converted_to_review", "reviews.submission_id"),
        _names("feedback", "submission_id", "submissions.submission_id"),
        sa.ForeignKeyConstraint(
            ["storefront", "order_id"], ["orders.storefront", "orders.order_id"], name="order_fk"
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("feedback_pk")),
    )
    op.create_index(op.f("feedback_case_id_idx"), "feedback", ["case_id"])
    for column in ("converted_to_case", "converted_to_review"):
        op.create_index(op.f(f"feedback_{column}_idx"), "feedback", [column], unique=True)
    op.create_index(
        "feedback_one_score",
        "feedback",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("score is not null"),
    )
    op.create_table(
        "feedback_messages",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("by in ('shop', 'buyer')", name=op.f("feedback_messages_by_known")),
        _names("feedback_messages", "actor", "tokens.name"),
        _names("feedback_messages", "submission_id", "feedback.submission_id"),
        sa.PrimaryKeyConstraint("submission_id", "n", name=op.f("feedback_messages_pk")),
    )
    op.execute("""
        create trigger feedback_messages_append_only before update or delete on feedback_messages
        for each row execute function refuse_change()
    """)
    op.execute("""
        create trigger feedback_messages_no_truncate before truncate on feedback_messages
        for each statement execute function refuse_change()
    """)


def _names(table: str, column: str, there: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [there], name=op.f(f"{table}_{column}_fk"))


def downgrade() -> None:
    op.drop_table("feedback_messages")
    op.drop_table("feedback")
