"""What the bank sent unknown to our books is found by its order, and booked on its charge

Revision: 0028, after 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

CAP = "charges_captured_not_exceeded"


def upgrade() -> None:
    op.create_index(
        "gateway_book_transfers_idx",
        "gateway_book",
        ["order_id"],
        postgresql_where=sa.text("way = 'bank_card'"),
    )
    op.add_column(
        "charges", sa.Column("transferred", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.drop_constraint(op.f(CAP), "charges")
    _cap("foreign_refunded + transferred", "foreign_refunded >= 0 and transferred >= 0")


def downgrade() -> None:
    op.drop_constraint(op.f(CAP), "charges")
    op.execute("update charges set foreign_refunded = foreign_refunded + transferred")
    op.drop_column("charges", "transferred")
    _cap("foreign_refunded", "foreign_refunded >= 0")
    op.drop_index("gateway_book_transfers_idx", "gateway_book")


def _cap(taken: str, positive: str) -> None:
    op.create_check_constraint(
        op.f(CAP),
        "charges",
        f"reserved >= 0 and refunded >= 0 and {positive} "
        f"and reserved + refunded + {taken} <= captured",
    )
