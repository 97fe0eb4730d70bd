"""Repairs: diagnoses, quotes to buyers, and which unit left

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ATTENTION = (
    "'parcel_silent', 'parcel_astray', 'dispatch_refused', 'out_of_stock', 'bill_refused', "
    "'payout_declined', 'payout_in_doubt', 'payout_reversed', 'offline_payment', "
    "'payments_do_not_cover'"
)
APPEND_ONLY = ("diagnoses", "repairs")


def upgrade() -> None:
    op.create_table(
        "diagnoses",
        sa.Column("diagnosis_id", sa.Text(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("covered", sa.Boolean(), nullable=False),
        sa.Column("repairable", sa.Boolean(), nullable=False),
        sa.Column("parts", sa.BigInteger(), nullable=False),
        sa.Column("labour", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "parts >= 0 and labour >= 0 and tax between 0 and parts + labour",
            name=op.f("diagnoses_tax_within_price"),
        ),
        sa.ForeignKeyConstraint(["actor"], ["tokens.name"], name=op.f("diagnoses_actor_fk")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("diagnoses_case_id_fk")),
        sa.PrimaryKeyConstraint("diagnosis_id", name=op.f("diagnoses_pk")),
        sa.UniqueConstraint("case_id", "n", name=op.f("diagnoses_case_id_n_key")),
    )
    op.create_index(
        op.f("diagnoses_storefront_serial_idx"), "diagnoses", ["storefront", "serial"], unique=False
    )
    op.create_table(
        "repairs",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("serial_in", sa.Text(), nullable=True),
        sa.Column("serial_out", sa.Text(), nullable=True),
        sa.Column("swapped", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "swapped or serial_out is not distinct from serial_in",
            name=op.f("repairs_leaves_as_it_came"),
        ),
        sa.ForeignKeyConstraint(["actor"], ["tokens.name"], name=op.f("repairs_actor_fk")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("repairs_case_id_fk")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("repairs_order_line_id_fk")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("repairs_pk")),
    )
    op.create_index(op.f("repairs_order_line_id_idx"), "repairs", ["order_line_id"], unique=False)
    op.create_table(
        "quotes",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("diagnosis_id", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "answer in ('accepted', 'declined', 'lapsed', 'replaced')",
            name=op.f("quotes_answer_known"),
        ),
        sa.CheckConstraint(
            "(answer is null) = (answered_at is null)", name=op.f("quotes_answered_at")
        ),
        sa.CheckConstraint(
            "amount > 0 and tax between 0 and amount", name=op.f("quotes_amount_positive")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("quotes_case_id_fk")),
        sa.ForeignKeyConstraint(
            ["diagnosis_id"], ["diagnoses.diagnosis_id"], name=op.f("quotes_diagnosis_id_fk")
        ),
        sa.PrimaryKeyConstraint("case_id", "version", name=op.f("quotes_pk")),
        sa.UniqueConstraint("diagnosis_id", name=op.f("quotes_diagnosis_id_key")),
    )
    op.create_index(
        "quotes_one_stands",
        "quotes",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("answer is null or answer = 'accepted'"),
    )
    op.add_column(
        "cases", sa.Column("fallback", sa.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("cases", sa.Column("remedy", sa.Text(), nullable=True))
    _attend(f"'repair_unpaid', {ATTENTION}")
    for table in APPEND_ONLY:
        op.execute(f"""
            create trigger {table}_append_only before update or delete on {table}
            for each row execute function refuse_change()
        """)
        op.execute(f"""
            create trigger {table}_no_truncate before truncate on {table}
            for each statement execute function refuse_change()
        """)


def _attend(known: str) -> None:
    op.drop_constraint(op.f("cases_attention_known"), "cases")
    op.create_check_constraint(op.f("cases_attention_known"), "cases", f"attention in ({known})")


def downgrade() -> None:
    _attend(ATTENTION)
    op.drop_column("cases", "remedy")
    op.drop_column("cases", "fallback")
    op.drop_index(
        "quotes_one_stands",
        table_name="quotes",
        postgresql_where=sa.text("answer is null or answer = 'accepted'"),
    )
    op.drop_table("quotes")
    op.drop_index(op.f("repairs_order_line_id_idx"), table_name="repairs")
    op.drop_table("repairs")
    op.drop_index(op.f("diagnoses_storefront_serial_idx"), table_name="diagnoses")
    op.drop_table("diagnoses")
