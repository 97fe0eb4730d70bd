"""Where do payouts, ledger and the gateways' own lists disagree, and whose is it to mend?"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from domain.people import MAY_RESUME
from domain.reconciliation import Difference, Ours, Reading, State, Theirs, difference
from store import gateway_book, tokens
from store.tables import GatewayDifference

BY_ITSELF = "reconcile"
"""Who resolves a difference that is not there any more."""

GONE = "gone by itself: both sides say the same by now"

PAIRS = text("""
    with attempt as (
        select a.gateway_key, a.sent_at, a.attempt = p.attempt current, p.way = 'offline' by_hand,
               p.payout_id, p.case_id, p.storefront, p.order_id, p.way our_way, p.state,
               p.amount our_amount, p.currency our_currency, p.settled_at,
               coalesce(m.charge, m.payment) payment, coalesce(l.posted, 0) posted
        from payout_attempts a
        join payouts p using (payout_id)
        join payments m on m.id = p.payment_id
        left join (
            select payout_id, sum(amount) posted from ledger_postings
            where account = 'refunded' group by 1
        ) l using (payout_id)
    ), pair as (
        select a.*, g.refund_id, g.way their_way, g.charge, g.amount their_amount,
               g.currency their_currency, g.status, g.standing, g.created_at, g.case_id their_case,
               g.order_id their_order, g.storefront their_storefront,
               count(g.refund_id) filter (where g.status = 'succeeded')
                   over (partition by a.payout_id) successes
        from attempt a
        full join (select * from gateway_book where way in ('original', 'bank_card')) g
            on g.key = a.gateway_key
    )
    select pair.*, r.way, r.read_at, r.covers_from, m.storefront charged_by, m.order_id charged_for
    from pair
    join gateway_readings r on r.way = coalesce(their_way, our_way)
    left join lateral (
        select storefront, order_id from payments
        where pair.payout_id is null and (payment = pair.charge or payments.charge = pair.charge)
        order by id limit 1
    ) m on true
    where r.way = any(:ways) and case
        when refund_id is null then state = 'paid' and current
        when payout_id is null then standing = 'foreign' and status not in ('failed', 'canceled')
        when status in ('failed', 'canceled') then state = 'paid' and current and not by_hand
        else (state, status, current, by_hand, successes, posted, our_amount, our_currency)
             is distinct from
             ('paid', 'succeeded', true, false, 1, their_amount, their_amount, their_currency)
             or charge <> payment
    end
""")
"""Every attempt of ours beside the gateway's row under its key, but for those that plainly agree;
whether the rest differ is the domain's to say.
"""

KEEP = text("""
    insert into gateway_differences
        (kind, way, refund_id, payout_id, storefront, order_id, case_id, ours, theirs, currency,
         first_seen, last_seen, state)
    select kind, way, refund_id, payout_id, storefront, order_id, case_id, ours, theirs, currency,
           :now, :now, 'open'
    from jsonb_to_recordset(cast(:found as jsonb)) as f(
        kind text, way text, refund_id text, payout_id uuid, storefront text, order_id text,
        case_id uuid, ours bigint, theirs bigint, currency text)
    where not exists (
        select from gateway_differences d
        where d.state = 'resolved' and d.resolved_by <> :by_itself
          and (d.kind, d.refund_id, d.payout_id, d.ours, d.theirs)
              is not distinct from (f.kind, f.refund_id, f.payout_id, f.ours, f.theirs))
    on conflict (kind, refund_id, payout_id) where state <> 'resolved'
    do update set last_seen = excluded.last_seen, ours = excluded.ours, theirs = excluded.theirs
""")

CLOSE_GONE = text("""
    update gateway_differences
    set state = 'resolved', resolved_at = :now, resolved_by = :by_itself,
        note = concat_ws('; ', nullif(note, ''), :gone)
    where state <> 'resolved' and last_seen < :now and way = any(:ways)
