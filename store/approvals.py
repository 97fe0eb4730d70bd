"""How much has one person approved, and how much was approved on one order?

Counted by PostgreSQL itself, under the order's lock and then the person's, or for the policy those
on buyer and day: see `store.tables.approvals`.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.days import day_of
from domain.people import POLICY, Actor
from domain.policy import Policy
from domain.policy_parts import PolicyApprovals
from domain.refusals import Refusal, Why
from store.tables import Approval, Case

WITHIN_LIMITS = "approvals_within_limits"
"""How the trigger that counts names its refusal."""


def committed_elsewhere(case: Case) -> ColumnElement[int]:
    """What was paid, and what is approved and live, in the other cases of the case's order."""
    return func.committed_on_order(case.storefront, case.order_id, case.case_id)


def by_policy(
    session: Session, case: Case, policy: Policy, now: datetime
) -> tuple[int, PolicyApprovals]:
    """What a locked order comes to without this case, and what the policy approved so far by itself
    of the order, of its buyer and today. Buyer and day stay locked until the transaction ends.
    """
    counted = func.approved_by_policy(
        case.storefront,
        case.order_id,
        case.customer_id,
        case.currency,
        day_of(now, policy.timezone),
    ).table_valued(*PolicyApprovals._fields)
    row = session.execute(select(committed_elsewhere(case), counted)).one()
    return int(row[0]), PolicyApprovals(*map(int, row[1:]))


def approve(
    session: Session, case: Case, actor: Actor, elsewhere: int, policy: Policy, now: datetime
) -> None:
    """Count the amount that a locked case has approved by this person. The last step of a
    transaction that takes a lock. Raises Refusal: over-limit.
    """
    _count(session, _of_person(case, actor, policy, now), case.approvals_needed, elsewhere)


def approve_by_policy(
    session: Session,
    case: Case,
    caps: PolicyApprovals,
    elsewhere: int,
    policy: Policy,
    now: datetime,
) -> None:
    """Count what the policy approved of a locked case by itself, within these caps. The transaction
    has to be run anew where another one has approved since this one counted.
    """
    approval = _approval(case, policy, now)
    approval.by, approval.actor = "policy", f"{POLICY.name}:{policy.version}"
    approval.most_per_order, approval.most_per_buyer, approval.most_per_day = caps
    _count(session, approval, case.approvals_needed, elsewhere)


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
    approval = _of_person(case, actor, policy, now)
    approval.what, approval.amount = "offer", amount
    _insert(session, approval)


def _of_person(case: Case, actor: Actor, policy: Policy, now: datetime) -> Approval:
    approval = _approval(case, policy, now)
    approval.by, approval.actor = "person", actor.name
    limit, limits = actor.limit(case.currency), policy.limits
    if limit is not None:
        approval.most_per_order = limit * limits.per_order
        approval.most_per_day = limit * limits.per_day
    return approval


def _approval(case: Case, policy: Policy, now: datetime) -> Approval:
    return Approval(
        storefront=case.storefront,
        order_id=case.order_id,
        customer_id=case.customer_id,
        case_id=case.case_id,
        amount=case.approved or 0,
        currency=case.currency,
        day=day_of(now, policy.timezone),
        at=now,
    )


def _count(session: Session, approval: Approval, needed: int | None, elsewhere: int) -> None:
    """Count an approval, with what the order comes to and how many people that needs."""
    approval.what, approval.needed = "approval", needed
    approval.order_total = elsewhere + approval.amount
    _insert(session, approval)


def _insert(session: Session, approval: Approval) -> None:
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
