"""One row a charge, whatever order names it, and the money that left charges at the gateway

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

ATTENTION = (
    "'parcel_silent', 'parcel_astray', 'dispatch_refused', 'repair_unpaid', 'out_of_stock', "
    "'bill_refused', 'not_returned', 'payout_declined', 'payout_in_doubt', 'payout_reversed', "
    "'offline_payment', 'payments_do_not_cover'"
)
ACTIONS = "'retry', 'settle', 'reroute', 'give_up'"


def upgrade() -> None:
    _create_charges()
    _create_assignments()
    _create_gateway_book()
    op.add_column("payments", sa.Column("charge", sa.Text(), nullable=True))
    op.create_foreign_key(op.f("payments_charge_fk"), "payments", "charges", ["charge"], ["charge"])
    op.create_index(op.f("payments_charge_idx"), "payments", ["charge"])
    _follow_payments()
    _know(f"{ATTENTION}, 'charge_mismatch', 'charge_unreadable'", f"{ACTIONS}, 'accept'")


def downgrade() -> None:
    _know(ATTENTION, ACTIONS)
    op.execute("drop trigger charges_follow_payments on payments")
    op.execute("drop function charges_follow_payments()")
    op.drop_column("payments", "charge")
    op.drop_table("gateway_book")
    op.drop_table("charge_assignments")
    op.drop_table("charges")


def _create_charges() -> None:
    op.create_table(
        "charges",
        sa.Column("charge", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("assigned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("foreign_refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("disputed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reserved >= 0 and refunded >= 0 and foreign_refunded >= 0 "
            "and reserved + refunded + foreign_refunded <= captured",
            name=op.f("charges_captured_not_exceeded"),
        ),
        sa.PrimaryKeyConstraint("charge", name=op.f("charges_pk")),
        sa.UniqueConstraint("intent", name=op.f("charges_intent_key")),
    )


def _create_assignments() -> None:
    op.create_table(
        "charge_assignments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("charge", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "actor_role in ('operator', 'lead')", name=op.f("charge_assignments_actor_role_known")
        ),
        sa.ForeignKeyConstraint(
            ["charge"], ["charges.charge"], name=op.f("charge_assignments_charge_fk")
        ),
        sa.ForeignKeyConstraint(
            ["owner"], ["storefronts.storefront"], name=op.f("charge_assignments_owner_fk")
        ),
        sa.ForeignKeyConstraint(
            ["actor"], ["tokens.name"], name=op.f("charge_assignments_actor_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("charge_assignments_pk")),
    )
    op.create_index(op.f("charge_assignments_charge_idx"), "charge_assignments", ["charge"])
    op.execute("""
        create trigger charge_assignments_append_only before update or delete
        on charge_assignments for each row execute function refuse_change()
    """)
    op.execute("""
        create trigger charge_assignments_no_truncate before truncate
        on charge_assignments for each statement execute function refuse_change()
    """)


def _create_gateway_book() -> None:
    op.create_table(
        "gateway_book",
        sa.Column("refund_id", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("charge", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("storefront", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("payout_id", sa.Uuid(), nullable=True),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("gateway_book_amount_not_negative")),
        sa.CheckConstraint(
            "way in ('original', 'bank_card', 'dispute')", name=op.f("gateway_book_way_known")
        ),
        sa.CheckConstraint(
            "standing in ('ours', 'foreign', 'accepted', 'recovered')",
            name=op.f("gateway_book_standing_known"),
        ),
        sa.PrimaryKeyConstraint("refund_id", name=op.f("gateway_book_pk")),
    )
    op.create_index(op.f("gateway_book_charge_idx"), "gateway_book", ["charge"])
    op.create_index(op.f("gateway_book_key_idx"), "gateway_book", ["key"])


def _follow_payments() -> None:
    """Whatever moves a payment's money moves its charge's, in the same statement. Its row is
    locked by that, after the payment's.
    """
    op.execute("""
        create function charges_follow_payments() returns trigger language plpgsql as $$
        begin
            if tg_op = 'UPDATE' and old.charge = new.charge then
                update charges
                set reserved = reserved + new.reserved - old.reserved,
                    refunded = refunded + new.refunded - old.refunded
                where charge = new.charge;
                return null;
            end if;
            if tg_op <> 'INSERT' then
                update charges
                set reserved = reserved - old.reserved, refunded = refunded - old.refunded
                where charge = old.charge;
            end if;
            if tg_op <> 'DELETE' then
                update charges
                set reserved = reserved + new.reserved, refunded = refunded + new.refunded
                where charge = new.charge;
            end if;
            return null;
        end $$
    """)
    op.execute("""
        create trigger charges_follow_payments
        after insert or delete or update of charge, reserved, refunded on payments
        for each row execute function charges_follow_payments()
    """)


def _know(attention: str, actions: str) -> None:
    for table, column, known in (("cases", "attention", attention), ("resumes", "action", actions)):
        name = op.f(f"{table}_{column}_known")
        op.drop_constraint(name, table)
        op.create_check_constraint(name, table, f"{column} in ({known})")