""")


class NotLive(ValueError):
    """There is no such difference, or it is resolved."""


class MayNot(ValueError):
    """Differences are an operator's or a lead's to take and to resolve."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One difference. `ours` and `theirs` are amounts, None where that side has nothing."""

    kind: Difference
    way: str
    refund_id: str | None
    payout_id: UUID | None
    storefront: str | None
    order_id: str | None
    case_id: UUID | None
    ours: int | None
    theirs: int | None
    currency: str


def compare(session: Session, ways: Collection[str]) -> list[Found]:
    """What differs, of the gateways whose lists were read."""
    session.execute(text("set local statement_timeout = '10min'"))
    pairs = session.execute(PAIRS, {"ways": list(ways)}).mappings()
    return list(_differing(pairs))


def update(session: Session, ways: Collection[str], now: datetime) -> None:
    """Compare, and keep each difference once, from the first time it was seen; what is gone is
    resolved.
    """
    gateway_book.know_ours(session)
    found = compare(session, ways)
    values = {"now": now, "by_itself": BY_ITSELF}
    rows = json.dumps([vars(each) for each in found], default=str)
    session.execute(KEEP, values | {"found": rows})
    session.execute(CLOSE_GONE, values | {"gone": GONE, "ways": list(ways)})


def live(session: Session) -> list[GatewayDifference]:
    """Those that nobody has resolved, the oldest first."""
    waiting = select(GatewayDifference).where(GatewayDifference.state != State.RESOLVED)
    return list(session.scalars(waiting.order_by(GatewayDifference.id)))


def own(session: Session, number: int, actor: str) -> GatewayDifference:
    """Somebody sees to it. Raises NotLive, MayNot."""
    found = _live(session, number, actor)
    found.state, found.owner = State.OWNED, actor
    return found


def resolve(
    session: Session, number: int, actor: str, note: str, now: datetime
) -> GatewayDifference:
    """Somebody has seen to it, as `note` says. Raises NotLive, MayNot."""
    found = _live(session, number, actor)
    found.state, found.resolved_by, found.resolved_at = State.RESOLVED, actor, now
    found.note = note
    return found


def _live(session: Session, number: int, actor: str) -> GatewayDifference:
    who = tokens.named(session, actor)
    if who is None or who.role not in MAY_RESUME:
        raise MayNot(actor)
    found = session.get(GatewayDifference, number, with_for_update=True)
    if found is None or found.state == State.RESOLVED:
        raise NotLive(number)
    return found


def _differing(pairs: Any) -> Iterator[Found]:
    for pair in pairs:
        reading = Reading(pair["read_at"], pair["covers_from"])
        kind = difference(_ours(pair), _theirs(pair), reading)
        if kind is not None:
            yield Found(
                kind=kind,
                way=pair["way"],
                refund_id=pair["refund_id"],
                payout_id=pair["payout_id"],
                storefront=pair["storefront"] or pair["their_storefront"] or pair["charged_by"],
                order_id=pair["order_id"] or pair["their_order"] or pair["charged_for"],
                case_id=pair["case_id"] or pair["their_case"],
                ours=pair["our_amount"],
                theirs=pair["their_amount"],
                currency=pair["our_currency"] or pair["their_currency"],
            )


def _ours(pair: RowMapping) -> Ours | None:
    if pair["payout_id"] is None:
        return None
    return Ours(
        state=pair["state"],
        current=pair["current"],
        by_hand=pair["by_hand"],
        amount=pair["our_amount"],
        currency=pair["our_currency"],
        payment=pair["payment"],
        posted=int(pair["posted"]),
        sent_at=pair["sent_at"],
        settled_at=pair["settled_at"],
    )


def _theirs(pair: RowMapping) -> Theirs | None:
    if pair["refund_id"] is None:
        return None
    return Theirs(
        status=pair["status"],
        standing=pair["standing"],
        amount=pair["their_amount"],
        currency=pair["their_currency"],
        charge=pair["charge"],
        created_at=pair["created_at"],
        successes=pair["successes"],
    )
