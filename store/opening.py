"""How a case begins: its units are taken, its amount is frozen, and somebody has to decide."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.cases import Kind, Stage, WaitingFor, after_approval
from domain.messages import CaseRequest, Reason, ToBankCard
from domain.people import POLICY, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from store import approvals, events, units, uploads
from store.decisions import fix_approvers
from store.goods import holds, parcels, trust
from store.quotes import Quote, quote
from store.session import new_id
from store.submissions import reviews
from store.tables import Case, CaseLine, CaseReplacement, Decision, Order, Subject


def preview(
    session: Session, request: CaseRequest, storefront: str, policy: Policy, now: datetime
) -> Quote:
    """What `open_case` would do. Writes nothing."""
    order = session.get(Order, (storefront, request.order_id))
    if order is None:
        raise Refusal(Why.ORDER_NOT_FOUND)
    quoted = quote(session, order, request, policy, now)
    uploads.known(session, storefront, request.evidence, "evidence")
    return quoted


def open_case(
    session: Session, request: CaseRequest, opener: Actor, policy: Policy, now: datetime
) -> Case:
    """Accept a request: its units are the case's from here on, its amount is frozen.

    The caller's transaction commits it together with the idempotency key. Raises Refusal.
    """
    order = events.lock_order(session, opener.storefront or "", request.order_id)
    if order is None:
        raise Refusal(Why.ORDER_NOT_FOUND)
    quoted = quote(session, order, request, policy, now)
    case = _new_case(order, request, quoted, opener, policy, now)
    session.add(case)
    session.flush()
    uploads.use(session, case.storefront, request.evidence, Subject.CASE, case.case_id, "evidence")
    for position, line in enumerate(quoted.lines):
        session.add(
            CaseLine(
                case_id=case.case_id,
                line=line.row.line,
                storefront=case.storefront,
                position=position,
                order_line_id=line.row.id,
                quantity=line.quantity,
                amount=line.amount,
                tax=line.tax,
            )
        )
    for wanted in request.replacement or ():
        session.add(
            CaseReplacement(
                case_id=case.case_id,
                line=wanted.line,
                storefront=case.storefront,
                sku=wanted.sku,
                quantity=wanted.quantity,
                price=wanted.price,
                condition=wanted.condition,
            )
        )
    units.claim(session, case, [(line.row.id, line.pieces) for line in quoted.lines], now)
    reviews.hold(session, [line.row.id for line in quoted.lines], policy, now)
    order.shipping_reserved += case.shipping_held
    order.frozen_at = order.frozen_at or now
    events.record(
        session, case, "opened", opener, now, to=Stage.AWAITING_AUDIT, deadlines=policy.deadlines
    )
    _leave_to_policy(session, case, policy, now)
    events.tell(session, case, "start")
    return case


def _new_case(
    order: Order,
    request: CaseRequest,
    quoted: Quote,
    opener: Actor,
    policy: Policy,
    now: datetime,
) -> Case:
    to, what = request.payout_to, quoted.due
    return Case(
        case_id=new_id(),
        storefront=order.storefront,
        kind=request.kind,
        order_id=order.order_id,
        customer_id=order.customer_id,
        stage=Stage.AWAITING_AUDIT,
        waiting_for=WaitingFor.AUDITOR,
        reason=request.reason,
        note=request.note,
        currency=order.currency,
        policy=policy.version,
        items=what.items,
        shipping=what.shipping,
        deductions=what.deductions,
        total=what.total,
        entitled=what.total,
        tax=what.tax,
        paid=0,
        steps=list(what.steps),
        shipping_held=quoted.granted,
        payout_to=to.kind,
        payout_token=to.token if isinstance(to, ToBankCard) else None,
        payout_last4=to.last4 if isinstance(to, ToBankCard) else None,
        fallback=list(request.fallback),
        address=request.address.model_dump() if request.address else None,
        evidence=list(request.evidence),
        opened_by=opener.name,
        version=0,
        opened_at=now,
    )


def _leave_to_policy(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """Have the policy approve a case by itself, where its caps and the order's total allow it."""
    caps = policy.auto_approval_caps(
        Kind(case.kind), Reason(case.reason), case.total, case.currency
    )
    if caps is None:
        return
    elsewhere, before = approvals.by_policy(session, case, policy, now)
    fix_approvers(case, elsewhere + case.total, policy)
    if case.approvals_needed == 1 and caps.allow(case.total, before):
        _approve_by_policy(session, case, policy, now)
        approvals.approve_by_policy(session, case, caps, elsewhere, policy, now)


def _approve_by_policy(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    session.add(
        Decision(
            decision_id=str(new_id()),
            storefront=case.storefront,
            case_id=case.case_id,
            slot=1,
            verdict="approve",
            by="policy",
            actor=f"{POLICY.name}:{policy.version}",
            actor_role=POLICY.kind,
            amount=None,
            reason=None,
            note="",
            at=now,
        )
    )
    case.approved = case.total
    goes_first = trust.refund_first(session, case, policy)
    following = after_approval(Kind(case.kind), received=False, refund_first=goes_first)
    if goes_first or following is Stage.AWAITING_PARCEL:
        parcels.send_for(session, case, policy, now)
    elif following is Stage.AWAITING_STOCK:
        holds.ask_for(session, case, now)
    events.record(
        session,
        case,
        "approved",
        POLICY,
        now,
        to=following,
        deadlines=policy.deadlines,
        detail=f"{case.total} {case.currency}{trust.SAID}" if goes_first else "",
    )
