"""What refunds need

Revision: 0001, after None
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("create extension if not exists btree_gist")
    op.create_table(
        "storefronts",
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("storefront", name=op.f("storefronts_pk")),
    )
    op.create_table(
        "orders",
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.Column("customer_email", sa.Text(), nullable=True),
        sa.Column("customer_phone", sa.Text(), nullable=True),
        sa.Column("customer_locale", sa.Text(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipping_paid", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shipping_tax", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shipping_reserved", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shipping_refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shipping_refunded_tax", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "shipping_reserved >= 0 and shipping_refunded >= 0 and shipping_reserved + shipping_refunded <= shipping_paid",
            name=op.f("orders_shipping_not_exceeded"),
        ),
        sa.CheckConstraint(
            "shipping_tax between 0 and shipping_paid", name=op.f("orders_shipping_tax_within")
        ),
        sa.ForeignKeyConstraint(
            ["storefront"], ["storefronts.storefront"], name=op.f("orders_storefront_fk")
        ),
        sa.PrimaryKeyConstraint("storefront", "order_id", name=op.f("orders_pk")),
    )
    op.create_table(
        "tokens",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(role = 'storefront') = (storefront is not null)", name=op.f("tokens_storefront_bound")
        ),
        sa.CheckConstraint(
            "role in ('storefront', 'auditor', 'lead', 'warehouse', 'technician', 'operator')",
            name=op.f("tokens_role_known"),
        ),
        sa.ForeignKeyConstraint(
            ["storefront"], ["storefronts.storefront"], name=op.f("tokens_storefront_fk")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("tokens_pk")),
        sa.UniqueConstraint("token_hash", name=op.f("tokens_token_hash_key")),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attention", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("shipping", sa.BigInteger(), nullable=False),
        sa.Column("deductions", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("approved", sa.BigInteger(), nullable=True),
        sa.Column("paid", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("steps", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("shipping_held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("payout_to", sa.Text(), nullable=False),
        sa.Column("payout_token", sa.Text(), nullable=True),
        sa.Column("payout_last4", sa.Text(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(payout_to = 'bank_card') = (payout_token is not null)",
            name=op.f("cases_card_has_token"),
        ),
        sa.CheckConstraint(
            "(stage = 'needs_attention') = (attention is not null)", name=op.f("cases_parked_why")
        ),
        sa.CheckConstraint(
            "(stage in ('completed', 'rejected', 'cancelled', 'expired')) = (closed_at is not null) and (closed_at is null) = (outcome is null) and (closed_at is null) = (waiting_for is not null)",
            name=op.f("cases_closed_whole"),
        ),
        sa.CheckConstraint(
            "attention in ('payout_declined', 'payout_in_doubt', 'payout_reversed', 'offline_payment', 'payments_do_not_cover')",
            name=op.f("cases_attention_known"),
        ),
        sa.CheckConstraint(
            "kind in ('refund', 'return', 'exchange', 'repair')", name=op.f("cases_kind_known")
        ),
        sa.CheckConstraint(
            "outcome in ('refunded', 'returned_and_refunded', 'exchanged', 'repaired', 'sent_back', 'rejected', 'cancelled', 'expired', 'settled_manually', 'given_up')",
            name=op.f("cases_outcome_known"),
        ),
        sa.CheckConstraint(
            "payout_to in ('original', 'bank_card', 'store_credit')",
            name=op.f("cases_payout_to_known"),
        ),
        sa.CheckConstraint(
            "stage in ('awaiting_audit', 'awaiting_second_audit', 'awaiting_buyer', 'awaiting_parcel', 'awaiting_inspection', 'awaiting_stock', 'in_repair', 'paying', 'shipping', 'needs_attention', 'completed', 'rejected', 'cancelled', 'expired')",
            name=op.f("cases_stage_known"),
        ),
        sa.CheckConstraint(
            "waiting_for in ('auditor', 'buyer', 'carrier', 'warehouse', 'technician', 'gateway', 'operator')",
            name=op.f("cases_waiting_for_known"),
        ),
        sa.CheckConstraint(
            "items + shipping - deductions = total", name=op.f("cases_total_adds_up")
        ),
        sa.CheckConstraint(
            "total >= 0 and approved between 0 and total and paid between 0 and total and shipping_held >= 0",
            name=op.f("cases_paid_within_total"),
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["tokens.name"], name=op.f("cases_opened_by_fk")),
        sa.ForeignKeyConstraint(
            ["storefront", "order_id"], ["orders.storefront", "orders.order_id"], name="order_fk"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("cases_pk")),
    )
    op.create_index(
        "cases_open_idx",
        "cases",
        ["stage", "due_at"],
        unique=False,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index(
        op.f("cases_opened_at_case_id_idx"), "cases", ["opened_at", "case_id"], unique=False
    )
    op.create_index(
        op.f("cases_storefront_customer_id_idx"),
        "cases",
        ["storefront", "customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("cases_storefront_opened_at_case_id_idx"),
        "cases",
        ["storefront", "opened_at", "case_id"],
        unique=False,
    )
    op.create_index(
        op.f("cases_storefront_order_id_idx"), "cases", ["storefront", "order_id"], unique=False
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("returnable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.Column("serials", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "paid >= 0 and tax between 0 and paid", name=op.f("order_lines_tax_within_paid")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("order_lines_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["storefront", "order_id"], ["orders.storefront", "orders.order_id"], name="order_fk"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("order_lines_pk")),
        sa.UniqueConstraint(
            "storefront", "order_id", "line", name=op.f("order_lines_storefront_order_id_line_key")
        ),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "provider in ('stripe', 'offline')", name=op.f("payments_provider_known")
        ),
        sa.CheckConstraint(
            "reserved >= 0 and refunded >= 0 and reserved + refunded <= captured",
            name=op.f("payments_captured_not_exceeded"),
        ),
        sa.ForeignKeyConstraint(
            ["storefront", "order_id"], ["orders.storefront", "orders.order_id"], name="order_fk"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payments_pk")),
        sa.UniqueConstraint(
            "storefront",
            "order_id",
            "payment",
            name=op.f("payments_storefront_order_id_payment_key"),
        ),
        sa.UniqueConstraint(
            "storefront",
            "order_id",
            "position",
            name=op.f("payments_storefront_order_id_position_key"),
        ),
    )
    op.create_index(op.f("payments_payment_idx"), "payments", ["payment"], unique=False)
    op.create_table(
        "token_limits",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("token_limits_amount_not_negative")),
        sa.ForeignKeyConstraint(["name"], ["tokens.name"], name=op.f("token_limits_name_fk")),
        sa.PrimaryKeyConstraint("name", "currency", name=op.f("token_limits_pk")),
    )
    op.create_table(
        "case_events",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("from_stage", sa.Text(), nullable=True),
        sa.Column("to_stage", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name=op.f("case_events_case_id_fk")
        ),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("case_events_pk")),
        sa.UniqueConstraint(
            "case_id", "message_id", name=op.f("case_events_case_id_message_id_key")
        ),
    )
    op.create_table(
        "case_lines",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("case_lines_quantity_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("case_lines_case_id_fk")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("case_lines_order_line_id_fk")
        ),
        sa.PrimaryKeyConstraint("case_id", "line", name=op.f("case_lines_pk")),
    )
    op.create_table(
        "claims",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("units", postgresql.INT4RANGE(), nullable=False),
        sa.Column("paid", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tax", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("order_line_id"), "="),
            (sa.column("units"), "&&"),
            where=sa.text("released_at is null"),
            using="gist",
            name="claims_one_owner",
        ),
        sa.CheckConstraint(
            "not isempty(units) and lower(units) >= 1", name=op.f("claims_units_counted_from_one")
        ),
        sa.CheckConstraint(
            "released_at is null or settled_at is null", name=op.f("claims_released_or_settled")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("claims_case_id_fk")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("claims_order_line_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("claims_pk")),
        sa.UniqueConstraint("case_id", "position", name=op.f("claims_case_id_position_key")),
    )
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(verdict = 'reject') = (reason is not null)", name=op.f("decisions_reject_has_reason")
        ),
        sa.CheckConstraint("by in ('person', 'policy')", name=op.f("decisions_by_known")),
        sa.CheckConstraint(
            "verdict in ('approve', 'reject')", name=op.f("decisions_verdict_known")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("decisions_case_id_fk")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("decisions_pk")),
        sa.UniqueConstraint("case_id", "slot", name=op.f("decisions_case_id_slot_key")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name=op.f("idempotency_keys_case_id_fk")
        ),
        sa.PrimaryKeyConstraint("storefront", "route", "key", name=op.f("idempotency_keys_pk")),
    )
    op.create_index(
        op.f("idempotency_keys_created_at_idx"), "idempotency_keys", ["created_at"], unique=False
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "available_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "topic in ('start', 'approve', 'reject', 'cancel', 'resume', 'payout_news')",
            name=op.f("outbox_topic_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("outbox_case_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pk")),
    )
    op.create_index(
        "outbox_case_idx",
        "outbox",
        ["case_id", "id"],
        unique=False,
        postgresql_where=sa.text("delivered_at is null"),
    )
    op.create_index(
        "outbox_due_idx",
        "outbox",
        ["available_at"],
        unique=False,
        postgresql_where=sa.text("delivered_at is null"),
    )
    op.create_table(
        "payouts",
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("last4", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("approvals", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'unknown') <= (unknown_since is not null)", name=op.f("payouts_unknown_since")
        ),
        sa.CheckConstraint(
            "(state in ('paid', 'reversed')) = (settled_at is not null)",
            name=op.f("payouts_settled"),
        ),
        sa.CheckConstraint(
            "state in ('reserved', 'sending', 'pending', 'unknown', 'paid', 'failed', 'reversed')",
            name=op.f("payouts_state_known"),
        ),
        sa.CheckConstraint(
            "way in ('original', 'offline', 'bank_card', 'store_credit')",
            name=op.f("payouts_way_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("payouts_amount_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("payouts_case_id_fk")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("payouts_payment_id_fk")
        ),
        sa.PrimaryKeyConstraint("payout_id", name=op.f("payouts_pk")),
        sa.UniqueConstraint("case_id", "n", name=op.f("payouts_case_id_n_key")),
    )
    op.create_index(
        "payouts_one_live",
        "payouts",
        ["case_id", "payment_id"],
        unique=True,
        postgresql_where=sa.text("state not in ('failed', 'reversed')"),
    )
    op.create_index(
        "payouts_store_credit_idx",
        "payouts",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("way = 'store_credit'"),
    )
    op.create_table(
        "resumes",
        sa.Column("resume_id", sa.Text(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("payout_to", sa.Text(), nullable=True),
        sa.Column("payout_token", sa.Text(), nullable=True),
        sa.Column("payout_last4", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "action in ('retry', 'settle', 'reroute', 'give_up')", name=op.f("resumes_action_known")
        ),
        sa.ForeignKeyConstraint(["actor"], ["tokens.name"], name=op.f("resumes_actor_fk")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("resumes_case_id_fk")),
        sa.PrimaryKeyConstraint("resume_id", name=op.f("resumes_pk")),
    )
    op.create_index(op.f("resumes_case_id_at_idx"), "resumes", ["case_id", "at"], unique=False)
    op.create_table(
        "unit_credits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("units", postgresql.INT4RANGE(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("order_line_id"), "="),
            (sa.column("units"), "&&"),
            using="gist",
            name="unit_credits_apart",
        ),
        sa.CheckConstraint("paid >= 0 and tax >= 0", name=op.f("unit_credits_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("unit_credits_order_line_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("unit_credits_pk")),
    )
    op.create_table(
        "inbox",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.payout_id"], name=op.f("inbox_payout_id_fk")
        ),
        sa.PrimaryKeyConstraint("provider", "event_id", name=op.f("inbox_pk")),
    )
    op.create_index(
        "inbox_unread_idx",
        "inbox",
        ["payout_id"],
        unique=False,
        postgresql_where=sa.text("processed_at is null"),
    )
    op.create_table(
        "ledger_postings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "account in ('captured', 'reserved', 'refunded')",
            name=op.f("ledger_postings_account_known"),
        ),
        sa.CheckConstraint(
            "entry in ('reserve', 'settle', 'void', 'reverse')",
            name=op.f("ledger_postings_entry_known"),
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ledger_postings_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.payout_id"], name=op.f("ledger_postings_payout_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_postings_pk")),
        sa.UniqueConstraint(
            "payout_id",
            "attempt",
            "entry",
            "account",
            name=op.f("ledger_postings_payout_id_attempt_entry_account_key"),
        ),
    )
    op.create_table(
        "payout_attempts",
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("gateway_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state in ('created', 'sent', 'succeeded', 'failed')",
            name=op.f("payout_attempts_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.payout_id"], name=op.f("payout_attempts_payout_id_fk")
        ),
        sa.PrimaryKeyConstraint("payout_id", "attempt", name=op.f("payout_attempts_pk")),
        sa.UniqueConstraint("gateway_key", name=op.f("payout_attempts_gateway_key_key")),
    )


def downgrade() -> None:
    op.drop_table("payout_attempts")
    op.drop_table("ledger_postings")
    op.drop_index(
        "inbox_unread_idx", table_name="inbox", postgresql_where=sa.text("processed_at is null")
    )
    op.drop_table("inbox")
    op.drop_table("unit_credits")
    op.drop_index(op.f("resumes_case_id_at_idx"), table_name="resumes")
    op.drop_table("resumes")
    op.drop_index(
        "payouts_store_credit_idx",
        table_name="payouts",
        postgresql_where=sa.text("way = 'store_credit'"),
    )
    op.drop_index(
        "payouts_one_live",
        table_name="payouts",
        postgresql_where=sa.text("state not in ('failed', 'reversed')"),
    )
    op.drop_table("payouts")
    op.drop_index(
        "outbox_due_idx", table_name="outbox", postgresql_where=sa.text("delivered_at is null")
    )
    op.drop_index(
        "outbox_case_idx", table_name="outbox", postgresql_where=sa.text("delivered_at is null")
    )
    op.drop_table("outbox")
    op.drop_index(op.f("idempotency_keys_created_at_idx"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("decisions")
    op.drop_table("claims")
    op.drop_table("case_lines")
    op.drop_table("case_events")
    op.drop_table("token_limits")
    op.drop_index(op.f("payments_payment_idx"), table_name="payments")
    op.drop_table("payments")
    op.drop_table("order_lines")
    op.drop_index(op.f("cases_storefront_order_id_idx"), table_name="cases")
    op.drop_index(op.f("cases_storefront_opened_at_case_id_idx"), table_name="cases")
    op.drop_index(op.f("cases_storefront_customer_id_idx"), table_name="cases")
    op.drop_index(op.f("cases_opened_at_case_id_idx"), table_name="cases")
    op.drop_index(
        "cases_open_idx", table_name="cases", postgresql_where=sa.text("closed_at is null")
    )
    op.drop_table("cases")
    op.drop_table("tokens")
    op.drop_table("orders")
    op.drop_table("storefronts")
