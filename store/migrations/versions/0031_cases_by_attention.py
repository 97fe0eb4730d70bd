"""Cases are found by why they need a person

Revision: 0031, after 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_index(
        "cases_attention_idx",
        "cases",
        ["attention", "opened_at", "case_id"],
        postgresql_where=sa.text("attention is not null"),
    )


def downgrade() -> None:
    op.drop_index("cases_attention_idx", "cases")
