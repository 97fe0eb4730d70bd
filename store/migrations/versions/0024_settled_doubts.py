"""What a gateway refused is kept with its code; two people may settle what it never tells of

Revision: 0024, after 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

ASKED = sa.text("ask_at is not null")


def upgrade() -> None:
    op.add_column("payout_attempts", sa.Column("refusal", sa.Text(), nullable=True))
    op.add_column(
        "payout_attempts", sa.Column("found_unused_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("effects", sa.Column("refusal", sa.Text(), nullable=True))
    op.create_table(
        "settled_doubts",
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", sa.Text(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "way in ('original', 'bank_card')", name=op.f("settled_doubts_way_known")
        ),
        sa.CheckConstraint(
            "(found is null) = (found_at is null)", name=op.f("settled_doubts_found_whole")
        ),
        sa.CheckConstraint(
            "found is null or ask_at is null", name=op.f("settled_doubts_found_not_asked")
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.payout_id"], name=op.f("settled_doubts_payout_id_fk")
        ),
        sa.PrimaryKeyConstraint("payout_id", name=op.f("settled_doubts_pk")),
    )
    op.create_index(
        op.f("settled_doubts_ask_idx"), "settled_doubts", ["ask_at"], postgresql_where=ASKED
    )


def downgrade() -> None:
    op.drop_table("settled_doubts")
    op.drop_column("effects", "refusal")
    op.drop_column("payout_attempts", "found_unused_at")
    op.drop_column("payout_attempts", "refusal")
