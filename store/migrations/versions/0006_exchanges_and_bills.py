"""Exchanges: what is wanted instead, and what buyers owe for it

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ATTENTION = (
    "'payout_declined', 'payout_in_doubt', 'payout_reversed', 'offline_payment', "
    "'payments_do_not_cover'"
)
PARCELS = "'parcel_silent', 'parcel_astray', 'dispatch_refused'"
ACTIONS = (
    "'collect', 'cancel_collection', 'send', 'hold', 'release', 'ship', 'put_back', "
    "'work_order', 'bill'"
)
BEFORE = {
    ("cases", "cases_attention_known"): f"attention in ({PARCELS}, {ATTENTION})",
    ("effects", "effects_action_known"): f"action in ({ACTIONS})",
}
NOW = {
    ("cases", "cases_attention_known"): "attention in "
    f"({PARCELS}, 'out_of_stock', 'bill_refused', {ATTENTION})",
    ("effects", "effects_action_known"): "action in "
    f"({ACTIONS}, 'ask_bill', 'cancel_bill', 'repay_bill')",
}


def upgrade() -> None:
    op.create_table(
        "bills",
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("payment", sa.Text(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "what in ('exchange difference', 'repair', 'diagnosis fee')",
            name=op.f("bills_what_known"),
        ),
        sa.CheckConstraint(
            "state in ('open', 'paid', 'expired', 'cancelled', 'paid_back')",
            name=op.f("bills_state_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("bills_amount_positive")),
        sa.CheckConstraint(
            "(state in ('paid', 'paid_back')) = (payment is not null) "
            "and (payment is null) = (paid_at is null)",
            name=op.f("bills_paid_by_a_payment"),
        ),
        sa.CheckConstraint("url is null or state = 'open'", name=op.f("bills_url_is_open")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("bills_case_id_fk")),
        sa.PrimaryKeyConstraint("bill_id", name=op.f("bills_pk")),
        sa.UniqueConstraint("case_id", "n", name=op.f("bills_case_id_n_key")),
    )
    op.create_index(
        "bills_one_open",
        "bills",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "case_replacements",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("case_replacements_quantity_positive")),
        sa.CheckConstraint("price >= 0", name=op.f("case_replacements_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name=op.f("case_replacements_case_id_fk")
        ),
        sa.PrimaryKeyConstraint("case_id", "line", name=op.f("case_replacements_pk")),
    )
    op.create_index(
        op.f("case_replacements_storefront_sku_idx"), "case_replacements", ["storefront", "sku"]
    )
    op.add_column("effects", sa.Column("bill_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("effects_bill_id_fk"), "effects", "bills", ["bill_id"], ["bill_id"])
    op.create_index(op.f("effects_bill_id_idx"), "effects", ["bill_id"])
    for (table, name), condition in NOW.items():
        op.drop_constraint(op.f(name), table)
        op.create_check_constraint(op.f(name), table, condition)
    op.create_check_constraint(
        op.f("effects_of_a_bill"),
        "effects",
        "(action in ('bill', 'ask_bill', 'cancel_bill', 'repay_bill')) = (bill_id is not null)",
    )


def downgrade() -> None:
    op.execute("delete from effects where bill_id is not null")
    op.drop_constraint(op.f("effects_of_a_bill"), "effects")
    for (table, name), condition in BEFORE.items():
        op.drop_constraint(op.f(name), table)
        op.create_check_constraint(op.f(name), table, condition)
    op.drop_column("effects", "bill_id")
    op.drop_table("case_replacements")
    op.drop_table("bills")
