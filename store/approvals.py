"""How much has one person approved, and how much was approved on one order?

Counted by PostgreSQL itself, under the order's lock and then the person's: see
`store.tables.approvals`.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.days import day_of
from domain.people import POLICY, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from store.tables import Approval, Case

WITHIN_LIMITS = "approvals_within_limits"
"""How the trigger that counts names its refusal."""


def committed_elsewhere(case: Case) -> ColumnElement[int]:
    """What was paid, and what is approved and live, in the other cases of the case's order."""
    return func.committed_on_order(case.storefront, case.order_id, case.case_id)


def approve(
    session: Session, case: Case, actor: Actor | None, elsewhere: int, policy: Policy, now: datetime
) -> None:
    """Count the amount that a locked case has approved by this person, or by the policy. The last
    step of a transaction that takes a lock. Raises Refusal: over-limit.
    """
    amount = case.approved or 0
    approval = _approval(case, actor, amount, policy, now)
    approval.what, approval.needed = "approval", case.approvals_needed
    approval.order_total = elsewhere + amount
    _count(session, approval)


def offer(
    session: Session,
    case: Case,
    actor: Actor,
    pays: int,
    amount: int,
    policy: Policy,
    now: datetime,
) -> None:
    """Count what a person offers the buyer of a locked case, beyond what the case `pays` already.
    Not what they approved of this case before: that is the same money. Raises as `approve` does.
    """
    theirs = select(func.coalesce(func.sum(Approval.amount), 0)).where(
        Approval.case_id == case.case_id, Approval.actor == actor.name
    )
    before = int(session.scalars(theirs).one())
    if before:
        amount = max(0, pays + amount - before)
    approval = _approval(case, actor, amount, policy, now)
    approval.what = "offer"
    _count(session, approval)


def _approval(
    case: Case, actor: Actor | None, amount: int, policy: Policy, now: datetime
) -> Approval:
    limit = actor.limit(case.currency) if actor else None
    limits = policy.limits
    return Approval(
        storefront=case.storefront,
        order_id=case.order_id,
        case_id=case.case_id,
        actor=actor.name if actor else f"{POLICY.name}:{policy.version}",
        amount=amount,
        currency=case.currency,
        most_per_order=None if limit is None else limit * limits.per_order,
        most_per_day=None if limit is None else limit * limits.per_day,
        day=day_of(now, policy.timezone),
        at=now,
    )


def _count(session: Session, approval: Approval) -> None:
    session.add(approval)
    try:
        session.flush()
    except IntegrityError as error:
        refused = getattr(error.orig, "diag", None)
        if refused is None or refused.constraint_name != WITHIN_LIMITS:
            raise
        raise Refusal(
            Why.OVER_LIMIT,
            f"with {approval.amount} {approval.currency} more you would have approved more than "
            f"you may {refused.message_detail}",
        ) from None
