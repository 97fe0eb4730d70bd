"""Advice on texts for those who judge them

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "advice",
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True)),
        sa.Column("said", postgresql.JSONB()),
        sa.Column("models", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("subject_kind", "subject_id", "version", name=op.f("advice_pk")),
        sa.ForeignKeyConstraint(
            ["storefront"], ["storefronts.storefront"], name=op.f("advice_storefront_fk")
        ),
        sa.CheckConstraint(
            "subject_kind in ('case', 'review')", name=op.f("advice_subject_kind_known")
        ),
        sa.CheckConstraint(
            "(computed_at is null) = (said is null) and (said is null) = (models is null)",
            name=op.f("advice_computed_whole"),
        ),
        sa.CheckConstraint("attempts > 0", name=op.f("advice_attempts_counted")),
    )


def downgrade() -> None:
    op.drop_table("advice")
