"""Read auditors' figures of reviews by day; an address is one, or nothing

Revision: 0017, after 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index(op.f("submission_decisions_at_idx"), "submission_decisions", ["at"])
    # Cases without an address had the JSON null, which is not null to PostgreSQL.
    op.execute("update cases set address = null where jsonb_typeof(address) = 'null'")
    _know("kind = 'refund' or (address is not null and jsonb_typeof(address) = 'object')")


def downgrade() -> None:
    _know("kind = 'refund' or address is not null")
    op.drop_index(op.f("submission_decisions_at_idx"), "submission_decisions")


def _know(goods_have_address: str) -> None:
    name = op.f("cases_goods_have_address")
    op.drop_constraint(name, "cases")
    op.create_check_constraint(name, "cases", goods_have_address)
