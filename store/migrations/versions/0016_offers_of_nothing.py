"""An offer of nothing is kept as well: its id names it for good

Revision: 0016, after 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.drop_constraint(op.f("offers_amount_positive"), "offers", type_="check")
    op.create_check_constraint(op.f("offers_amount_not_negative"), "offers", "amount >= 0")
    op.create_check_constraint(
        op.f("offers_of_nothing_unanswered"), "offers", "amount > 0 or answer is null"
    )


def downgrade() -> None:
    op.execute("delete from offers where amount = 0")
    op.drop_constraint(op.f("offers_of_nothing_unanswered"), "offers", type_="check")
    op.drop_constraint(op.f("offers_amount_not_negative"), "offers", type_="check")
    op.create_check_constraint(op.f("offers_amount_positive"), "offers", "amount > 0")
