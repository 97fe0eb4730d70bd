"""Whom does the shop trust? Buyers who have sent back what they said, and owe nothing."""

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from domain.bills import DebtState
from domain.cases import Kind, Outcome, Stage
from domain.policy import Policy
from store.cases import payable
from store.tables import Bill, Case, Claim, InspectionLine

SAID = ", before the goods are back"
"""What the event of an approval adds about such a case."""


def refund_first(session: Session, case: Case, policy: Policy) -> bool:
    """Have a locked return with its last approval pay before the goods are back, if its buyer is
    trusted with that much. True if that is new.
    """
    if case.kind != Kind.RETURN or case.refund_first or policy.trusted.good_returns == 0:
        return False
    _alone_with(session, case)
    good = 0 if _owes(session, case) else _good_returns(session, case)
    case.refund_first = policy.refunds_first(payable(case), case.currency, good)
    return case.refund_first


def _alone_with(session: Session, case: Case) -> None:
    """Let no other case of this customer be judged before the transaction ends."""
    customer = func.hashtextextended(f"{case.storefront} {case.customer_id}", 0)
    session.execute(select(func.pg_advisory_xact_lock(customer)))


def _good_returns(session: Session, case: Case) -> int:
    """How many of the customer's returns have come in, with everything accepted."""
    elsewhere = exists().where(Claim.case_id == Case.case_id, Claim.kept.is_(False))
    refused = exists().where(
        InspectionLine.case_id == Case.case_id, InspectionLine.received > InspectionLine.accepted
    )
    good = select(func.count()).where(
        _of_customer(case),
        Case.kind == Kind.RETURN,
        Case.stage == Stage.COMPLETED,
        Case.received_at.is_not(None),
        ~elsewhere,
        ~refused,
    )
    return session.scalars(good).one()


def _owes(session: Session, case: Case) -> bool:
    """True while the customer has goods out that were refunded, or a bill that is not paid; and
    for good once one has lapsed, or such goods were given up.
    """
    unpaid = exists().where(
        Bill.case_id == Case.case_id, Bill.state.in_((DebtState.OPEN, DebtState.EXPIRED))
    )
    left = and_(Case.outcome == Outcome.GIVEN_UP, Case.paid > 0)
    out = and_(Case.refund_first, or_(Case.closed_at.is_(None), left))
    owing = select(Case.case_id).where(_of_customer(case), or_(unpaid, out)).limit(1)
    return session.scalars(owing).first() is not None


def _of_customer(case: Case) -> ColumnElement[bool]:
    return and_(Case.storefront == case.storefront, Case.customer_id == case.customer_id)
