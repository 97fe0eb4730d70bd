"""Who decides a case: the one place where an approval or a rejection comes to be.

The API and raw signals end here alike. The row decides, in one transaction with the case's stage
and its event; the signal that follows only wakes the workflow.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, func, select, true
from sqlalchemy.orm import Session

from domain.cases import AUDITS, Kind, Outcome, Stage, after_approval
from domain.goods_messages import Remedy
from domain.messages import Approve, Reject
from domain.people import MAY_DECIDE, Actor, Channel
from domain.policy import Policy
from domain.refusals import Refusal, Why
from store import approvals, events, verdicts
from store.cases import approve_amount, close, payable
from store.goods import holds, parcels, refusing, remedies, settling, trust
from store.repeats import repeats
from store.session import new_id
from store.tables import Case, Decision, Token


def decide(
    session: Session,
    case_id: UUID,
    message: Approve | Reject,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> Case:
    """Approve or reject. The first valid word stands; the same word again changes nothing.

    Raises Refusal: already-decided, version-conflict, over-limit, four-eyes, amount-too-high,
    amount-not-expressible, decision-id-reused, case-closed, case-not-found, forbidden.
    """
    if actor.role not in MAY_DECIDE:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    decision = _decision(case, message, actor, now)
    said = ("verdict", "amount", "reason")
    if repeats(session, decision, Decision.decision_id, said, Why.DECISION_ID_REUSED):
        return case
    _still_open(session, case)
    if message.version is not None and message.version != case.version:
        raise Refusal(
            Why.VERSION_CONFLICT, f"the case is at version {case.version}", version=case.version
        )
    if isinstance(message, Approve):
        _approve(session, case, message, decision, actor, policy, now)
    elif case.received_at:
        _add(session, decision)
        refusing.refuse(session, case, decision, actor, policy, now)
    else:
        _add(session, decision)
        parcels.call_off(session, case, now)
        close(
            session,
            case,
            Stage.REJECTED,
            Outcome.REJECTED,
            "rejected",
            actor,
            now,
            decision.decision_id,
            detail=message.reason,
        )
    events.tell(session, case, decision.verdict, decision.decision_id)
    return case


def _decision(case: Case, message: Approve | Reject, actor: Actor, now: datetime) -> Decision:
    return Decision(
        decision_id=message.decision_id or str(new_id()),
        storefront=case.storefront,
        case_id=case.case_id,
        verdict="approve" if isinstance(message, Approve) else "reject",
        by="person",
        actor=actor.name,
        actor_role=actor.role,
        amount=message.amount if isinstance(message, Approve) else None,
        reason=message.reason if isinstance(message, Reject) else None,
        note=message.note,
        at=now,
        channel=actor.channel,
    )


def _still_open(session: Session, case: Case) -> None:
    if case.stage in AUDITS:
        return
    if case.outcome in (Outcome.CANCELLED, Outcome.EXPIRED):
        raise Refusal(Why.CASE_CLOSED, f"the case is {case.stage}")
    last = verdicts.last(session, case.case_id)
    raise Refusal(
        Why.ALREADY_DECIDED,
        f"{last.verdict} by {last.actor}" if last else None,
        decision_id=last.decision_id if last else None,
        verdict=last.verdict if last else None,
        actor=last.actor if last else None,
    )


def _approve(
    session: Session,
    case: Case,
    message: Approve,
    decision: Decision,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> None:
    most = payable(case)
    amount = most if message.amount is None else message.amount
    if amount > most:
        raise Refusal(Why.AMOUNT_TOO_HIGH, f"at most {most} can be approved", most=most)
    if not actor.may_approve(amount, case.currency):
        raise Refusal(Why.OVER_LIMIT, f"{amount} {case.currency} is above your limit")
    approvers, elsewhere = _approved_so_far(session, case, policy)
    if actor.name in approvers:
        raise Refusal(Why.FOUR_EYES)
    settling.check_gateway_moves(session, case, amount)
    _add(session, decision)
    fix_approvers(case, elsewhere + amount, policy)
    approve_amount(session, case, amount)
    enough = len(approvers) + 1 >= required(case)
    goes_first = enough and trust.refund_first(session, case, policy)
    following = after_approval(
        Kind(case.kind),
        received=case.received_at is not None,
        swapped=case.remedy == Remedy.SWAP,
        refund_first=case.refund_first,
    )
    if enough and (goes_first or following is Stage.AWAITING_PARCEL):
        parcels.send_for(session, case, policy, now)
    elif enough and following is Stage.SHIPPING:
        remedies.swap(session, case, now)
    elif enough and following is Stage.AWAITING_STOCK:
        holds.ask_for(session, case, now)
    events.record(
        session,
        case,
        "approved",
        actor,
        now,
        to=following if enough else Stage.AWAITING_SECOND_AUDIT,
        deadlines=policy.deadlines,
        message_id=decision.decision_id,
        detail=f"{amount} {case.currency}" + (trust.SAID if goes_first else ""),
    )
    approvals.approve(session, case, actor, elsewhere, policy, now)


def fix_approvers(case: Case, order_total: int, policy: Policy) -> None:
    """Say how many different people have to approve the case, by what its order comes to."""
    to_card = case.payout_to == "bank_card"
    case.approvals_needed = policy.approvers(order_total, case.currency, bank_card=to_card)


def required(case: Case) -> int:
    """How many different people have to approve the case: as many as when it was approved last,
    whatever the order has come to since.
    """
    return case.approvals_needed or 1


def valid_approvers(session: Session, case_id: UUID, policy: Policy) -> set[str]:
    """The people whose approval of this case holds today: a revoked token's no longer does, nor
    one that was overruled, nor one sent by hand where such signals do not count.
    """
    return set(session.scalars(_holding(case_id, policy)))


def _approved_so_far(session: Session, case: Case, policy: Policy) -> tuple[set[str], int]:
    """Whose approval of the case holds, and what its order comes to without it."""
    holding = func.array(_holding(case.case_id, policy).scalar_subquery(), type_=ARRAY(Text))
    row = session.execute(select(holding, approvals.committed_elsewhere(case))).one()
    return set(row[0]), int(row[1])


def _holding(case_id: UUID, policy: Policy) -> Select[str]:
    revoked = select(Token.name).where(Token.revoked_at.is_not(None))
    overruled = select(func.coalesce(func.max(Decision.slot), 0)).where(
        Decision.case_id == case_id, Decision.verdict == "reject"
    )
    return select(Decision.actor).where(
        Decision.case_id == case_id,
        Decision.verdict == "approve",
        Decision.slot > overruled.scalar_subquery(),
        Decision.actor.not_in(revoked),
        true() if policy.raw_signals else Decision.channel.is_distinct_from(Channel.TEMPORAL),
    )


def _add(session: Session, decision: Decision) -> None:
    slots = select(Decision.slot).where(Decision.case_id == decision.case_id)
    decision.slot = max(session.scalars(slots), default=0) + 1
    session.add(decision)
    session.flush()
