"""What buyers say: reviews, and the outbox that tells Temporal of them too

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

APPEND_ONLY = ("submission_events", "submission_decisions", "review_versions")
TOPICS = "'start', 'approve', 'reject', 'cancel', 'resume', 'payout_news', 'case_news'"


def upgrade() -> None:
    op.create_table(
        "submissions",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(stage in ('closed', 'converted', 'published', 'rejected', 'withdrawn')) = (closed_at is not null) and (closed_at is null) = (waiting_for is not null) and (closed_at is null) = (due_at is not null)",
            name=op.f("submissions_closed_whole"),
        ),
        sa.CheckConstraint("kind in ('review', 'feedback')", name=op.f("submissions_kind_known")),
        sa.CheckConstraint(
            "stage in ('on_hold', 'awaiting_audit', 'awaiting_appeal', 'awaiting_answer', 'awaiting_buyer', 'published', 'rejected', 'withdrawn', 'converted', 'closed')",
            name=op.f("submissions_stage_known"),
        ),
        sa.CheckConstraint(
            "waiting_for in ('auditor', 'buyer', 'case')",
            name=op.f("submissions_waiting_for_known"),
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["tokens.name"], name=op.f("submissions_opened_by_fk")
        ),
        sa.ForeignKeyConstraint(
            ["storefront"], ["storefronts.storefront"], name=op.f("submissions_storefront_fk")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("submissions_pk")),
    )
    op.create_index(
        op.f("submissions_kind_opened_at_submission_id_idx"),
        "submissions",
        ["kind", "opened_at", "submission_id"],
        unique=False,
    )
    op.create_index(
        "submissions_open_idx",
        "submissions",
        ["stage", "due_at"],
        unique=False,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index(
        op.f("submissions_storefront_customer_id_idx"),
        "submissions",
        ["storefront", "customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("submissions_storefront_kind_opened_at_submission_id_idx"),
        "submissions",
        ["storefront", "kind", "opened_at", "submission_id"],
        unique=False,
    )
    op.create_table(
        "review_versions",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("photos", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stars between 1 and 5", name=op.f("review_versions_stars_known")),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.submission_id"],
            name=op.f("review_versions_submission_id_fk"),
        ),
        sa.PrimaryKeyConstraint("submission_id", "n", name=op.f("review_versions_pk")),
    )
    op.create_table(
        "submission_decisions",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(verdict = 'reject') = (reason is not null)",
            name=op.f("submission_decisions_reject_has_reason"),
        ),
        sa.CheckConstraint(
            "verdict in ('approve', 'reject')", name=op.f("submission_decisions_verdict_known")
        ),
        sa.ForeignKeyConstraint(
            ["actor"], ["tokens.name"], name=op.f("submission_decisions_actor_fk")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.submission_id"],
            name=op.f("submission_decisions_submission_id_fk"),
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("submission_decisions_pk")),
        sa.UniqueConstraint(
            "submission_id", "slot", name=op.f("submission_decisions_submission_id_slot_key")
        ),
    )
    op.create_table(
        "submission_events",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
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
            ["submission_id"],
            ["submissions.submission_id"],
            name=op.f("submission_events_submission_id_fk"),
        ),
        sa.PrimaryKeyConstraint("submission_id", "seq", name=op.f("submission_events_pk")),
        sa.UniqueConstraint(
            "submission_id",
            "message_id",
            name=op.f("submission_events_submission_id_message_id_key"),
        ),
    )
    op.create_table(
        "reviews",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("published_stars", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("had_case", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("helpful", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(published is null) = (published_stars is null) and (published is null) = (published_at is null) and (published is null or (published_on is not null and live))",
            name=op.f("reviews_published_whole"),
        ),
        sa.CheckConstraint(
            "(reply is null) = (replied_at is null) and (reply is null) = (replied_by is null)",
            name=op.f("reviews_reply_whole"),
        ),
        sa.CheckConstraint("helpful >= 0", name=op.f("reviews_helpful_not_negative")),
        sa.CheckConstraint("published_stars between 1 and 5", name=op.f("reviews_stars_known")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("reviews_order_line_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["replied_by"], ["tokens.name"], name=op.f("reviews_replied_by_fk")
        ),
        sa.ForeignKeyConstraint(
            ["storefront", "order_id"], ["orders.storefront", "orders.order_id"], name="order_fk"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id", "published"],
            ["review_versions.submission_id", "review_versions.n"],
            name="published_version_fk",
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.submission_id"], name=op.f("reviews_submission_id_fk")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("reviews_pk")),
    )
    op.create_index(
        "reviews_helpful_idx",
        "reviews",
        ["storefront", "sku", "helpful", "submission_id"],
        unique=False,
        postgresql_where=sa.text("published is not null"),
    )
    op.create_index(
        "reviews_newest_idx",
        "reviews",
        ["storefront", "sku", "published_at", "submission_id"],
        unique=False,
        postgresql_where=sa.text("published is not null"),
    )
    op.create_index(
        "reviews_one_live",
        "reviews",
        ["order_line_id"],
        unique=True,
        postgresql_where=sa.text("live"),
    )
    op.create_index(op.f("reviews_order_line_id_idx"), "reviews", ["order_line_id"], unique=False)
    op.create_index(
        "reviews_stars_idx",
        "reviews",
        ["storefront", "sku", "published_stars", "submission_id"],
        unique=False,
        postgresql_where=sa.text("published is not null"),
    )
    op.create_table(
        "review_votes",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["reviews.submission_id"], name=op.f("review_votes_submission_id_fk")
        ),
        sa.PrimaryKeyConstraint("submission_id", "customer_id", name=op.f("review_votes_pk")),
    )
    op.add_column("outbox", sa.Column("submission_id", sa.Uuid(), nullable=True))
    op.add_column(
        "outbox",
        sa.Column(
            "subject",
            sa.Uuid(),
            sa.Computed("coalesce(case_id, submission_id)", persisted=True),
            nullable=False,
        ),
    )
    op.alter_column("outbox", "case_id", existing_type=sa.UUID(), nullable=True)
    op.drop_index(
        op.f("outbox_case_idx"), table_name="outbox", postgresql_where="(delivered_at IS NULL)"
    )
    _know(f"{TOPICS}, 'submission_news'")
    op.create_check_constraint(
        op.f("outbox_of_one"), "outbox", "num_nonnulls(case_id, submission_id) = 1"
    )
    op.create_index(
        "outbox_subject_idx",
        "outbox",
        ["subject", "id"],
        unique=False,
        postgresql_where=sa.text("delivered_at is null"),
    )
    op.create_foreign_key(
        op.f("outbox_submission_id_fk"),
        "outbox",
        "submissions",
        ["submission_id"],
        ["submission_id"],
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
    op.execute("delete from outbox where submission_id is not null")
    op.drop_constraint(op.f("outbox_of_one"), "outbox")
    _know(TOPICS)
    op.drop_constraint(op.f("outbox_submission_id_fk"), "outbox", type_="foreignkey")
    op.drop_index(
        "outbox_subject_idx", table_name="outbox", postgresql_where=sa.text("delivered_at is null")
    )
    op.create_index(
        op.f("outbox_case_idx"),
        "outbox",
        ["case_id", "id"],
        unique=False,
        postgresql_where="(delivered_at IS NULL)",
    )
    op.alter_column("outbox", "case_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("outbox", "subject")
    op.drop_column("outbox", "submission_id")
    op.drop_table("review_votes")
    op.drop_index(
        "reviews_stars_idx", table_name="reviews", postgresql_where=sa.text("published is not null")
    )
    op.drop_index(op.f("reviews_order_line_id_idx"), table_name="reviews")
    op.drop_index("reviews_one_live", table_name="reviews", postgresql_where=sa.text("live"))
    op.drop_index(
        "reviews_newest_idx",
        table_name="reviews",
        postgresql_where=sa.text("published is not null"),
    )
    op.drop_index(
        "reviews_helpful_idx",
        table_name="reviews",
        postgresql_where=sa.text("published is not null"),
    )
    op.drop_table("reviews")
    op.drop_table("submission_events")
    op.drop_table("submission_decisions")
    op.drop_table("review_versions")
    op.drop_index(
        op.f("submissions_storefront_kind_opened_at_submission_id_idx"), table_name="submissions"
    )
    op.drop_index(op.f("submissions_storefront_customer_id_idx"), table_name="submissions")
    op.drop_index(
        "submissions_open_idx",
        table_name="submissions",
        postgresql_where=sa.text("closed_at is null"),
    )
    op.drop_index(op.f("submissions_kind_opened_at_submission_id_idx"), table_name="submissions")
    op.drop_table("submissions")


def _know(topics: str) -> None:
    name = op.f("outbox_topic_known")
    op.drop_constraint(name, "outbox")
    op.create_check_constraint(name, "outbox", f"topic in ({topics})")
