"""Refunded first: the goods are waited for, and what does not come back is charged for.

What such a case has paid stays what it pays: its total is not lowered by what the warehouse finds,
for the money is out. What does not stay with the shop is owed instead, and asked for by a bill.
Once that is paid, the units are the buyer's again and worth nothing more: what the order's payments
gave for them is on record as their credit (`store.cases.settle_claims`), so no later case pays for
them again. What the bill brought in is none of the order's payments: only a person gives it back.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.amounts import entitlement
from domain.bills import DebtState, What
from domain.cases import Attention, Outcome, Stage
from domain.people import GATEWAY, SYSTEM, Actor, Automatic
from domain.policy import Policy
from store import events, units
from store.goods import bills, dispositions, tracking
from store.tables import Bill, Case

UNPAID = (Attention.NOT_RETURNED, Attention.BILL_REFUSED)


def owed(session: Session, case: Case) -> int:
    """What the buyer was paid for goods that the shop does not have, less what they paid since and
    is not on its way back to them.
    """
    return max(0, _balance(session, case))


def _balance(session: Session, case: Case) -> int:
    kept = [piece for claim, piece in units.owned_by(session, case.case_id) if claim.kept]
    worth = entitlement(kept, case.shipping_held if kept else 0)
    paid = select(func.coalesce(func.sum(Bill.amount), 0)).where(
        Bill.case_id == case.case_id,
        Bill.what == What.NOT_RETURNED,
        Bill.state == DebtState.PAID,
        ~bills.going_back(),
    )
    return case.paid - worth - int(session.scalars(paid).one())


def outstanding(session: Session, case: Case) -> bool:
    """True if the case was refunded first and its buyer owes for it."""
    return case.refund_first and owed(session, case) > 0


def to_come(session: Session, case: Case) -> bool:
    """True while the goods are wanted although nobody waits in their stage: money goes first."""
    return (
        case.refund_first
        and case.closed_at is None
        and case.received_at is None
        and not dispositions.keeps(session, case)
        and bills.latest(session, case.case_id) is None
    )


def may_come(session: Session, case: Case) -> bool:
    """True if the goods may come in although nobody waits for them: before the money is out, or
    while they are charged for and that is not paid.
    """
    if not case.refund_first or case.received_at:
        return False
    early = case.stage == Stage.PAYING and to_come(session, case)
    return early or case.stage == Stage.AWAITING_BUYER or case.attention in UNPAID


def go_on(
    session: Session,
    case: Case,
    what: str,
    actor: Actor | Automatic,
    policy: Policy,
    now: datetime,
    *,
    detail: str = "",
    message_id: str | None = None,
) -> None:
    """The money is out, the goods are not in: they are waited for, or charged for if they were."""
    waits = to_come(session, case)
    events.record(
        session,
        case,
        what,
        actor,
        now,
        to=Stage.AWAITING_PARCEL if waits else None,
        deadlines=policy.deadlines,
        detail=detail,
        message_id=message_id,
    )
    if waits:
        tracking.look(session, case, policy, now)
    else:
        charge(session, case, policy, now)


def charge(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """Ask the buyer for all that they owe, instead of what was asked before."""
    bills.cancel(session, case, now)
    amount = owed(session, case)
    case.steps = [*case.steps, f"not returned: charged {amount}"]
    due_at = now + timedelta(days=policy.deadlines.difference_days)
    bills.ask(session, case, amount, What.NOT_RETURNED, due_at, policy, now)


def lost(session: Session, case: Case, now: datetime) -> None:
    """What went back to the buyer is lost: who has paid for it gets that back. A bill is paid back
    whole; what is owed besides is asked for anew (`store.closing`).
    """
    if _balance(session, case) < 0:
        bills.give_back(session, case, now)


def counted(
    session: Session,
    case: Case,
    actor: Actor,
    policy: Policy,
    now: datetime,
    *,
    detail: str,
    message_id: str,
) -> None:
    """The goods are in. With nothing left to pay the case ends, or charges for what is missing
    (`store.closing`). What was charged before they came is not to be paid any more.
    """
    bills.cancel(session, case, now)
    events.record(
        session,
        case,
        "inspected",
        actor,
        now,
        to=Stage.PAYING,
        deadlines=policy.deadlines,
        detail=detail,
        message_id=message_id,
    )


def paid(session: Session, case: Case, bill: Bill, policy: Policy, now: datetime) -> None:
    """The buyer has paid: with nothing left to pay or to be paid, the case ends."""
    events.record(
        session, case, "charge_paid", GATEWAY, now, to=Stage.PAYING, deadlines=policy.deadlines
    )


def unpaid(session: Session, case: Case, bill: Bill, policy: Policy, now: datetime) -> None:
    """The buyer has not paid, and has both goods and money: a person has to see to it."""
    events.record(
        session,
        case,
        "parked",
        SYSTEM,
        now,
        to=Stage.NEEDS_ATTENTION,
        attention=Attention.NOT_RETURNED,
        deadlines=policy.deadlines,
        detail=f"{bill.amount} {bill.currency}",
    )


def outcome(session: Session, case: Case) -> Outcome:
    """What a return that was refunded first has come to, as one that was not would have."""
    if dispositions.keeps(session, case):
        return Outcome.RETURNED_AND_REFUNDED
    return Outcome.REJECTED if case.received_at else Outcome.EXPIRED
