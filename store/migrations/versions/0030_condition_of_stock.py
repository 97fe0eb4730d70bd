"""Stock is new or used, and so is what a buyer wants in exchange: only the same goes out for it

A worker of the version before cannot put pieces into `resale` meanwhile, nor hold any there.

Revision: 0030, after 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

PLACE = ["storefront", "sku", "warehouse"]
HAVING = ("stock", "stock_holds", "case_replacements")


def upgrade() -> None:
    for table in HAVING:
        op.add_column(
            table, sa.Column("condition", sa.Text(), server_default="new", nullable=False)
        )
    op.execute("update stock set condition = 'used' where warehouse = 'resale'")
    op.execute("update stock_holds set condition = 'used' where warehouse = 'resale'")
    for table in ("stock", "case_replacements"):
        op.create_check_constraint(
            op.f(f"{table}_condition_known"), table, "condition in ('new', 'used')"
        )
    op.create_check_constraint(
        op.f("stock_condition_of_warehouse"),
        "stock",
        "case warehouse when 'main' then condition = 'new' "
        "when 'resale' then condition = 'used' else true end",
    )
    _refer(*PLACE, "condition")


def downgrade() -> None:
    op.drop_constraint("stock_fk", "stock_holds")
    op.drop_constraint("stock_storefront_sku_warehouse_condition_key", "stock")
    op.create_foreign_key("stock_fk", "stock_holds", "stock", PLACE, PLACE)
    for table in HAVING:
        op.drop_column(table, "condition")


def _refer(*columns: str) -> None:
    """A hold names a shelf with its condition."""
    op.create_unique_constraint(
        op.f("stock_storefront_sku_warehouse_condition_key"), "stock", list(columns)
    )
    op.drop_constraint("stock_fk", "stock_holds")
    op.create_foreign_key("stock_fk", "stock_holds", "stock", list(columns), list(columns))
