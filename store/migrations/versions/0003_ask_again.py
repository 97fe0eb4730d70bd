"""Ask gateways again about what they have paid

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("payouts", sa.Column("ask_again_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(
        op.f("payouts_ask_again_at"), "payouts", "(ask_again_at is not null) <= (state = 'paid')"
    )
    op.create_index(
        "payouts_ask_again_idx",
        "payouts",
        ["ask_again_at"],
        postgresql_where=sa.text("ask_again_at is not null"),
    )


def downgrade() -> None:
    op.drop_index("payouts_ask_again_idx", "payouts")
    op.drop_constraint(op.f("payouts_ask_again_at"), "payouts")
    op.drop_column("payouts", "ask_again_at")
