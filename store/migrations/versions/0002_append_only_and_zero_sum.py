"""What no row may break: history is append-only, ledger entries sum to zero

Revision: 0002, after 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("case_events", "decisions", "resumes", "ledger_postings")


def upgrade() -> None:
    op.execute("""
        create function refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
        end $$
    """)
    for table in APPEND_ONLY:
        op.execute(f"""
            create trigger {table}_append_only before update or delete on {table}
            for each row execute function refuse_change()
        """)
        op.execute(f"""
            create trigger {table}_no_truncate before truncate on {table}
            for each statement execute function refuse_change()
        """)
    op.execute("""
        create function entry_sums_to_zero() returns trigger language plpgsql as $$
        begin
            if exists (
                select from ledger_postings
                where payout_id = new.payout_id and attempt = new.attempt and entry = new.entry
                group by currency having sum(amount) <> 0
            ) then
                raise exception 'ledger entry % of payout % does not sum to zero',
                    new.entry, new.payout_id using errcode = 'check_violation';
            end if;
            return null;
        end $$
    """)
    op.execute("""
        create constraint trigger ledger_postings_zero_sum after insert on ledger_postings
        deferrable initially deferred for each row execute function entry_sums_to_zero()
    """)
    op.execute("""
        create function outbox_waiting() returns trigger language plpgsql as $$
        begin
            notify outbox;
            return null;
        end $$
    """)
    op.execute("""
        create trigger outbox_notify after insert on outbox
        for each statement execute function outbox_waiting()
    """)


def downgrade() -> None:
    op.execute("drop trigger outbox_notify on outbox")
    op.execute("drop function outbox_waiting()")
    op.execute("drop trigger ledger_postings_zero_sum on ledger_postings")
    op.execute("drop function entry_sums_to_zero()")
    for table in APPEND_ONLY:
        op.execute(f"drop trigger {table}_append_only on {table}")
        op.execute(f"drop trigger {table}_no_truncate on {table}")
    op.execute("drop function refuse_change()")
