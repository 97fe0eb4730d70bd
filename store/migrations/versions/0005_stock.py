"""Stock: what warehouses have, who holds some of it, and every move

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "stock",
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("storefront", "sku", "warehouse", name=op.f("stock_pk")),
        sa.ForeignKeyConstraint(
            ["storefront"], ["storefronts.storefront"], name=op.f("stock_storefront_fk")
        ),
        sa.CheckConstraint("0 <= held and held <= on_hand", name=op.f("stock_held_on_hand")),
    )
    op.create_table(
        "stock_holds",
        sa.Column("key", sa.Text(), nullable=False),
        *_place(),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("stock_holds_pk")),
        sa.CheckConstraint(
            "ended in ('release', 'ship', 'expire')", name=op.f("stock_holds_ended_known")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("stock_holds_quantity_positive")),
        sa.CheckConstraint(
            "(ended is null) = (ended_at is null)", name=op.f("stock_holds_ended_whole")
        ),
    )
    op.create_index(
        "stock_holds_live_idx",
        "stock_holds",
        ["storefront", "sku", "until"],
        postgresql_where=sa.text("ended is null"),
    )
    _moves()


def _moves() -> None:
    op.create_table(
        "stock_moves",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *_place(),
        sa.Column("move", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("stock_moves_pk")),
        sa.ForeignKeyConstraint(["actor"], ["tokens.name"], name=op.f("stock_moves_actor_fk")),
        sa.UniqueConstraint("key", "move", name=op.f("stock_moves_key_move_key")),
        sa.CheckConstraint(
            "move in ('put', 'put_back', 'hold', 'release', 'ship', 'expire')",
            name=op.f("stock_moves_move_known"),
        ),
        sa.CheckConstraint(
            "(move = 'put') = (actor is not null) and (move = 'put') = (key is null)",
            name=op.f("stock_moves_key_or_actor"),
        ),
        sa.CheckConstraint(
            "case move when 'put' then on_hand <> 0 and held = 0 "
            "when 'put_back' then on_hand > 0 and held = 0 "
            "when 'hold' then on_hand = 0 and held > 0 "
            "when 'ship' then on_hand = held and held < 0 "
            "else on_hand = 0 and held < 0 end",
            name=op.f("stock_moves_as_moves_go"),
        ),
    )
    op.create_index(
        "stock_moves_one_end",
        "stock_moves",
        ["key"],
        unique=True,
        postgresql_where=sa.text("move in ('release', 'ship', 'expire')"),
    )
    op.create_index(
        op.f("stock_moves_storefront_sku_warehouse_idx"),
        "stock_moves",
        ["storefront", "sku", "warehouse"],
    )
    op.execute("""
        create trigger stock_moves_append_only before update or delete on stock_moves
        for each row execute function refuse_change()
    """)
    op.execute("""
        create trigger stock_moves_no_truncate before truncate on stock_moves
        for each statement execute function refuse_change()
    """)


def _place() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["storefront", "sku", "warehouse"],
            ["stock.storefront", "stock.sku", "stock.warehouse"],
            name="stock_fk",
        ),
    ]


def downgrade() -> None:
    op.drop_table("stock_moves")
    op.drop_table("stock_holds")
    op.drop_table("stock")
