"""What is wrong with a unit: said by a technician, and who pays for its repair decided by it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from domain import goods_messages
from domain.cases import Kind, Stage
from domain.effects import EffectAction
from domain.people import MAY_DIAGNOSE, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from domain.repairs import is_known, keeps_failing, may_be_covered
from domain.stripe_amounts import expressible, not_expressible
from store import events
from store.goods import bills, effects, parcels, remedies, repair_quotes, repairs, serials
from store.repeats import repeats
from store.session import new_id
from store.tables import Case, CaseLine, Diagnosis, OrderLine

SAID = ("line", "serial", "fault", "covered", "repairable", "parts", "labour", "tax")


def diagnose(
    session: Session,
    case_id: UUID,
    message: goods_messages.Diagnosis,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> Case:
    """Write down what is wrong; the same diagnosis again changes nothing. A later one takes the
    place of what was asked of the buyer and not answered.

    The unit may be here before its carrier says so. Raises Refusal: not-awaited, unknown-line,
    unknown-serial, serial-in-use, not-covered (its warranty is over), amount-not-expressible (its
    price cannot be billed), diagnosis-id-reused.
    """
    if actor.role not in MAY_DIAGNOSE:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    if case.kind != Kind.REPAIR:
        raise Refusal(Why.NOT_AWAITED, f"the case is a {case.kind}")
    sold = _line(session, case, message)
    found = _found(session, case, sold, message, actor, now)
    if repeats(session, found, Diagnosis.diagnosis_id, SAID, Why.DIAGNOSIS_ID_REUSED):
        return case
    _awaited(session, case, message)
    if not is_known(message.serial, serials.of_line(session, sold)):
        raise Refusal(Why.UNKNOWN_SERIAL)
    if not message.covered and not expressible(found.parts + found.labour, case.currency):
        raise not_expressible(found.parts + found.labour, case.currency)
    if message.covered and not may_be_covered(sold.warranty_until, case.opened_at, policy.timezone):
        raise Refusal(Why.NOT_COVERED, f"it ended on {sold.warranty_until}")
    serials.hold(session, case, sold, [message.serial] if message.serial else [], now)
    session.add(found)
    session.flush()
    for pickup in effects.of_case(session, case_id, EffectAction.BOOK_PICKUP):
        effects.withdraw(pickup, "received")
    case.received_at = case.received_at or now
    events.record(
        session,
        case,
        "diagnosed",
        actor,
        now,
        detail=_verdict(found),
        message_id=found.diagnosis_id,
    )
    _go_on(session, case, found, policy, now)
    events.tell(session, case, events.NEWS)
    return case


def _go_on(session: Session, case: Case, found: Diagnosis, policy: Policy, now: datetime) -> None:
    """Repair it for nothing, or at the price that the buyer agrees to; else something instead."""
    repair_quotes.replace(session, case, now)
    bills.give_back(session, case, now)
    if not found.repairable:
        remedies.instead(session, case, found, policy, now)
    elif found.covered and _once_too_often(session, case, found, policy, now):
        remedies.ask(session, case, policy, now)
    elif found.covered:
        repairs.order(session, case, policy, now)
    else:
        repair_quotes.make(session, case, found, policy, now)


def _once_too_often(
    session: Session, case: Case, found: Diagnosis, policy: Policy, now: datetime
) -> bool:
    """True if this very unit has failed before, so often that its buyer may have another."""
    if found.serial is None:
        return False
    later = aliased(Diagnosis)
    superseded = exists().where(later.case_id == Diagnosis.case_id, later.n > Diagnosis.n)
    earlier = (
        select(Diagnosis.at)
        .join(Case, Case.case_id == Diagnosis.case_id)
        .where(
            Diagnosis.storefront == case.storefront,
            Diagnosis.serial == found.serial,
            Diagnosis.line == found.line,
            Diagnosis.covered,
            Case.order_id == case.order_id,
            Case.case_id != case.case_id,
            ~superseded,
        )
    )
    found_at = session.scalars(earlier).all()
    return keeps_failing(found_at, now, policy.repairs.third_failure_days, policy.timezone)


def _awaited(session: Session, case: Case, message: goods_messages.Diagnosis) -> None:
    match case.stage:
        case Stage.AWAITING_PARCEL | Stage.NEEDS_ATTENTION:
            awaited = parcels.to_come_in(case)
        case Stage.IN_REPAIR:  # work that was ordered can still turn out to be in vain
            awaited = not (message.repairable and repairs.ordered(session, case))
        case Stage.AWAITING_BUYER:
            quote = repair_quotes.standing(session, case)
            awaited = quote.answer is None if quote else remedies.asked(session, case)
        case _:
            awaited = False
    if not awaited:
        raise Refusal(Why.NOT_AWAITED, f"the repair is {case.stage}")


def _line(session: Session, case: Case, message: goods_messages.Diagnosis) -> OrderLine:
    """The order line that the diagnosis is about: the one it names, or the only one."""
    asked = select(OrderLine).join(CaseLine, CaseLine.order_line_id == OrderLine.id)
    lines = list(session.scalars(asked.where(CaseLine.case_id == case.case_id)))
    named = [line for line in lines if message.line in (None, line.line)]
    if len(named) != 1:
        wanted = message.line
        detail = "name the line" if named else f"the case has no line {wanted}"
        raise Refusal(Why.UNKNOWN_LINE, detail, lines=[wanted] if wanted else [])
    return named[0]


def _found(
    session: Session,
    case: Case,
    sold: OrderLine,
    message: goods_messages.Diagnosis,
    actor: Actor,
    now: datetime,
) -> Diagnosis:
    before = select(func.count()).where(Diagnosis.case_id == case.case_id)
    return Diagnosis(
        diagnosis_id=message.diagnosis_id or str(new_id()),
        storefront=case.storefront,
        case_id=case.case_id,
        n=session.scalars(before).one() + 1,
        line=sold.line,
        serial=message.serial,
        fault=message.fault,
        covered=message.covered,
        repairable=message.repairable,
        parts=message.parts,
        labour=message.labour,
        tax=message.tax,
        note=message.note,
        actor=actor.name,
        at=now,
    )


def _verdict(found: Diagnosis) -> str:
    covered = "covered" if found.covered else "not covered"
    return f"{covered}, {'repairable' if found.repairable else 'not repairable'}"
