"""Returns that are refunded before the goods are back

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ATTENTION = (
    "'parcel_silent', 'parcel_astray', 'dispatch_refused', 'repair_unpaid', 'out_of_stock', "
    "'bill_refused', 'payout_declined', 'payout_in_doubt', 'payout_reversed', "
    "'offline_payment', 'payments_do_not_cover'"
)
WHAT = "'exchange difference', 'repair', 'diagnosis fee'"


def upgrade() -> None:
    op.add_column(
        "cases",
        sa.Column("refund_first", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    _know(f"'not_returned', {ATTENTION}", f"{WHAT}, 'goods not returned'")


def downgrade() -> None:
    _know(ATTENTION, WHAT)
    op.drop_column("cases", "refund_first")


def _know(attention: str, what: str) -> None:
    for table, column, known in (("cases", "attention", attention), ("bills", "what", what)):
        name = op.f(f"{table}_{column}_known")
        op.drop_constraint(name, table)
        op.create_check_constraint(name, table, f"{column} in ({known})")
