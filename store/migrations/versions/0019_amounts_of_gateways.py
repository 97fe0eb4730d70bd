"""A case waits for a person where its gateway cannot move its amount, or does not take our key

Revision: 0019, after 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"

ATTENTION = (
    "'parcel_silent', 'parcel_astray', 'dispatch_refused', 'repair_unpaid', 'out_of_stock', "
    "'bill_refused', 'not_returned', 'payout_declined', 'payout_in_doubt', 'payout_reversed', "
    "'offline_payment', 'payments_do_not_cover', 'charge_mismatch', 'charge_unreadable'"
)


def upgrade() -> None:
    _know(f"{ATTENTION}, 'amount_not_expressible', 'gateway_refuses_us'")


def downgrade() -> None:
    _know(ATTENTION)


def _know(attention: str) -> None:
    name = op.f("cases_attention_known")
    op.drop_constraint(name, "cases")
    op.create_check_constraint(name, "cases", f"attention in ({attention})")
