"""What a gateway says of a bill, and what follows from it for the case that asked for the money."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from domain.bills import BillState, BillWord, DebtState, What
from domain.cases import Attention, Stage
from domain.effects import OPEN, EffectAction, EffectState
from domain.people import GATEWAY
from domain.policy import Policy
from store import events
from store.goods import bills, charges, effects, exchanges, repairs
from store.tables import Bill, Case, Effect

TOO_SOON = "expires_at_refused"
"""The gateway's refusal of an opening that took so long to reach it that its time was over."""

Follows = Callable[[Session, Case, Bill, Policy, datetime], None]

PAID: dict[What, Follows] = {
    What.DIFFERENCE: exchanges.paid,
    What.REPAIR: repairs.paid,
    What.DIAGNOSIS_FEE: repairs.paid,
    What.NOT_RETURNED: charges.paid,
}
LAPSED: dict[What, Follows] = {
    What.DIFFERENCE: exchanges.unpaid,
    What.REPAIR: repairs.unpaid,
    What.DIAGNOSIS_FEE: repairs.unpaid,
    What.NOT_RETURNED: charges.unpaid,
}
"""By what a bill is for."""


def heard(
    session: Session, case: Case, effect: Effect, word: BillWord, policy: Policy, now: datetime
) -> None:
    """Take down what the gateway said of the bill of this effect."""
    bill = session.get_one(Bill, effect.bill_id)
    match word.state:
        case BillState.PAID if bill.state in (DebtState.OPEN, DebtState.CANCELLED):
            _paid(session, case, bill, word, policy, now)
        case BillState.OPEN if bill.state == DebtState.OPEN:
            bill.url = word.url
        case BillState.EXPIRED:
            _stop_collecting(session, bill, now)
            if bill.state == DebtState.OPEN:
                _renew_or_lapse(session, case, bill, policy, now)


def refused(
    session: Session, case: Case, effect: Effect, code: str, policy: Policy, now: datetime
) -> None:
    """The gateway would not open the bill of this effect."""
    bill = session.get_one(Bill, effect.bill_id)
    for planned in effects.of_case(session, case.case_id, EffectAction.CANCEL_BILL):
        if planned.bill_id == bill.bill_id:
            effects.withdraw(planned, "not_opened")
    if bill.state != DebtState.OPEN:
        return
    if code == TOO_SOON or bill.due_at <= now:
        _renew_or_lapse(session, case, bill, policy, now)
        return
    events.record(
        session,
        case,
        "bill_refused",
        GATEWAY,
        now,
        to=Stage.NEEDS_ATTENTION,
        attention=Attention.BILL_REFUSED,
        deadlines=policy.deadlines,
        detail=code,
    )


def paid_back(
    session: Session, case: Case, effect: Effect, refusal: str | None, now: datetime
) -> None:
    """The gateway has refunded a bill, or will not."""
    bill = session.get_one(Bill, effect.bill_id)
    detail = f"{bill.what}: {bill.amount} {bill.currency}"
    if refusal is None:
        bill.state = DebtState.PAID_BACK
        events.record(session, case, "bill_paid_back", GATEWAY, now, detail=detail)
    else:
        events.record(
            session, case, "bill_not_paid_back", GATEWAY, now, detail=f"{detail} {refusal}"
        )


def _paid(
    session: Session, case: Case, bill: Bill, word: BillWord, policy: Policy, now: datetime
) -> None:
    wanted = bill.state == DebtState.OPEN
    bill.state, bill.payment, bill.paid_at, bill.url = DebtState.PAID, word.payment, now, None
    _stop_collecting(session, bill, now)
    session.flush()
    detail = f"{bill.what}: {bill.amount} {bill.currency}"
    events.record(session, case, "bill_paid", GATEWAY, now, detail=detail)
    if wanted:
        PAID[What(bill.what)](session, case, bill, policy, now)
    else:
        bills.pay_back(session, case, bill, now)


def _stop_collecting(session: Session, bill: Bill, now: datetime) -> None:
    """What the gateway opened last is paid, or never will be."""
    opening = bills.last_opening(session, bill)
    if opening.state not in OPEN:
        return
    if bill.state == DebtState.PAID:
        opening.state, opening.done_at = EffectState.DONE, now
    else:
        opening.state, opening.code = EffectState.CANCELLED, "expired"


def _renew_or_lapse(
    session: Session, case: Case, bill: Bill, policy: Policy, now: datetime
) -> None:
    bill.url = None
    if now < bill.due_at:
        effects.plan(session, case, EffectAction.COLLECT_BILL, now, bill)
        return
    bill.state = DebtState.EXPIRED
    session.flush()
    LAPSED[What(bill.what)](session, case, bill, policy, now)
