"""A unit is in one open case's hands; inspections say which units came

Revision: 0023, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

HELD_NOW = """
    insert into serial_claims (storefront, case_id, order_line_id, sku, serial, claimed_at)
    select c.storefront, c.case_id, o.id, o.sku, d.serial, d.at
    from cases c
    join (
        select distinct on (case_id) * from diagnoses order by case_id, n desc
    ) d using (case_id)
    join case_lines l on l.case_id = c.case_id and l.line = d.line
    join order_lines o on o.id = l.order_line_id
    where c.closed_at is null and d.serial is not null
    order by d.at
    on conflict do nothing
"""


def upgrade() -> None:
    op.create_table(
        "serial_claims",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("kept", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("serial_claims_pk")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name=op.f("serial_claims_case_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("serial_claims_order_line_id_fk")
        ),
        sa.CheckConstraint(
            "not kept or released_at is not null", name=op.f("serial_claims_kept_at_the_end")
        ),
    )
    for column in ("case_id", "order_line_id"):
        op.create_index(op.f(f"serial_claims_{column}_idx"), "serial_claims", [column])
    op.create_index(
        "serial_claims_one_holder",
        "serial_claims",
        ["storefront", "sku", "serial"],
        unique=True,
        postgresql_where=sa.text("released_at is null"),
    )
    op.execute(HELD_NOW)
    op.add_column(
        "inspection_lines",
        sa.Column("serials", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("inspection_lines", "serials")
    op.drop_table("serial_claims")
