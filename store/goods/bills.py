"""What a buyer owes for a case: asked for, looked after while it is open, and paid back if need be.

A bill is paid at a gateway. What it says is taken down in `store.goods.debts`, with what follows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.bills import ASK_EVERY, DebtState, What, opened_until
from domain.cases import Stage, bill_id
from domain.effects import OPEN, EffectAction, EffectState
from domain.people import SYSTEM
from domain.policy import Policy
from store import events
from store.goods import effects
from store.tables import Bill, Case, Effect, Inbox


@dataclass(frozen=True)
class Billed:
    """A bill as the gateway is to know it. `key` is what it was last opened under, `reference` the
    gateway's name for that, `payment` what it was paid with.
    """

    key: str
    amount: int
    currency: str
    what: str
    expires_at: datetime
    reference: str | None
    payment: str | None


@dataclass(frozen=True)
class BillReport:
    """A webhook of `provider` about a bill of this case."""

    provider: str
    event_id: str
    type: str
    case_id: UUID


def ask(
    session: Session,
    case: Case,
    amount: int,
    what: What,
    due_at: datetime,
    policy: Policy,
    now: datetime,
) -> Bill:
    """Ask the buyer of a locked case for `amount` minor units until `due_at`; the case waits.

    What follows from it, paid or not, is in `store.goods.debts` by `what`.
    """
    asked = select(func.count()).where(Bill.case_id == case.case_id)
    n = session.scalars(asked).one() + 1
    bill = Bill(
        bill_id=bill_id(case.case_id, n),
        storefront=case.storefront,
        case_id=case.case_id,
        n=n,
        what=what,
        amount=amount,
        currency=case.currency,
        state=DebtState.OPEN,
        asked_at=now,
        due_at=due_at,
    )
    session.add(bill)
    session.flush()
    effects.plan(session, case, EffectAction.COLLECT_BILL, now, bill)
    _wait(session, case, bill, "billed", policy, now)
    return bill


def ask_again(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """Have the gateway asked once more for the bill that it would not open."""
    bill = open_bill(session, case.case_id)
    assert bill is not None  # a refused bill stays open until it is paid, lapses or is given up
    bill.due_at = max(bill.due_at, now + ASK_EVERY)
    effects.plan(session, case, EffectAction.COLLECT_BILL, now, bill)
    _wait(session, case, bill, "billed_again", policy, now)


def _wait(
    session: Session, case: Case, bill: Bill, what: str, policy: Policy, now: datetime
) -> None:
    events.record(
        session,
        case,
        what,
        SYSTEM,
        now,
        to=Stage.AWAITING_BUYER,
        deadlines=policy.deadlines,
        due_at=bill.due_at,
        detail=f"{bill.what}: {bill.amount} {bill.currency}",
    )


def latest(session: Session, case_id: UUID) -> Bill | None:
    """The last bill of the case, whatever became of it."""
    of_case = select(Bill).where(Bill.case_id == case_id).order_by(Bill.n.desc()).limit(1)
    return session.scalars(of_case).one_or_none()


def open_bill(session: Session, case_id: UUID) -> Bill | None:
    """The bill that the buyer may still pay."""
    found = select(Bill).where(Bill.case_id == case_id, Bill.state == DebtState.OPEN)
    return session.scalars(found).one_or_none()


def billed(session: Session, effect: Effect, now: datetime) -> Billed | None:
    """What the call of this effect is about; None if it is about no bill.

    How long the bill may be paid is fixed with its opening: a call that is made again under the
    same key has to say the same.
    """
    if effect.bill_id is None:
        return None
    bill = session.get_one(Bill, effect.bill_id)
    opening = last_opening(session, bill)
    if effect.action == EffectAction.COLLECT_BILL and effect.state == EffectState.PLANNED:
        bill.opened_until = opened_until(now, bill.due_at)
    return Billed(
        key=opening.key,
        amount=bill.amount,
        currency=bill.currency,
        what=bill.what,
        expires_at=bill.opened_until or bill.due_at,
        reference=opening.reference,
        payment=bill.payment,
    )


def last_opening(session: Session, bill: Bill) -> Effect:
    """The last time that the gateway was to open the bill."""
    of_bill = select(Effect).where(
        Effect.bill_id == bill.bill_id, Effect.action == EffectAction.COLLECT_BILL
    )
    return session.scalars(of_bill.order_by(Effect.n.desc()).limit(1)).one()


def lapse(session: Session, case: Case, bill: Bill, policy: Policy, now: datetime) -> None:
    """The buyer's time is over: have the gateway take no money any more. Only it can say whether
    the buyer has paid; while it does not, a person is told again and again.
    """
    case.remind_at = now + timedelta(hours=policy.deadlines.reminder)
    if _under_way(session, bill, EffectAction.CANCEL_BILL):
        events.record(session, case, "escalated", SYSTEM, now)
    else:
        effects.plan(session, case, EffectAction.CANCEL_BILL, now, bill)


def cancel(session: Session, case: Case, now: datetime) -> None:
    """The case goes on without the money: its open bill, if any, is not to be paid any more.

    Paid all the same, it is paid back.
    """
    bill = open_bill(session, case.case_id)
    if bill is None:
        return
    bill.state, bill.url = DebtState.CANCELLED, None
    opening = last_opening(session, bill)
    effects.withdraw(opening, "cancelled")
    if opening.state != EffectState.CANCELLED:
        effects.plan(session, case, EffectAction.CANCEL_BILL, now, bill)


def give_back(session: Session, case: Case, now: datetime) -> None:
    """The case comes to nothing that its buyer owes for: neither what is open nor what was paid."""
    cancel(session, case, now)
    paid = select(Bill).where(Bill.case_id == case.case_id, Bill.state == DebtState.PAID)
    for bill in session.scalars(paid.order_by(Bill.n)):
        if not _under_way(session, bill, EffectAction.REFUND_BILL):
            pay_back(session, case, bill, now)


def going_back() -> ColumnElement[bool]:
    """Of a paid bill: all of it is to be paid back, and the gateway has not refused."""
    return exists().where(
        Effect.bill_id == Bill.bill_id,
        Effect.action == EffectAction.REFUND_BILL,
        Effect.state != EffectState.CANCELLED,
    )


def pay_back(session: Session, case: Case, bill: Bill, now: datetime) -> None:
    """Nothing was given for a paid bill: all of it goes back where it came from."""
    effects.plan(session, case, EffectAction.REFUND_BILL, now, bill)
    detail = f"{bill.what}: {bill.amount} {bill.currency}"
    events.record(session, case, "bill_to_pay_back", SYSTEM, now, detail=detail)


def report(session: Session, said: BillReport, now: datetime) -> None:
    """Take a webhook in, once. It carries no authority: the gateway is asked about the bill that
    is being collected. One that is being cancelled is asked about by that.
    """
    if session.get(Case, said.case_id) is None:
        return
    case = events.lock(session, said.case_id)
    stored = session.execute(
        insert(Inbox)
        .values(
            provider=said.provider,
            event_id=said.event_id,
            type=said.type,
            status="",
            processed_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Inbox.event_id)
    ).one_or_none()
    if stored is None:
        return
    events.tell(session, case, events.BILL_NEWS)


def _under_way(session: Session, bill: Bill, action: EffectAction) -> bool:
    of_bill = select(Effect.effect_id).where(
        Effect.bill_id == bill.bill_id,
        Effect.action == action,
        Effect.state.in_(OPEN),
    )
    return session.scalars(of_bill.limit(1)).first() is not None
