"""What stars add up to, and whom goods come from

Revision: 0012, after 0011
"""

from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    _create("rating_days", ("storefront", "sku", "day"), _id("sku"), _day(), _count("with_case"))
    _create("rating_totals", ("storefront", "sku"), _id("sku"), _count("with_case"))
    _create("satisfaction_days", ("storefront", "day"), _day())
    for table in ("rating_days", "rating_totals"):
        op.create_check_constraint(
            op.f(f"{table}_with_case_within"), table, "with_case between 0 and n"
        )
    for table in ("rating_days", "satisfaction_days"):
        op.create_index(op.f(f"{table}_day_idx"), table, ["day"])
    op.add_column("order_lines", sa.Column("supplier", sa.Text(), nullable=True))
    op.create_index(op.f("decisions_at_idx"), "decisions", ["at"])
    op.create_index(op.f("orders_ordered_at_idx"), "orders", ["ordered_at"])


def _create(table: str, key: tuple[str, ...], *columns: sa.Column[Any]) -> None:
    op.create_table(
        table,
        _id("storefront"),
        *columns,
        *(_count(name) for name in ("n", "total", "squares", "h1", "h2", "h3", "h4", "h5")),
        sa.CheckConstraint(
            "least(h1, h2, h3, h4, h5) >= 0 and n = h1 + h2 + h3 + h4 + h5 "
            "and total = h1 + 2 * h2 + 3 * h3 + 4 * h4 + 5 * h5 "
            "and squares = h1 + 4 * h2 + 9 * h3 + 16 * h4 + 25 * h5",
            name=op.f(f"{table}_sums_agree"),
        ),
        sa.ForeignKeyConstraint(
            ["storefront"], ["storefronts.storefront"], name=op.f(f"{table}_storefront_fk")
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"{table}_pk")),
    )


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _day() -> sa.Column[date]:
    return sa.Column("day", sa.Date(), nullable=False)


def downgrade() -> None:
    op.drop_index(op.f("orders_ordered_at_idx"), "orders")
    op.drop_index(op.f("decisions_at_idx"), "decisions")
    op.drop_column("order_lines", "supplier")
    for table in ("satisfaction_days", "rating_totals", "rating_days"):
        op.drop_table(table)
