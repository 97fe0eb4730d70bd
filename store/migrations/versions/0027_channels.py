"""Events, decisions and orders of operators say how the message of a person came

Revision: 0027, after 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

TABLES = ("case_events", "submission_events", "decisions", "resumes")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("channel", sa.Text(), nullable=True))
        op.create_check_constraint(
            op.f(f"{table}_channel_known"), table, "channel in ('api', 'temporal')"
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "channel")
