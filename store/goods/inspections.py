"""What the warehouse found: counted once, and what stays with the shop decided by it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import goods_messages
from domain.cases import GOODS, Kind, Stage, WaitingFor
from domain.effects import EffectAction
from domain.people import MAY_INSPECT, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from domain.repairs import is_known
from store import events, units, uploads
from store.goods import arrivals, charges, dispositions, effects, parcels, serials, settling
from store.repeats import repeats
from store.session import new_id
from store.tables import Case, CaseLine, Inspection, InspectionLine, OrderLine, Subject


def inspect(
    session: Session,
    case_id: UUID,
    message: goods_messages.Inspection,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> Case:
    """Write down what came in. The first inspection stands; the same again changes nothing.

    The parcel may be here before its carrier says so. What came in a parcel that no case waits for
    is only counted (see `arrivals`). Raises Refusal: already-inspected,
    not-awaited, unknown-line, line-repeated, units-not-available (more accepted than asked for),
    unknown-upload, unknown-serial, serial-in-use, inspection-id-reused.
    """
    if actor.role not in MAY_INSPECT:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    found = _found(case, message, actor, now)
    if arrivals.is_repeated(session, case, message, actor) or _repeats(session, found, message):
        return case
    awaited = _is_awaited(session, case)
    if not awaited and (arrival := arrivals.to_count(session, case, actor, now)):
        _lines(session, case, message)
        arrivals.count(session, case, arrival, message, actor, now)
        return case
    if before := session.get(Inspection, case_id):
        raise Refusal(Why.ALREADY_INSPECTED, f"by {before.actor}", actor=before.actor)
    if not awaited:
        raise Refusal(Why.NOT_AWAITED, f"the {case.kind} is {case.stage}")
    lines = _lines(session, case, message)
    _hold_units(session, case, message, lines, now)
    _store(session, case, found, message.lines)
    arrivals.counted_with_the_case(session, case, now)
    for pickup in effects.of_case(session, case_id, EffectAction.BOOK_PICKUP):
        effects.withdraw(pickup, "received")
    case.received_at = now
    kept = {lines[found.line].order_line_id: found.accepted for found in message.lines}
    units.keep(session, case_id, kept)
    if not case.refund_first:
        dispositions.appraise(session, case, "accepted")
    if dispositions.pieces_for(session, case, EffectAction.RESTOCK):
        effects.plan(session, case, EffectAction.RESTOCK, now)
    _decide(session, case, message, found.inspection_id, actor, policy, now)
    events.tell(session, case, events.NEWS)
    return case


def _hold_units(
    session: Session,
    case: Case,
    message: goods_messages.Inspection,
    lines: dict[int, CaseLine],
    now: datetime,
) -> None:
    """The units that came are those of the order, and in no other case's hands."""
    named = {lines[found.line].order_line_id: found.serials for found in message.lines}
    named = {line: units_named for line, units_named in named.items() if units_named}
    sold = select(OrderLine).where(OrderLine.id.in_(named)).order_by(OrderLine.id)
    for line in session.scalars(sold).all() if named else ():
        known = serials.of_line(session, line)
        if unknown := [serial for serial in named[line.id] if not is_known(serial, known)]:
            raise Refusal(Why.UNKNOWN_SERIAL, serials=unknown)
        serials.hold(session, case, line, named[line.id], now)


def _is_awaited(session: Session, case: Case) -> bool:
    """True if the case goes on with what the warehouse counts, once."""
    if case.kind not in GOODS - {Kind.REPAIR}:
        return False
    if session.get(Inspection, case.case_id):
        return False
    here = case.stage == Stage.AWAITING_INSPECTION or parcels.to_come_in(case)
    return here or charges.may_come(session, case)


def _decide(
    session: Session,
    case: Case,
    message: goods_messages.Inspection,
    inspection_id: str,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> None:
    """Go on with what was accepted; where something was not, an auditor first says what it gets."""
    counted = f"received {sum(line.received for line in message.lines)}, accepted "
    counted += str(sum(line.accepted for line in message.lines))
    if case.refund_first:
        charges.counted(session, case, actor, policy, now, detail=counted, message_id=inspection_id)
        return
    refused = any(line.received > line.accepted for line in message.lines)
    nothing = not any(line.accepted for line in message.lines)
    if not refused and not nothing:
        settling.go_on(
            session,
            case,
            "inspected",
            actor,
            policy,
            now,
            detail=counted,
            message_id=inspection_id,
        )
        return
    events.record(
        session,
        case,
        "inspected",
        actor,
        now,
        to=Stage.AWAITING_INSPECTION,
        waiting_for=WaitingFor.AUDITOR,
        deadlines=policy.deadlines,
        detail=counted,
        message_id=inspection_id,
    )


def _lines(session: Session, case: Case, message: goods_messages.Inspection) -> dict[int, CaseLine]:
    asked = select(CaseLine).where(CaseLine.case_id == case.case_id)
    lines = {line.line: line for line in session.scalars(asked)}
    numbers = [found.line for found in message.lines]
    if repeated := sorted({n for n in numbers if numbers.count(n) > 1}):
        raise Refusal(Why.LINE_REPEATED, f"line {repeated[0]} is named twice", lines=repeated)
    if unknown := sorted(set(numbers) - set(lines)):
        raise Refusal(Why.UNKNOWN_LINE, f"the case has no line {unknown[0]}", lines=unknown)
    over = [
        {"line": found.line, "requested": found.accepted, "free": lines[found.line].quantity}
        for found in message.lines
        if found.accepted > lines[found.line].quantity
    ]
    if over:
        raise Refusal(Why.UNITS_NOT_AVAILABLE, "more accepted than the case is about", lines=over)
    return lines


def _found(
    case: Case, message: goods_messages.Inspection, actor: Actor, now: datetime
) -> Inspection:
    return Inspection(
        case_id=case.case_id,
        inspection_id=message.inspection_id or str(new_id()),
        storefront=case.storefront,
        actor=actor.name,
        note=message.note,
        unlisted=[item.model_dump() for item in message.unlisted],
        at=now,
    )


def _repeats(session: Session, found: Inspection, message: goods_messages.Inspection) -> bool:
    """True if this very inspection stands already, line by line."""
    reused = Why.INSPECTION_ID_REUSED
    if not repeats(session, found, Inspection.inspection_id, ("unlisted",), reused):
        return False
    of_case = select(InspectionLine).where(InspectionLine.case_id == found.case_id)
    before = [
        goods_messages.InspectedLine.model_validate(row, from_attributes=True)
        for row in session.scalars(of_case.order_by(InspectionLine.line))
    ]
    if before != sorted(message.lines, key=lambda line: line.line):
        raise Refusal(reused)
    return True


def _store(
    session: Session, case: Case, found: Inspection, lines: Sequence[goods_messages.InspectedLine]
) -> None:
    session.add(found)
    session.flush()
    for at, line in enumerate(lines):
        field = f"lines.{at}.photos"
        uploads.use(session, case.storefront, line.photos, Subject.INSPECTION, case.case_id, field)
        session.add(
            InspectionLine(
                case_id=case.case_id, storefront=case.storefront, **line.model_dump(mode="json")
            )
        )
    session.flush()
