"""May this money leave? Reserving it on the order's payments, once, under valid approvals."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases import SPENT, Attention, PayoutState, Stage, gateway_key, payout_id
from domain.charges import withheld
from domain.people import SYSTEM
from domain.policy import Policy
from store import events
from store.cases import payable
from store.decisions import required, valid_approvers
from store.ledger import NotCovered, post
from store.parking import park
from store.tables import Case, Payment, Payout, PayoutAttempt
from store.tenders import Destination, NotExpressible, of_order, parts


def payouts_of(session: Session, case: Case) -> list[Payout]:
    """The case's payouts, oldest first."""
    return list(
        session.scalars(select(Payout).where(Payout.case_id == case.case_id).order_by(Payout.n))
    )


def live(payouts: Sequence[Payout]) -> list[Payout]:
    """Those that hold or have paid money."""
    return [payout for payout in payouts if payout.state not in SPENT]


def reserve(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """Reserve what the case pays and has not reserved yet, for a locked case in `paying`.

    Moves the case on instead where the approvals no longer hold (back to the second audit) or the
    payments do not cover it, or not in parts that the gateway can move (parked): nothing is ever
    paid short in silence.
    """
    payouts = payouts_of(session, case)
    missing = payable(case) - sum(payout.amount for payout in live(payouts))
    if missing == 0:
        return
    if lapsed(session, case, payouts, policy, now):
        return
    try:
        with session.begin_nested():
            amount = _again_or_new(session, case, payouts, required(case), now)
    except (NotCovered, NotExpressible) as why:
        _park(session, case, why, missing, policy, now)
    else:
        events.record(
            session, case, "payout_reserved", SYSTEM, now, detail=f"{amount} {case.currency}"
        )


def lapsed(
    session: Session,
    case: Case,
    payouts: Sequence[Payout],
    policy: Policy,
    now: datetime,
    message_id: str | None = None,
) -> bool:
    """True if nothing is reserved and the approvals do not hold any more: the case is back in the
    second audit then.
    """
    if live(payouts) or len(valid_approvers(session, case.case_id, policy)) >= required(case):
        return False
    events.record(
        session,
        case,
        "approval_lapsed",
        SYSTEM,
        now,
        to=Stage.AWAITING_SECOND_AUDIT,
        deadlines=policy.deadlines,
        message_id=message_id,
    )
    return True


def _again_or_new(
    session: Session, case: Case, payouts: Sequence[Payout], approvals: int, now: datetime
) -> int:
    """The next attempt of what failed, new payouts for the rest. The sum reserved."""
    again = failed_last(payouts)
    for payout in again:
        attempt_again(session, payout, now)
    return sum(p.amount for p in again) + reserve_missing(session, case, payouts, approvals, now)


def failed_last(payouts: Sequence[Payout]) -> list[Payout]:
    """Failed payouts that no later one from the same payment has taken the place of. What was
    withheld is not among them: what is left may be elsewhere by now.
    """
    latest = {payout.payment_id: payout for payout in payouts}
    failed = [payout for payout in latest.values() if payout.state == PayoutState.FAILED]
    return [payout for payout in failed if not withheld(payout.code)]


def reserve_missing(
    session: Session,
    case: Case,
    payouts: Sequence[Payout],
    approvals: int,
    now: datetime,
    to: Destination | None = None,
) -> int:
    """New payouts, over the order's payments in their order, for what no payout covers yet. The
    sum reserved. They go where the case says, or to `to`. Raises NotCovered, NotExpressible.

    A payment that gives to the case already may give to it once more: what a case pays can rise
    after it was paid, when goods that were to be replaced or sent back are lost.
    """
    missing = payable(case) - sum(payout.amount for payout in live(payouts))
    to = to or Destination(case.payout_to, case.payout_token, case.payout_last4)
    _allot(session, case, len(payouts), missing, approvals, now, to)
    return missing


def _allot(
    session: Session,
    case: Case,
    before: int,
    total: int,
    approvals: int,
    now: datetime,
    to: Destination,
) -> None:
    payments = of_order(session, case.storefront, case.order_id)
    given = parts(total, payments, case.currency, to)
    for n, (payment, amount) in enumerate(given, start=before + 1):
        add_payout(session, case, n, payment, amount, to, approvals, now)


def reserve_elsewhere(
    session: Session,
    case: Case,
    payouts: Sequence[Payout],
    short: Payout,
    policy: Policy,
    now: datetime,
) -> None:
    """Reserve what a withheld payout was to pay where there is some left, to go the same way. The
    case is parked if there is not.
    """
    to = Destination(short.way, short.token, short.last4)
    try:
        with session.begin_nested():
            _allot(session, case, len(payouts), short.amount, short.approvals, now, to)
    except (NotCovered, NotExpressible) as why:
        _park(session, case, why, short.amount, policy, now)


def _park(
    session: Session, case: Case, why: Exception, amount: int, policy: Policy, now: datetime
) -> None:
    """Say what the payments do not cover, or not in parts that the gateway can move."""
    attention = Attention.PAYMENTS_DO_NOT_COVER
    if isinstance(why, NotExpressible):
        attention = Attention.AMOUNT_NOT_EXPRESSIBLE
    park(session, case, attention, policy, now, f"{amount} {case.currency}")


def attempt_again(session: Session, payout: Payout, now: datetime) -> None:
    """The next attempt of a payout that failed for good: a new key. Raises NotCovered."""
    payout.attempt += 1
    payout.state, payout.code, payout.reference = PayoutState.RESERVED, "", None
    payout.asked, payout.unknown_since, payout.reserved_at = 0, None, now
    _reserve(session, payout, now)


def add_payout(
    session: Session,
    case: Case,
    n: int,
    payment: Payment,
    amount: int,
    to: Destination,
    approvals: int,
    now: datetime,
) -> Payout:
    """The n-th payout of a case, reserved. Raises NotCovered, NotExpressible."""
    least = to.step_from(payment, case.currency)
    if least is None or amount % least:
        raise NotExpressible(str(amount))
    payout = Payout(
        payout_id=payout_id(case.case_id, n),
        storefront=case.storefront,
        case_id=case.case_id,
        order_id=case.order_id,
        n=n,
        payment_id=payment.id,
        way=to.way_from(payment),
        token=to.token,
        last4=to.last4,
        amount=amount,
        currency=case.currency,
        state=PayoutState.RESERVED,
        attempt=1,
        asked=0,
        approvals=approvals,
        code="",
        reserved_at=now,
    )
    session.add(payout)
    session.flush()
    _reserve(session, payout, now)
    return payout


def _reserve(session: Session, payout: Payout, now: datetime) -> None:
    session.add(
        PayoutAttempt(
            payout_id=payout.payout_id,
            attempt=payout.attempt,
            storefront=payout.storefront,
            gateway_key=gateway_key(payout.payout_id, payout.attempt),
            state="created",
            code="",
        )
    )
    post(session, payout, "reserve", now)
    session.flush()
