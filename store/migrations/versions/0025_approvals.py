"""What each person approves is counted by order and by day, and an order by what it comes to

Revision: 0025, after 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("cases", sa.Column("approvals_needed", sa.Integer(), nullable=True))
    op.execute("""
        update cases set approvals_needed =
            case when payout_to = 'bank_card' or approved > 100000 then 2 else 1 end
        where approved is not null
    """)
    op.create_check_constraint(
        op.f("cases_approvals_counted"), "cases", "approved is null or approvals_needed >= 1"
    )
    _create_approvals()
    op.execute("""
        insert into approvals (storefront, order_id, case_id, what, actor, amount, currency,
            order_total, needed, day, at)
        select d.storefront, c.order_id, d.case_id, 'approval', d.actor, a.amount, c.currency,
            sum(a.amount) over (partition by d.storefront, c.order_id order by d.at),
            coalesce(c.approvals_needed, 1), (d.at at time zone 'UTC')::date, d.at
        from decisions d
        join cases c using (case_id)
        cross join lateral (select coalesce(d.amount, c.approved, c.total) amount) a
        where d.verdict = 'approve'
        order by d.at
    """)
    _count_orders()
    _count_people()


def downgrade() -> None:
    op.drop_table("approvals")
    op.execute("drop function approvals_are_counted()")
    op.execute("drop function committed_on_order(text, text, uuid)")
    op.drop_constraint(op.f("cases_approvals_counted"), "cases")
    op.drop_column("cases", "approvals_needed")


def _create_approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("order_total", sa.BigInteger(), nullable=True),
        sa.Column("needed", sa.Integer(), nullable=True),
        sa.Column("most_per_order", sa.BigInteger(), nullable=True),
        sa.Column("most_per_day", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("what in ('approval', 'offer')", name=op.f("approvals_what_known")),
        sa.CheckConstraint("amount >= 0", name=op.f("approvals_amount_not_negative")),
        sa.CheckConstraint(
            "(what = 'approval') = (order_total is not null) "
            "and (order_total is null) = (needed is null)",
            name=op.f("approvals_approval_has_total"),
        ),
        sa.CheckConstraint(
            "(most_per_order is null) = (most_per_day is null)",
            name=op.f("approvals_limited_or_not"),
        ),
        sa.ForeignKeyConstraint(
            ["storefront", "order_id"],
            ["orders.storefront", "orders.order_id"],
            name=op.f("approvals_storefront_fk"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("approvals_case_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("approvals_pk")),
    )
    for columns in (["actor", "currency", "day"], ["storefront", "order_id"], ["case_id"]):
        op.create_index(op.f(f"approvals_{'_'.join(columns)}_idx"), "approvals", columns)
    op.execute("""
        create trigger approvals_append_only before update or delete on approvals
        for each row execute function refuse_change()
    """)
    op.execute("""
        create trigger approvals_no_truncate before truncate on approvals
        for each statement execute function refuse_change()
    """)


def _count_orders() -> None:
    op.execute("""
        create function committed_on_order(of_storefront text, of_order text, other_than uuid)
        returns bigint language sql stable as $$
            select coalesce(sum(case
                when closed_at is null and approved is not null
                then greatest(paid, least(approved, total)) else paid end), 0)::bigint
            from cases
            where storefront = of_storefront and order_id = of_order and case_id <> other_than
        $$
    """)


def _count_people() -> None:
    """Each statement of a trigger sees what was committed until then: what another transaction
    approved while this one waited for the locks, too.
    """
    op.execute("""
        create function approvals_are_counted() returns trigger language plpgsql as $$
        declare
            so_far bigint;
        begin
            if new.order_total is not null then
                perform from orders
                where storefront = new.storefront and order_id = new.order_id for no key update;
                so_far := committed_on_order(new.storefront, new.order_id, new.case_id);
                if so_far + new.amount <> new.order_total then
                    raise exception 'the order was approved of meanwhile'
                        using errcode = 'serialization_failure';
                end if;
            end if;
            if new.most_per_day is null then
                return new;
            end if;
            perform from tokens where name = new.actor for no key update;
            select coalesce(sum(amount), 0) into so_far from approvals
            where actor = new.actor and currency = new.currency and day = new.day;
            if so_far + new.amount > new.most_per_day then
                raise exception 'over the limit' using errcode = 'check_violation',
                    constraint = 'approvals_within_limits', detail = 'in a day';
            end if;
            select coalesce(sum(a.amount), 0) into so_far from approvals a
            join cases c using (case_id)
            where a.storefront = new.storefront and a.order_id = new.order_id
              and a.actor = new.actor and a.currency = new.currency
              and (c.closed_at is null or c.paid > 0);
            if so_far + new.amount > new.most_per_order then
                raise exception 'over the limit' using errcode = 'check_violation',
                    constraint = 'approvals_within_limits', detail = 'on one order';
            end if;
            return new;
        end $$
    """)
    op.execute("""
        create trigger approvals_are_counted before insert on approvals
        for each row execute function approvals_are_counted()
    """)
