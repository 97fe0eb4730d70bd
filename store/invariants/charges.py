"""Is the money of each charge right, over all the orders that name it?"""

from store.invariants.check import Check, Severity

CHECKS = (
    Check(
        "C01",
        Severity.CRITICAL,
        "what a charge holds as reserved or refunded is not the sum of its payments",
        """
        select c.charge, c.reserved, c.refunded, m.reserved payments_reserved,
               m.refunded payments_refunded
        from charges c
        left join (
            select charge, sum(reserved) reserved, sum(refunded) refunded
            from payments where charge is not null group by 1
        ) m using (charge)
        where (c.reserved, c.refunded) <> (coalesce(m.reserved, 0), coalesce(m.refunded, 0))
        """,
    ),
    Check(
        "C02",
        Severity.CRITICAL,
        "more is on its way from a charge, or has left it, than was captured",
        """
        select c.charge, c.captured, c.foreign_refunded, out.amount
        from charges c
        left join (
            select m.charge, sum(p.amount) amount
            from payouts p join payments m on m.id = p.payment_id
            where p.state not in ('failed', 'reversed') and m.charge is not null
            group by 1
        ) out using (charge)
        where coalesce(out.amount, 0) + c.foreign_refunded > c.captured
        """,
    ),
    Check(
        "C03",
        Severity.CRITICAL,
        "money was sent from a charge that nobody had read, or is of another currency",
        """
        select p.case_id, p.payout_id, p.way, p.state, m.charge, c.currency
        from payouts p
        join payments m on m.id = p.payment_id
        left join charges c using (charge)
        where m.provider = 'stripe' and p.way <> 'offline'
          and p.state in ('sending', 'pending', 'unknown', 'paid')
          and c.currency is distinct from p.currency
        """,
    ),
    Check(
        "C04",
        Severity.CRITICAL,
        "money is on its way to a storefront from a charge of another's, or a charge was given "
        "away by fewer than two people",
        """
        select c.charge, c.owner, m.storefront
        from payments m join charges c using (charge)
        join payouts p on p.payment_id = m.id and p.state in ('sending', 'pending', 'unknown')
        where c.owner is distinct from m.storefront
        union all
        select c.charge, c.owner, null from charges c
        where c.assigned and not exists (
            select from charge_assignments b
            join charge_assignments a on a.charge = b.charge and a.owner = b.owner
                and a.id < b.id and a.actor <> b.actor and a.actor_role <> b.actor_role
            where b.charge = c.charge and b.owner = c.owner and b.confirmed)
        """,
    ),
)
