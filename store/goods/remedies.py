"""Instead of a repair: what the buyer gets for a unit that cannot be repaired or fails again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases import Kind, Stage
from domain.goods_messages import Choice, Remedy
from domain.people import MAY_ANSWER, SYSTEM, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from store import events, units
from store.goods import bills, dispositions, holds, repair_quotes, repairs
from store.tables import Case, CaseLine, CaseReplacement, Diagnosis, OrderLine


def instead(session: Session, case: Case, found: Diagnosis, policy: Policy, now: datetime) -> None:
    """The unit cannot be repaired: what its buyer chose beforehand, or else chooses now."""
    if not found.covered and not policy.repairs.remedy_uncovered:
        dispositions.send_back(session, case, "unrepairable", SYSTEM, policy, now)
    elif case.fallback:
        take(session, case, Remedy(case.fallback[0]), policy, now)
    else:
        ask(session, case, policy, now)


def ask(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """The buyer is to choose, whatever they chose before."""
    case.remedy = None
    events.record(
        session,
        case,
        "choice_asked",
        SYSTEM,
        now,
        to=Stage.AWAITING_BUYER,
        deadlines=policy.deadlines,
    )


def asked(session: Session, case: Case) -> bool:
    """True if the buyer's choice is waited for."""
    return (
        case.kind == Kind.REPAIR
        and case.stage == Stage.AWAITING_BUYER
        and case.remedy is None
        and repair_quotes.standing(session, case) is None
        and bills.open_bill(session, case.case_id) is None
    )


def choose(
    session: Session, case_id: UUID, message: Choice, actor: Actor, policy: Policy, now: datetime
) -> Case:
    """The buyer says what they get. The same choice again changes nothing.

    Raises Refusal: not-awaited (a repair of what cannot be repaired, too), already-answered.
    """
    if actor.role not in MAY_ANSWER:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    if case.storefront != actor.storefront:
        raise Refusal(Why.CASE_NOT_FOUND)
    if case.remedy == message.remedy:
        return case
    if case.remedy:
        raise Refusal(Why.ALREADY_ANSWERED, f"it is {case.remedy}")
    found = repairs.diagnosis_of(session, case)
    if found is None or not asked(session, case):
        raise Refusal(Why.NOT_AWAITED, f"the case is {case.stage}")
    if message.remedy is Remedy.REPAIR and not found.repairable:
        raise Refusal(Why.NOT_AWAITED, "it cannot be repaired")
    events.record(session, case, "remedy_chosen", actor, now, detail=message.remedy)
    take(session, case, message.remedy, policy, now)
    events.tell(session, case, events.NEWS)
    return case


def lapse(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """The buyer has not chosen: what can be repaired is, all else is paid back."""
    found = repairs.diagnosis_of(session, case)
    remedy = Remedy.REPAIR if found and found.repairable else Remedy.REFUND
    events.record(session, case, "choice_lapsed", SYSTEM, now, detail=remedy)
    take(session, case, remedy, policy, now)


def take(session: Session, case: Case, remedy: Remedy, policy: Policy, now: datetime) -> None:
    """The case comes to this from here on. Nobody audits again what was approved already; what is
    more than that, somebody else does.
    """
    case.remedy = remedy
    if remedy is Remedy.REPAIR:
        repairs.order(session, case, policy, now)
        return
    for claim, _ in units.owned_by(session, case.case_id):
        claim.kept = True
    dispositions.appraise(session, case, "not repaired")
    if remedy is Remedy.SWAP:
        _want_the_same(session, case)
        to = Stage.SHIPPING
    else:
        if remedy is Remedy.STORE_CREDIT:
            case.payout_to, case.payout_token, case.payout_last4 = "store_credit", None, None
        to = Stage.PAYING
    if case.approved is not None and case.total > case.approved:
        case.approved = None  # nobody has agreed to so much
        to = Stage.AWAITING_SECOND_AUDIT
    elif remedy is Remedy.SWAP:
        swap(session, case, now)
    events.record(
        session,
        case,
        "not_repaired",
        SYSTEM,
        now,
        to=to,
        deadlines=policy.deadlines,
        detail=remedy,
    )


def swap(session: Session, case: Case, now: datetime) -> None:
    """Another unit is to leave for the one that stays: no money is due besides."""
    dispositions.appraise(session, case, "swapped", 0)
    holds.ask_for(session, case, now)


def out_of_stock(session: Session, case: Case, code: str, policy: Policy, now: datetime) -> None:
    """There is no other unit for a swap: the buyer gets what they would have next."""
    if case.stage != Stage.SHIPPING:
        return
    events.record(session, case, "out_of_stock", SYSTEM, now, detail=code)
    money = [Remedy(word) for word in case.fallback if word != Remedy.SWAP]
    take(session, case, money[0] if money else Remedy.REFUND, policy, now)


def _want_the_same(session: Session, case: Case) -> None:
    """The buyer gets what they brought once more, new, and owes nothing for it."""
    of_case = select(CaseLine, OrderLine.sku).join(
        OrderLine, OrderLine.id == CaseLine.order_line_id
    )
    for line, sku in session.execute(of_case.where(CaseLine.case_id == case.case_id)).all():
        session.add(
            CaseReplacement(
                case_id=case.case_id,
                line=line.line,
                storefront=case.storefront,
                sku=sku,
                quantity=line.quantity,
                price=0,
            )
        )
    session.flush()
