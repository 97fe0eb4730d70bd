"""Payouts are held after a restore, until what the gateways paid since is known and a second person
lets them go on.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, Select, exists, select, text
from sqlalchemy.orm import Session

from domain.people import MAY_RESUME
from store import tokens
from store.tables import PayoutHold


class MayNotRelease(ValueError):
    """Why payouts stay held, in a line."""


@dataclass(frozen=True)
class Recovered:
    """A refund or transfer of ours that the restored database does not know."""

    refund_id: str
    amount: int
    currency: str
    storefront: str | None
    order_id: str | None


MOMENT = text("""
    with fact as (
        select at from case_events union all select at from submission_events
        union all select created_at from outbox union all select received_at from inbox
    ), before as (
        select max(at) at from fact where at < pg_postmaster_start_time()
    )
    select coalesce(before.at, (select min(at) from fact), now()) from before
""")
"""The moment that the database is of: the last thing that it knows from before its server was
started. What was restored into a server that ran on is taken for older than it is, which costs a
longer reading and nothing else.
"""

RECOVER = text("""
    with lost as (
        select g.refund_id, coalesce(c.storefront, m.storefront, o.storefront) storefront,
               coalesce(c.order_id, m.order_id, g.order_id) order_id,
               coalesce(g.charge, m.charge) charge
        from gateway_book g
        left join cases c on c.case_id = g.case_id
        left join lateral (
            select p.storefront, p.order_id, p.charge from payments p
            where (p.payment = g.charge or p.charge = g.charge)
              and p.order_id = coalesce(g.order_id, p.order_id)
            order by p.id limit 1
        ) m on true
        left join lateral (
            select min(storefront) storefront from orders
            where order_id = g.order_id having count(*) = 1
        ) o on true
        where g.way in ('original', 'bank_card') and g.standing in ('foreign', 'recovered')
          and g.key like 'as1-%' and g.created_at >= :since
          and not exists (select from payout_attempts where gateway_key = g.key)
          and not exists (select from effects where key = g.key)
    )
    update gateway_book g
    set standing = 'recovered', storefront = l.storefront, order_id = l.order_id
    from lost l where l.refund_id = g.refund_id
    returning g.refund_id, g.amount, g.currency, g.storefront, g.order_id
""")
"""What bears a key of our form, and is no payout of ours, was paid by the database that is gone.
Its case says whose order it was; else its charge does, or the order's own name.
"""


def held() -> ScalarSelect[bool]:
    """True while payouts are held: part of a statement that is made anyway."""
    return select(exists(_standing())).scalar_subquery()


def standing(session: Session) -> PayoutHold | None:
    """The hold that nobody has released."""
    return session.scalars(_standing()).one_or_none()


def place(session: Session, actor: str, since: datetime | None, now: datetime) -> PayoutHold:
    """Hold payouts from now on; where they are held already, that hold, `since` moved back to what
    is asked for. Without `since`, from the moment that the database is of.
    """
    found = session.scalars(_standing().with_for_update()).one_or_none()
    if found is not None:
        found.since = min(found.since, since or found.since)
        return found
    moment = since or session.execute(MOMENT).scalar_one()
    hold = PayoutHold(placed_at=now, placed_by=actor, since=min(moment, now))
    session.add(hold)
    session.flush()
    return hold


def recover(session: Session, since: datetime) -> list[Recovered]:
    """Take what the gateways paid since then, and we do not know any more, for ours."""
    rows = session.execute(RECOVER, {"since": since}).all()
    return sorted((Recovered(*row) for row in rows), key=lambda each: each.refund_id)


def imported(session: Session, now: datetime) -> None:
    """All lists were read since the hold was placed."""
    found = session.scalars(_standing().with_for_update()).one_or_none()
    if found is not None:
        found.imported_at = now


def release(session: Session, actor: str, now: datetime) -> None:
    """Let payouts go on. Raises MayNotRelease: nothing is held, the lists were not read, or it is
    not a second operator or lead.
    """
    found = session.scalars(_standing().with_for_update()).one_or_none()
    if found is None:
        raise MayNotRelease("no payouts are held")
    who = tokens.named(session, actor)
    if who is None or who.role not in MAY_RESUME:
        raise MayNotRelease(f"{actor} is no operator or lead whose token is valid")
    if actor == found.placed_by:
        raise MayNotRelease(f"{actor} placed the hold: a second person releases it")
    if found.imported_at is None:
        raise MayNotRelease("the gateways' lists were not read yet: run `aftersales restore-check`")
    found.released_at, found.released_by = now, actor


def _standing() -> Select[PayoutHold]:
    return select(PayoutHold).where(PayoutHold.released_at.is_(None))
