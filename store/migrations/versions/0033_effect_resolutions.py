"""What people state of effects in doubt

Revision: 0033, after 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "effect_resolutions",
        sa.Column("resolution_id", sa.Text(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("effect_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("tracking_number", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "action in ('ask', 'done', 'never')", name=op.f("effect_resolutions_action_known")
        ),
        sa.CheckConstraint(
            "(action = 'done') = (reference is not null)",
            name=op.f("effect_resolutions_done_has_reference"),
        ),
        sa.ForeignKeyConstraint(
            ["actor"], ["tokens.name"], name=op.f("effect_resolutions_actor_fk")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name=op.f("effect_resolutions_case_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["effect_id"], ["effects.effect_id"], name=op.f("effect_resolutions_effect_id_fk")
        ),
        sa.PrimaryKeyConstraint("resolution_id", name=op.f("effect_resolutions_pk")),
    )
    op.create_index(op.f("effect_resolutions_effect_id_idx"), "effect_resolutions", ["effect_id"])
    op.execute("""
        create trigger effect_resolutions_append_only
        before update or delete on effect_resolutions
        for each row execute function refuse_change()
    """)
    op.execute("""
        create trigger effect_resolutions_no_truncate before truncate on effect_resolutions
        for each statement execute function refuse_change()
    """)


def downgrade() -> None:
    op.drop_table("effect_resolutions")
