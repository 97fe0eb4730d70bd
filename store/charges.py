"""What the gateway shows of a charge, taken into the books before any money leaves it.

The row of a charge is locked by that until the transaction ends, after order and case.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from domain.cases import SPENT, PayoutState, Stage
from domain.charges import (
    SHORT,
    Books,
    ChargeFacts,
    Mismatch,
    Whose,
    amount_of,
    mismatches,
    whose,
)
from domain.payouts import UNREAD
from store.tables import Case, Charge, GatewayEntry, Payment, Payout, PayoutAttempt

BOOKED = "accepted"


def next_to_read(session: Session, case_id: UUID) -> str | None:
    """The payment whose charge the next step of the case's payouts will want to see. A guess, made
    without a lock: the step itself names the payment if it was wrong.
    """
    used = aliased(Payout)
    unsent = used.state == PayoutState.RESERVED
    unused = and_(
        or_(used.payout_id.is_(None), used.state.in_(SPENT)),
        Payment.captured > Payment.reserved + Payment.refunded,
    )
    of_case = and_(Case.storefront == Payment.storefront, Case.order_id == Payment.order_id)
    likely = (
        select(Payment.payment)
        .join(Case, of_case)
        .outerjoin(used, and_(used.case_id == Case.case_id, used.payment_id == Payment.id))
        .where(
            Case.case_id == case_id,
            or_(Case.stage == Stage.PAYING, Case.attention.in_(UNREAD)),
            Payment.provider == "stripe",
            or_(unsent, unused),
        )
        .order_by(unsent.desc().nulls_last(), Payment.position)
    )
    return session.scalar(likely.limit(1))


def take_in(session: Session, of: Case, payment: Payment, facts: ChargeFacts, now: datetime) -> str:
    """Keep what was read of the payment's charge. Why nothing may leave it for this case, as the
    code of its payout; empty if all is well, and then the payment is one of the charge's.
    """
    if facts.captured == 0:
        return Mismatch.NOT_CAPTURED
    charge = _keep(session, of, facts, now)
    books, keys = _books(session, charge, facts)
    found = whose(facts, books)
    _write_down(session, facts, found, keys, now)
    why = mismatches(facts, books, storefront=of.storefront, currency=of.currency)
    accepted = amount_of(facts, found, Whose.ACCEPTED)
    room = charge.captured - charge.reserved - charge.refunded - charge.transferred
    charge.foreign_refunded = min(accepted, room)
    session.flush()
    if why:
        return " ".join(why)
    return "" if join(session, charge, payment, accepted) else SHORT


def join(session: Session, charge: Charge, payment: Payment, accepted: int = 0) -> bool:
    """Make the payment one of the charge's, if what is reserved and refunded of it finds room
    there beside what others took. False if not.
    """
    mine = payment.reserved + payment.refunded if payment.charge != charge.charge else 0
    taken = charge.reserved + charge.refunded + charge.transferred
    taken += max(accepted, charge.foreign_refunded)
    if mine + taken > charge.captured:
        return False
    payment.charge = charge.charge
    session.flush()
    return True


def _keep(session: Session, of: Case, facts: ChargeFacts, now: datetime) -> Charge:
    """The charge's row, new or brought up to date, and locked. Money never leaves its books, even
    if the gateway now says that less was captured.
    """
    fits = facts.currency == of.currency
    row = insert(Charge).values(
        charge=facts.charge,
        intent=facts.intent,
        owner=facts.storefront or (of.storefront if fits else None),
        currency=facts.currency,
        captured=facts.captured,
        disputed=facts.disputed,
        read_at=now,
    )
    kept = row.on_conflict_do_update(
        index_elements=[Charge.charge],
        set_={
            "intent": row.excluded.intent,
            "owner": case(
                (Charge.assigned, Charge.owner),
                else_=func.coalesce(facts.storefront, Charge.owner, row.excluded.owner),
            ),
            "currency": case(
                (Charge.reserved + Charge.refunded > 0, Charge.currency),
                else_=row.excluded.currency,
            ),
            "captured": func.greatest(
                row.excluded.captured,
                Charge.reserved + Charge.refunded + Charge.foreign_refunded + Charge.transferred,
            ),
            "disputed": row.excluded.disputed,
            "read_at": row.excluded.read_at,
        },
    ).returning(Charge)
    return session.scalars(kept, execution_options={"populate_existing": True}).one()


def _books(session: Session, charge: Charge, facts: ChargeFacts) -> tuple[Books, set[str]]:
    """What we know of the charge, as far as it has to do with what left it; and which keys are of
    ours, whatever became of their payouts.
    """
    if not facts.withdrawals:
        return Books(owner=charge.owner, ours={}, accepted={}), set()
    counts = and_(
        Payout.attempt == PayoutAttempt.attempt,
        Payout.state.not_in(SPENT),
        Payout.way == "original",
        Payment.payment.in_((charge.charge, charge.intent)),
    )
    attempts = session.execute(
        select(PayoutAttempt.gateway_key, Payout.amount, counts)
        .join(Payout, Payout.payout_id == PayoutAttempt.payout_id)
        .join(Payment, Payment.id == Payout.payment_id)
        .where(PayoutAttempt.gateway_key.in_([each.key for each in facts.withdrawals if each.key]))
    ).all()
    accepted = select(GatewayEntry.refund_id, GatewayEntry.amount).where(
        GatewayEntry.refund_id.in_([each.id for each in facts.withdrawals]),
        GatewayEntry.charge == charge.charge,
        GatewayEntry.standing == BOOKED,
    )
    books = Books(
        owner=charge.owner,
        ours={key: amount for key, amount, counted in attempts if counted},
        accepted=dict(session.execute(accepted).all()),
    )
    return books, {key for key, _, _ in attempts}


def _write_down(
    session: Session, facts: ChargeFacts, found: dict[str, Whose], keys: set[str], now: datetime
) -> None:
    """Enter what our books do not know into the gateway's book. What was accepted stays so, unless
    it has become more; what was recovered waits for somebody to accept it; what bears a key of ours
    is ours there, and still not what it should be.
    """
    _write_back(session, facts, now)
    entries = [
        {
            "refund_id": each.id,
            "way": each.way,
            "charge": facts.charge,
            "amount": each.amount,
            "currency": each.currency,
            "status": each.status,
            "key": each.key,
            "storefront": each.storefront,
            "order_id": each.order_id,
            "case_id": _uuid(each.case_id),
            "payout_id": _uuid(each.payout_id),
            "standing": "ours" if each.key in keys else "foreign",
            "created_at": each.created_at,
            "seen_at": now,
        }
        for each in facts.withdrawals
        if each.way == "dispute" or found.get(each.id) in (Whose.FOREIGN, Whose.ACCEPTED)
    ]
    if not entries:
        return
    rows = insert(GatewayEntry).values(entries)
    booked = and_(GatewayEntry.standing == BOOKED, GatewayEntry.amount >= rows.excluded.amount)
    lost = and_(GatewayEntry.standing == "recovered", rows.excluded.standing == "foreign")
    changes = {
        "amount": rows.excluded.amount,
        "status": rows.excluded.status,
        "charge": rows.excluded.charge,
        "seen_at": rows.excluded.seen_at,
        "standing": case((or_(booked, lost), GatewayEntry.standing), else_=rows.excluded.standing),
    }
    session.execute(rows.on_conflict_do_update(index_elements=["refund_id"], set_=changes))


def _write_back(session: Session, facts: ChargeFacts, now: datetime) -> None:
    """What others took and gave back is known to be back."""
    back = [each.id for each in facts.withdrawals if each.way != "dispute" and not each.took_money]
    if back:
        entered = update(GatewayEntry).where(GatewayEntry.refund_id.in_(back))
        session.execute(entered.values(status="failed", seen_at=now))


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
