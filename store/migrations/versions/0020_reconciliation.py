"""What was read of the gateways' own lists, and what they have otherwise than our books

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "gateway_readings",
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("covers_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "covers_from <= read_at", name=op.f("gateway_readings_covers_before_reading")
        ),
        sa.CheckConstraint(
            "way in ('original', 'bank_card')", name=op.f("gateway_readings_way_known")
        ),
        sa.PrimaryKeyConstraint("way", name=op.f("gateway_readings_pk")),
    )
    _create_differences()


def downgrade() -> None:
    op.drop_table("gateway_differences")
    op.drop_table("gateway_readings")


def _create_differences() -> None:
    op.create_table(
        "gateway_differences",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("refund_id", sa.Text(), nullable=True),
        sa.Column("payout_id", sa.Uuid(), nullable=True),
        sa.Column("storefront", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("ours", sa.BigInteger(), nullable=True),
        sa.Column("theirs", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind in ('unknown_refund', 'missing_refund', 'paid_twice', 'amount_differs', "
            "'status_differs', 'ledger_differs')",
            name=op.f("gateway_differences_kind_known"),
        ),
        sa.CheckConstraint(
            "state in ('open', 'owned', 'resolved')", name=op.f("gateway_differences_state_known")
        ),
        sa.CheckConstraint(
            "way in ('original', 'bank_card')", name=op.f("gateway_differences_way_known")
        ),
        sa.CheckConstraint(
            "num_nonnulls(refund_id, payout_id) > 0", name=op.f("gateway_differences_of_something")
        ),
        sa.CheckConstraint(
            "(state <> 'owned') or (owner is not null)",
            name=op.f("gateway_differences_owned_by_somebody"),
        ),
        sa.CheckConstraint(
            "(state = 'resolved') = (resolved_at is not null) "
            "and (state = 'resolved') = (resolved_by is not null) "
            "and (state <> 'resolved' or note <> '')",
            name=op.f("gateway_differences_resolved_by_somebody"),
        ),
        sa.CheckConstraint(
            "first_seen <= last_seen", name=op.f("gateway_differences_seen_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.payout_id"], name=op.f("gateway_differences_payout_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("gateway_differences_pk")),
    )
    op.create_index(
        "gateway_differences_live_idx",
        "gateway_differences",
        ["kind", "refund_id", "payout_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'resolved'"),
        postgresql_nulls_not_distinct=True,
    )
    for column in ("refund_id", "payout_id"):
        op.create_index(op.f(f"gateway_differences_{column}_idx"), "gateway_differences", [column])
