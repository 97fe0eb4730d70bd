"""What travels: effects, parcels, inspections, offers, and units that stay with the shop

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

APPEND_ONLY = ("parcel_reports", "inspections", "inspection_lines")
ATTENTION = (
    "'payout_declined', 'payout_in_doubt', 'payout_reversed', 'offline_payment', "
    "'payments_do_not_cover'"
)
CHECKS_BEFORE = {
    "cases_attention_known": f"attention in ({ATTENTION})",
    "cases_paid_within_total": "total >= 0 and approved between 0 and total "
    "and paid between 0 and total and shipping_held >= 0",
}
CHECKS_NOW = {
    "cases_attention_known": "attention in "
    f"('parcel_silent', 'parcel_astray', 'dispatch_refused', {ATTENTION})",
    "cases_paid_within_total": "total between 0 and entitled and approved between 0 and entitled "
    "and paid between 0 and total and shipping_held >= 0",
}


TOPICS = "'start', 'approve', 'reject', 'cancel', 'resume', 'payout_news'"


def upgrade() -> None:
    op.drop_constraint(op.f("outbox_topic_known"), "outbox")
    op.create_check_constraint(
        op.f("outbox_topic_known"), "outbox", f"topic in ({TOPICS}, 'case_news')"
    )
    op.create_table(
        "parcel_reports",
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status in ('pending', 'picked_up', 'in_transit', 'out_for_delivery', 'delivered', 'delivery_failed', 'return_to_sender', 'on_hold', 'cancelled')",
            name=op.f("parcel_reports_status_known"),
        ),
        sa.PrimaryKeyConstraint("carrier", "event_id", name=op.f("parcel_reports_pk")),
    )
    op.create_index(
        op.f("parcel_reports_carrier_tracking_number_idx"),
        "parcel_reports",
        ["carrier", "tracking_number"],
        unique=False,
    )
    op.create_table(
        "effects",
        sa.Column("effect_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("asked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'done') = (done_at is not null)", name=op.f("effects_done_at")
        ),
        sa.CheckConstraint(
            "(state = 'unknown') <= (unknown_since is not null)", name=op.f("effects_unknown_since")
        ),
        sa.CheckConstraint(
            "action in ('collect', 'cancel_collection', 'send', 'hold', 'release', 'ship', 'put_back', 'work_order', 'bill')",
            name=op.f("effects_action_known"),
        ),
        sa.CheckConstraint(
            "state in ('planned', 'requested', 'unknown', 'done', 'cancelled')",
            name=op.f("effects_state_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("effects_case_id_fk")),
        sa.PrimaryKeyConstraint("effect_id", name=op.f("effects_pk")),
        sa.UniqueConstraint("case_id", "action", "n", name=op.f("effects_case_id_action_n_key")),
        sa.UniqueConstraint("key", name=op.f("effects_key_key")),
    )
    op.create_index(
        "effects_open_idx",
        "effects",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("state in ('planned', 'requested', 'unknown')"),
    )
    op.create_table(
        "inspections",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("unlisted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["tokens.name"], name=op.f("inspections_actor_fk")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name=op.f("inspections_case_id_fk")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("inspections_pk")),
        sa.UniqueConstraint("inspection_id", name=op.f("inspections_inspection_id_key")),
    )
    op.create_table(
        "offers",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "answer in ('accepted', 'declined', 'lapsed')", name=op.f("offers_answer_known")
        ),
        sa.CheckConstraint(
            "(answer is null) = (answered_at is null)", name=op.f("offers_answered_at")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("offers_amount_positive")),
        sa.ForeignKeyConstraint(["actor"], ["tokens.name"], name=op.f("offers_actor_fk")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("offers_case_id_fk")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("offers_pk")),
        sa.UniqueConstraint("offer_id", name=op.f("offers_offer_id_key")),
    )
    op.create_table(
        "inspection_lines",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("photos", sa.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "disposition in ('restock', 'resale', 'repair', 'scrap', 'donate', 'send_back')",
            name=op.f("inspection_lines_disposition_known"),
        ),
        sa.CheckConstraint(
            "grade in ('A', 'B', 'C', 'D')", name=op.f("inspection_lines_grade_known")
        ),
        sa.CheckConstraint(
            "accepted between 0 and received", name=op.f("inspection_lines_accepted_was_received")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["inspections.case_id"], name=op.f("inspection_lines_case_id_fk")
        ),
        sa.PrimaryKeyConstraint("case_id", "line", name=op.f("inspection_lines_pk")),
    )
    op.create_table(
        "parcels",
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("effect_id", sa.Uuid(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("posted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "direction in ('inbound', 'outbound')", name=op.f("parcels_direction_known")
        ),
        sa.CheckConstraint(
            "status in ('pending', 'picked_up', 'in_transit', 'out_for_delivery', 'delivered', 'delivery_failed', 'return_to_sender', 'on_hold', 'cancelled')",
            name=op.f("parcels_status_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("parcels_case_id_fk")),
        sa.ForeignKeyConstraint(
            ["effect_id"], ["effects.effect_id"], name=op.f("parcels_effect_id_fk")
        ),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("parcels_pk")),
        sa.UniqueConstraint(
            "carrier", "tracking_number", name=op.f("parcels_carrier_tracking_number_key")
        ),
    )
    op.create_index(op.f("parcels_case_id_idx"), "parcels", ["case_id"], unique=False)
    op.add_column("cases", sa.Column("entitled", sa.BigInteger(), nullable=True))
    op.add_column(
        "cases", sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    )
    op.add_column("cases", sa.Column("received_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "claims", sa.Column("kept", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.execute("update cases set entitled = total")
    op.alter_column("cases", "entitled", nullable=False)
    for name, condition in CHECKS_NOW.items():
        op.drop_constraint(op.f(name), "cases")
        op.create_check_constraint(op.f(name), "cases", condition)
    op.create_check_constraint(
        op.f("cases_goods_have_address"), "cases", "kind = 'refund' or address is not null"
    )
    for table in APPEND_ONLY:
        op.execute(f"""
            create trigger {table}_append_only before update or delete on {table}
            for each row execute function refuse_change()
        """)
        op.execute(f"""
            create trigger {table}_no_truncate before truncate on {table}
            for each statement execute function refuse_change()
        """)


def downgrade() -> None:
    op.execute("delete from outbox where topic = 'case_news'")
    op.drop_constraint(op.f("outbox_topic_known"), "outbox")
    op.create_check_constraint(op.f("outbox_topic_known"), "outbox", f"topic in ({TOPICS})")
    op.drop_constraint(op.f("cases_goods_have_address"), "cases")
    for name, condition in CHECKS_BEFORE.items():
        op.drop_constraint(op.f(name), "cases")
        op.create_check_constraint(op.f(name), "cases", condition)
    op.drop_column("claims", "kept")
    op.drop_column("cases", "received_at")
    op.drop_column("cases", "address")
    op.drop_column("cases", "entitled")
    op.drop_index(op.f("parcels_case_id_idx"), table_name="parcels")
    op.drop_table("parcels")
    op.drop_table("inspection_lines")
    op.drop_table("offers")
    op.drop_table("inspections")
    op.drop_index(
        "effects_open_idx",
        table_name="effects",
        postgresql_where=sa.text("state in ('planned', 'requested', 'unknown')"),
    )
    op.drop_table("effects")
    op.drop_index(op.f("parcel_reports_carrier_tracking_number_idx"), table_name="parcel_reports")
    op.drop_table("parcel_reports")
