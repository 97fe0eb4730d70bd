"""A repair itself: agreed to where it is not covered, ordered, done, and on its way back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.bills import DebtState, What
from domain.cases import Attention, Stage
from domain.effects import EffectAction, EffectState
from domain.goods_messages import QuoteAnswer, Repaired
from domain.people import MAY_ANSWER, MAY_DIAGNOSE, REPAIR_SHOP, SYSTEM, Actor, Automatic
from domain.policy import Policy
from domain.policy_parts import Pay
from domain.refusals import Refusal, Why
from domain.repairs import may_leave
from store import events
from store.goods import bills, dispositions, effects, repair_quotes, serials
from store.tables import Bill, Case, CaseLine, Diagnosis, OrderLine, Repair, RepairQuote


@dataclass(frozen=True)
class Work:
    """One unit, and what is wrong with it."""

    sku: str
    serial: str | None
    fault: str


def diagnosis_of(session: Session, case: Case) -> Diagnosis | None:
    """The diagnosis that holds."""
    of_case = select(Diagnosis).where(Diagnosis.case_id == case.case_id)
    return session.scalars(of_case.order_by(Diagnosis.n.desc()).limit(1)).first()


def ordered(session: Session, case: Case) -> bool:
    """True if somebody is at work on the unit, or will be."""
    orders = effects.of_case(session, case.case_id, EffectAction.ORDER_REPAIR)
    return any(order.state != EffectState.CANCELLED for order in orders)


def order(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """Have the unit repaired."""
    effects.plan(session, case, EffectAction.ORDER_REPAIR, now)
    events.record(
        session,
        case,
        "repair_ordered",
        SYSTEM,
        now,
        to=Stage.IN_REPAIR,
        deadlines=policy.deadlines,
        due_at=policy.deadlines.repaired_by(now),
    )


def work_on(session: Session, case: Case) -> Work | None:
    """What a repair shop is told."""
    found = diagnosis_of(session, case)
    if found is None:
        return None
    return Work(_order_line(session, case, found).sku, found.serial, found.fault)


def refused(session: Session, case: Case, code: str, policy: Policy, now: datetime) -> None:
    """The shop does not take the work: the technician diagnoses again, and finds another way."""
    still_here = Stage.IN_REPAIR if case.stage == Stage.IN_REPAIR else None
    events.record(
        session,
        case,
        "work_refused",
        REPAIR_SHOP,
        now,
        to=still_here,
        deadlines=policy.deadlines,
        detail=code,
    )


def answer_quote(
    session: Session,
    case_id: UUID,
    accepted: bool,
    message: QuoteAnswer,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> Case:
    """The buyer takes the quote, or wants the unit back as it is. The same answer again changes
    nothing. Raises Refusal: not-awaited, already-answered, version-conflict.
    """
    if actor.role not in MAY_ANSWER:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    if case.storefront != actor.storefront:
        raise Refusal(Why.CASE_NOT_FOUND)
    quote = repair_quotes.latest(session, case)
    if quote is None:
        raise Refusal(Why.NOT_AWAITED, "nothing was quoted")
    if message.version not in (None, quote.version):
        raise Refusal(
            Why.VERSION_CONFLICT, f"the quote is at version {quote.version}", version=quote.version
        )
    word = "accepted" if accepted else "declined"
    if quote.answer == word:
        return case
    if quote.answer:
        raise Refusal(Why.ALREADY_ANSWERED, f"it was {quote.answer}")
    _answered(session, case, quote, word, actor, policy, now)
    events.tell(session, case, events.NEWS)
    return case


def lapse(session: Session, case: Case, quote: RepairQuote, policy: Policy, now: datetime) -> None:
    """Nobody has answered in time: the unit goes back as it is."""
    _answered(session, case, quote, "lapsed", SYSTEM, policy, now)


def _answered(
    session: Session,
    case: Case,
    quote: RepairQuote,
    word: str,
    actor: Actor | Automatic,
    policy: Policy,
    now: datetime,
) -> None:
    quote.answer, quote.answered_at = word, now
    session.flush()
    events.record(session, case, f"quote_{word}", actor, now, detail=f"version {quote.version}")
    fee = policy.repairs.diagnosis_fee.get(case.currency, 0)
    if word == "accepted" and policy.repairs.pay is Pay.BEFORE:
        _charge(session, case, quote.amount, What.REPAIR, policy, now)
    elif word == "accepted":
        order(session, case, policy, now)
    elif fee:
        _charge(session, case, fee, What.DIAGNOSIS_FEE, policy, now)
    else:
        _give_back(session, case, policy, now)


def _charge(
    session: Session, case: Case, amount: int, what: What, policy: Policy, now: datetime
) -> None:
    due_at = now + timedelta(days=policy.repairs.payment_days)
    bills.ask(session, case, amount, what, due_at, policy, now)


def _give_back(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """The unit goes to its buyer, repaired or not."""
    dispositions.send_back(session, case, "given_back", SYSTEM, policy, now)


def paid(session: Session, case: Case, bill: Bill, policy: Policy, now: datetime) -> None:
    """The buyer has paid: for work that begins now, or for what is ready to leave."""
    if bill.what == What.REPAIR and session.get(Repair, case.case_id) is None:
        order(session, case, policy, now)
    else:
        _give_back(session, case, policy, now)


def unpaid(session: Session, case: Case, bill: Bill, policy: Policy, now: datetime) -> None:
    """The buyer has not paid. Work that was done for it stays here until a person has seen to it;
    a fee alone holds nothing back.
    """
    if session.get(Repair, case.case_id) is None:
        _give_back(session, case, policy, now)
        return
    events.record(
        session,
        case,
        "parked",
        SYSTEM,
        now,
        to=Stage.NEEDS_ATTENTION,
        attention=Attention.REPAIR_UNPAID,
        deadlines=policy.deadlines,
        detail=f"{bill.amount} {bill.currency}",
    )


def ask_again(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """Give the buyer of a repaired unit that is not paid for another chance to pay."""
    quote = repair_quotes.standing(session, case)
    assert quote is not None  # nothing else is charged once a unit is repaired
    _charge(session, case, quote.amount, What.REPAIR, policy, now)


def repaired(
    session: Session, case_id: UUID, message: Repaired, actor: Actor, policy: Policy, now: datetime
) -> Case:
    """The unit is as it should be and goes to the buyer. The same word again changes nothing.

    Raises Refusal: not-awaited, already-repaired, wrong-serial (another unit would leave than the
    one that came, and it is not said to be swapped), serial-in-use (another case has what leaves).
    """
    if actor.role not in MAY_DIAGNOSE:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    if before := session.get(Repair, case_id):
        said = (actor.name, message.serial, message.swapped)
        if (before.actor, before.serial_out, before.swapped) == said:
            return case
        raise Refusal(Why.ALREADY_REPAIRED, f"by {before.actor}", actor=before.actor)
    found = diagnosis_of(session, case)
    if case.stage != Stage.IN_REPAIR or found is None or not ordered(session, case):
        raise Refusal(Why.NOT_AWAITED, f"the {case.kind} is {case.stage}")
    if not may_leave(found.serial, message.serial, swapped=message.swapped):
        raise Refusal(Why.WRONG_SERIAL)
    sold = _order_line(session, case, found)
    if message.swapped and message.serial:
        if message.serial in serials.of_line(session, sold).now:
            raise Refusal(Why.WRONG_SERIAL, "that unit is the buyer's already")
        moved = [serial for serial in (found.serial, message.serial) if serial]
        serials.hold(session, case, sold, moved, now)
    session.add(
        Repair(
            case_id=case_id,
            storefront=case.storefront,
            order_line_id=sold.id,
            serial_in=found.serial,
            serial_out=message.serial,
            swapped=message.swapped,
            note=message.note,
            actor=actor.name,
            at=now,
        )
    )
    session.flush()
    for work in effects.of_case(session, case_id, EffectAction.ORDER_REPAIR):
        effects.withdraw(work, "repaired")  # here, before the shop was asked
    events.record(session, case, "repaired", actor, now, detail=message.note)
    quote, bill = repair_quotes.standing(session, case), bills.latest(session, case_id)
    if quote and (bill is None or bill.state != DebtState.PAID):
        _charge(session, case, quote.amount, What.REPAIR, policy, now)
    else:
        _give_back(session, case, policy, now)
    events.tell(session, case, events.NEWS)
    return case


def _order_line(session: Session, case: Case, found: Diagnosis) -> OrderLine:
    of_case = select(OrderLine).join(CaseLine, CaseLine.order_line_id == OrderLine.id)
    named = of_case.where(CaseLine.case_id == case.case_id, CaseLine.line == found.line)
    return session.scalars(named).one()
