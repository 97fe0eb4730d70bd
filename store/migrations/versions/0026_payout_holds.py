"""Payouts are held after a restore

Revision: 0026, after 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "payout_holds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(released_at is null) = (released_by is null)",
            name=op.f("payout_holds_released_by_somebody"),
        ),
        sa.CheckConstraint(
            "released_by <> placed_by", name=op.f("payout_holds_released_by_a_second_person")
        ),
        sa.CheckConstraint(
            "(released_at is null) or (imported_at is not null)",
            name=op.f("payout_holds_imported"),
        ),
        sa.CheckConstraint("since <= placed_at", name=op.f("payout_holds_since_before_placed")),
        sa.PrimaryKeyConstraint("id", name=op.f("payout_holds_pk")),
    )
    op.create_index(
        "payout_holds_one_idx",
        "payout_holds",
        [sa.text("(released_at is null)")],
        unique=True,
        postgresql_where=sa.text("released_at is null"),
    )
    _refuse_while_held()


def downgrade() -> None:
    op.execute("drop trigger payout_attempts_while_held on payout_attempts")
    op.execute("drop function refuse_while_held()")
    op.drop_table("payout_holds")


def _refuse_while_held() -> None:
    """Code that forgets the hold fails: nothing is sent for the first time under it."""
    op.execute("""
        create function refuse_while_held() returns trigger language plpgsql as $$
        begin
            if exists (select from payout_holds where released_at is null) then
                raise exception 'payouts are held' using errcode = 'check_violation';
            end if;
            return new;
        end $$
    """)
    op.execute("""
        create trigger payout_attempts_while_held before update of state on payout_attempts
        for each row when (old.state = 'created' and new.state = 'sent')
        execute function refuse_while_held()
    """)
