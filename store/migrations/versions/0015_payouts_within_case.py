"""A payment may give to a case twice, but its payouts never hold more than the case pays

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    # Locks the case, so that of two that forgot to the second sees what the first has added.
    op.execute("""
        create function payouts_within_case() returns trigger language plpgsql as $$
        declare
            most bigint;
        begin
            select least(approved, total) into most from cases where case_id = new.case_id
                for no key update;
            if most < (
                select sum(amount) from payouts
                where case_id = new.case_id and state not in ('failed', 'reversed')
            ) then
                raise exception 'the payouts of case % are more than it pays', new.case_id
                    using errcode = 'check_violation', constraint = 'payouts_within_case';
            end if;
            return null;
        end $$
    """)
    op.execute("""
        create trigger payouts_within_case after insert or update of state, amount on payouts
        for each row when (new.state not in ('failed', 'reversed'))
        execute function payouts_within_case()
    """)
    op.drop_index("payouts_one_live", table_name="payouts")


def downgrade() -> None:
    op.create_index(
        "payouts_one_live",
        "payouts",
        ["case_id", "payment_id"],
        unique=True,
        postgresql_where=sa.text("state not in ('failed', 'reversed')"),
    )
    op.execute("drop trigger payouts_within_case on payouts")
    op.execute("drop function payouts_within_case()")
