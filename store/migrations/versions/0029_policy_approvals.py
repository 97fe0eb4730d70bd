"""What the policy approves by itself is counted by order, by buyer and by day

Revision: 0029, after 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

NEW = ("by", "customer_id", "most_per_buyer", "day_total")


def upgrade() -> None:
    op.add_column("approvals", sa.Column("by", sa.Text(), nullable=True))
    op.add_column("approvals", sa.Column("customer_id", sa.Text(), nullable=True))
    op.add_column("approvals", sa.Column("most_per_buyer", sa.BigInteger(), nullable=True))
    op.add_column("approvals", sa.Column("day_total", sa.BigInteger(), nullable=True))
    _fill()
    op.alter_column("approvals", "by", nullable=False)
    op.alter_column("approvals", "customer_id", nullable=False)
    op.create_check_constraint(
        op.f("approvals_by_known"), "approvals", "by in ('person', 'policy')"
    )
    op.create_check_constraint(
        op.f("approvals_policy_has_caps"),
        "approvals",
        "by = 'person' and most_per_buyer is null and day_total is null or by = 'policy' "
        "and what = 'approval' and most_per_day is not null and most_per_buyer is not null "
        "and day_total is not null",
    )
    of_policy = sa.text("by = 'policy'")
    op.create_index(
        "approvals_of_buyer_idx",
        "approvals",
        ["storefront", "customer_id"],
        postgresql_where=of_policy,
    )
    op.create_index(
        "approvals_in_day_idx",
        "approvals",
        ["currency", "day", "day_total"],
        postgresql_where=of_policy,
    )
    _count_policy()


def downgrade() -> None:
    op.execute("drop trigger approvals_by_policy_are_counted on approvals")
    op.execute("drop function approvals_by_policy_are_counted()")
    op.execute("drop function approved_by_policy(text, text, text, text, date)")
    op.execute("drop trigger approvals_are_counted on approvals")
    op.execute("""
        create trigger approvals_are_counted before insert on approvals
        for each row execute function approvals_are_counted()
    """)
    op.drop_index("approvals_in_day_idx", "approvals")
    op.drop_index("approvals_of_buyer_idx", "approvals")
    op.drop_constraint(op.f("approvals_policy_has_caps"), "approvals")
    for column in NEW:
        op.drop_column("approvals", column)
    op.execute("alter table approvals disable trigger approvals_append_only")
    op.execute("""
        update approvals set most_per_order = null, most_per_day = null where actor like 'policy:%'
    """)
    op.execute("alter table approvals enable trigger approvals_append_only")


def _fill() -> None:
    """Of what was approved before there were caps, none was over one."""
    op.execute("alter table approvals disable trigger approvals_append_only")
    op.execute("""
        update approvals a set customer_id = c.customer_id, by = 'person'
        from cases c where c.case_id = a.case_id
    """)
    op.execute("""
        update approvals a set by = 'policy', day_total = d.total,
            most_per_order = m.most, most_per_buyer = m.most, most_per_day = m.most
        from (
            select a.id, sum(a.amount) over (partition by a.currency, a.day order by a.id) total
            from approvals a
            join decisions d using (case_id)
            where d.by = 'policy' and d.actor = a.actor
        ) d, (values (9223372036854775807)) m (most)
        where d.id = a.id
    """)
    op.execute("alter table approvals enable trigger approvals_append_only")


def _count_policy() -> None:
    """Of one order, one buyer and one day at a time. Each statement of a function sees what was
    committed until then: what another transaction approved while this one waited, too.
    """
    op.execute("""
        create function approved_by_policy(
            of_storefront text, of_order text, of_customer text, in_currency text, of_day date,
            out on_order bigint, out of_buyer bigint, out in_day bigint
        ) language plpgsql as $$
        begin
            perform pg_advisory_xact_lock(hashtextextended(of_storefront || ' ' || of_customer, 0));
            perform pg_advisory_xact_lock(
                hashtextextended('approved by policy ' || in_currency || ' ' || of_day, 0));
            select coalesce(sum(a.amount), 0) into on_order
            from approvals a join cases c using (case_id)
            where a.by = 'policy' and a.storefront = of_storefront and a.order_id = of_order
              and a.currency = in_currency and (c.closed_at is null or c.paid > 0);
            select coalesce(sum(a.amount), 0) into of_buyer
            from approvals a join cases c using (case_id)
            where a.by = 'policy' and a.storefront = of_storefront and a.customer_id = of_customer
              and a.currency = in_currency and (c.closed_at is null or c.paid > 0);
            select coalesce(max(day_total), 0) into in_day
            from approvals where by = 'policy' and currency = in_currency and day = of_day;
        end $$
    """)
    op.execute("""
        create function approvals_by_policy_are_counted() returns trigger language plpgsql as $$
        declare
            before record;
        begin
            perform from orders
            where storefront = new.storefront and order_id = new.order_id for no key update;
            before := approved_by_policy(
                new.storefront, new.order_id, new.customer_id, new.currency, new.day);
            if committed_on_order(new.storefront, new.order_id, new.case_id) + new.amount
                   <> new.order_total
               or before.on_order + new.amount > new.most_per_order
               or before.of_buyer + new.amount > new.most_per_buyer
               or before.in_day + new.amount > new.most_per_day
            then
                raise exception 'the order, its buyer or the day was approved of meanwhile'
                    using errcode = 'serialization_failure';
            end if;
            new.day_total := before.in_day + new.amount;
            return new;
        end $$
    """)
    op.execute("drop trigger approvals_are_counted on approvals")
    op.execute("""
        create trigger approvals_are_counted before insert on approvals
        for each row when (new.by = 'person') execute function approvals_are_counted()
    """)
    op.execute("""
        create trigger approvals_by_policy_are_counted before insert on approvals
        for each row when (new.by = 'policy') execute function approvals_by_policy_are_counted()
    """)
