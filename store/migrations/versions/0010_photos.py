"""Photos, and what names them

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("phash", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("uploads_pk")),
        sa.ForeignKeyConstraint(
            ["storefront"], ["storefronts.storefront"], name=op.f("uploads_storefront_fk")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["tokens.name"], name=op.f("uploads_uploaded_by_fk")
        ),
        sa.CheckConstraint("width > 0 and height > 0 and size > 0", name=op.f("uploads_not_empty")),
    )
    op.create_index(op.f("uploads_storefront_idx"), "uploads", ["storefront"])
    op.create_index(
        "uploads_unused_idx", "uploads", ["created_at"], postgresql_where=sa.text("not used")
    )
    op.create_table(
        "upload_uses",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "upload_id", "subject_kind", "subject_id", name=op.f("upload_uses_pk")
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.upload_id"], name=op.f("upload_uses_upload_id_fk")
        ),
        sa.CheckConstraint(
            "subject_kind in ('case', 'inspection', 'review')",
            name=op.f("upload_uses_subject_kind_known"),
        ),
    )
    op.create_index(op.f("upload_uses_subject_id_idx"), "upload_uses", ["subject_id"])
    op.create_table(
        "discarded_uploads",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("discarded_uploads_pk")),
    )
    op.add_column(
        "cases",
        sa.Column("evidence", sa.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("cases", "evidence")
    op.drop_table("discarded_uploads")
    op.drop_table("upload_uses")
    op.drop_table("uploads")
