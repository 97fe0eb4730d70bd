"""Parcels that arrive although no case waits for them: counted, then sent back or kept.

The case stays as it is: what becomes of these goods changes neither its stage nor what it pays.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain import goods_messages
from domain.cases import Stage
from domain.effects import EffectAction
from domain.goods_messages import ArrivalAction, Disposition
from domain.parcels import CLOCK_TOLERANCE, Direction, ParcelStatus
from domain.people import CARRIER, MAY_HANDLE, MAY_KEEP, Actor, Automatic
from domain.refusals import Refusal, Why
from store import events, uploads
from store.goods import effects, parcels
from store.goods.dispositions import Pieces
from store.repeats import repeats
from store.session import new_id
from store.tables import Arrival, Case, CaseLine, Effect, OrderLine, Parcel, Subject

SAID = ("lines", "unlisted")


def came_in(session: Session, case: Case, parcel: Parcel, now: datetime) -> None:
    """A parcel to the shop was delivered and its case does not wait for it: somebody has to look,
    unless it is the one that was counted before its carrier spoke of it.
    """
    if _is_known(session, parcel) or _is_expected(session, case, parcel):
        return
    _open(session, case, parcel, "arrived_unexpected", CARRIER, now)


def comes_back(session: Session, case: Case, parcel: Parcel, now: datetime) -> None:
    """A parcel to the buyer of a closed case turns back: the shop will have it, once."""
    known = select(Arrival.arrival_id).where(Arrival.parcel_id == parcel.parcel_id)
    if session.scalars(known.limit(1)).first() is None:
        _open(session, case, parcel, "parcel_return_to_sender", CARRIER, now)


def turned_back(session: Session, case: Case, parcel: Parcel, now: datetime) -> None:
    """What was said to be here is on its way back to its sender: there is nothing to count."""
    arrival = _waiting(session, parcel)
    if arrival and arrival.counted_at is None:
        _close(arrival, ArrivalAction.GONE_BACK, now)
        detail = parcels.named(parcel)
        events.record(session, case, "parcel_return_to_sender", CARRIER, now, detail=detail)


def to_count(session: Session, case: Case, actor: Actor, now: datetime) -> Arrival | None:
    """What is here and was not counted yet. A parcel of a closed case may be in the warehouse's
    hands before its carrier says so.
    """
    arrival = _undecided(session, case, counted=False)
    if arrival or case.closed_at is None or case.received_at:
        return arrival
    known = select(Arrival.parcel_id).where(Arrival.case_id == case.case_id)
    to_come = select(Parcel).where(
        Parcel.case_id == case.case_id,
        Parcel.direction == Direction.INBOUND,
        Parcel.parcel_id.not_in(known),
    )
    parcel = session.scalars(to_come.order_by(Parcel.created_at.desc()).limit(1)).one_or_none()
    return _open(session, case, parcel, "arrived_unexpected", actor, now) if parcel else None


def is_repeated(
    session: Session, case: Case, message: goods_messages.Inspection, actor: Actor
) -> bool:
    """True if this very count stands already. Raises Refusal(inspection-id-reused)."""
    counted = select(Arrival.arrival_id).where(Arrival.inspection_id == message.inspection_id)
    if message.inspection_id is None or session.scalars(counted).one_or_none() is None:
        return False
    said = Arrival(
        case_id=case.case_id,
        inspection_id=message.inspection_id,
        actor=actor.name,
        lines=[line.model_dump(mode="json") for line in message.lines],
        unlisted=[item.model_dump() for item in message.unlisted],
    )
    return repeats(session, said, Arrival.inspection_id, SAID, Why.INSPECTION_ID_REUSED)


def count(
    session: Session,
    case: Case,
    arrival: Arrival,
    message: goods_messages.Inspection,
    actor: Actor,
    now: datetime,
) -> None:
    """Write down what was in a parcel that no case waits for. Nothing is accepted; where every line
    is to be sent back, that is done at once, all else waits for `decide`.

    Raises Refusal: units-not-available (something was accepted), unknown-upload.
    """
    if any(line.accepted for line in message.lines):
        detail = "no case waits for these goods: accept none"
        raise Refusal(Why.UNITS_NOT_AVAILABLE, detail, lines=[])
    for at, line in enumerate(message.lines):
        field = f"lines.{at}.photos"
        uploads.use(session, case.storefront, line.photos, Subject.INSPECTION, case.case_id, field)
    arrival.inspection_id = message.inspection_id or str(new_id())
    arrival.actor, arrival.counted_at, arrival.note = actor.name, now, message.note
    arrival.lines = [line.model_dump(mode="json") for line in message.lines]
    arrival.unlisted = [item.model_dump() for item in message.unlisted]
    events.record(
        session,
        case,
        "arrival_counted",
        actor,
        now,
        detail=f"received {sum(line.received for line in message.lines)}",
        message_id=arrival.inspection_id,
    )
    back = [line.disposition == Disposition.SEND_BACK for line in message.lines]
    if case.closed_at and back and all(back):
        _send_back(session, case, arrival, actor, "", now)


def decide(
    session: Session,
    case_id: UUID,
    message: goods_messages.ArrivalDecision,
    actor: Actor,
    now: datetime,
) -> Case:
    """Send what was counted back to the buyer, or keep it (a lead). The same again changes nothing.

    Raises Refusal: forbidden, case-not-found, not-awaited (nothing was counted, there is nothing to
    send, or the case is still open).
    """
    keeps = message.action is ArrivalAction.KEEP
    if actor.role not in (MAY_KEEP if keeps else MAY_HANDLE):
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    arrival = _undecided(session, case, counted=True)
    if arrival is None and _last_action(session, case) == message.action:
        return case
    if arrival is None:
        raise Refusal(Why.NOT_AWAITED, "no parcel that nobody waited for was counted")
    if case.closed_at is None:
        raise Refusal(Why.NOT_AWAITED, f"the case is {case.stage}: what it comes to is open")
    if keeps:
        _close(arrival, ArrivalAction.KEEP, now)
        events.record(session, case, "arrival_kept", actor, now, detail=message.note)
    else:
        _send_back(session, case, arrival, actor, message.note, now)
    return case


def counted_with_the_case(session: Session, case: Case, now: datetime) -> None:
    """The case's own inspection is about what arrived, after all."""
    arrival = _undecided(session, case, counted=False)
    if arrival:
        _close(arrival, ArrivalAction.INSPECTED, now)


def not_sent(session: Session, case: Case, effect: Effect, code: str, now: datetime) -> None:
    """The carrier does not take back what arrived for a closed case: it is to be decided again."""
    sent = select(Arrival).where(Arrival.effect_id == effect.effect_id)
    for arrival in session.scalars(sent):
        arrival.action = arrival.decided_at = arrival.effect_id = None
    events.record(session, case, "dispatch_refused", CARRIER, now, detail=code)


def pieces_of(session: Session, effect: Effect) -> tuple[Pieces, ...]:
    """What is in a parcel that takes back what arrived; nothing if it is none of these."""
    sent = select(Arrival).where(Arrival.effect_id == effect.effect_id)
    arrival = session.scalars(sent).one_or_none()
    if arrival is None:
        return ()
    of_case = select(CaseLine.line, OrderLine.sku).join(
        OrderLine, OrderLine.id == CaseLine.order_line_id
    )
    rows = session.execute(of_case.where(CaseLine.case_id == arrival.case_id))
    skus = {row.line: row.sku for row in rows}
    return tuple(Pieces(n, skus[n], pieces) for n, pieces in _received(arrival).items() if pieces)


def _is_known(session: Session, parcel: Parcel) -> bool:
    """True if somebody has this very parcel in hand already: it did not arrive once more."""
    session.flush()
    last = select(func.max(Arrival.arrived_at)).where(Arrival.parcel_id == parcel.parcel_id)
    at = session.scalars(last).one()
    if at and parcel.seen_at and parcel.seen_at <= at + CLOCK_TOLERANCE:
        return True
    return _waiting(session, parcel) is not None


def _is_expected(session: Session, case: Case, parcel: Parcel) -> bool:
    if case.received_at is None:
        # Where money goes first, goods that are early are looked for once it is out.
        early = case.closed_at is None and parcel.lost_at is None
        charged = case.refund_first and case.stage in (Stage.AWAITING_BUYER, Stage.NEEDS_ATTENTION)
        return early and not charged
    others = any(
        other.direction == Direction.INBOUND
        and other.parcel_id != parcel.parcel_id
        and other.status == ParcelStatus.DELIVERED
        for other in parcels.of_case(session, case.case_id)
    )
    late = case.received_at if others else case.received_at + CLOCK_TOLERANCE
    return parcel.seen_at is not None and parcel.seen_at <= late


def _open(
    session: Session,
    case: Case,
    parcel: Parcel,
    what: str,
    by: Actor | Automatic,
    now: datetime,
) -> Arrival:
    arrival = Arrival(
        arrival_id=new_id(),
        storefront=case.storefront,
        case_id=case.case_id,
        parcel_id=parcel.parcel_id,
        arrived_at=now,
        lines=[],
        unlisted=[],
        note="",
    )
    session.add(arrival)
    events.record(session, case, what, by, now, detail=parcels.named(parcel))
    return arrival


def _undecided(session: Session, case: Case, *, counted: bool) -> Arrival | None:
    """The oldest arrival of the case that was not decided on."""
    session.flush()
    waiting = select(Arrival).where(
        Arrival.case_id == case.case_id,
        Arrival.decided_at.is_(None),
        Arrival.counted_at.is_not(None) if counted else Arrival.counted_at.is_(None),
    )
    return session.scalars(waiting.order_by(Arrival.arrived_at).limit(1)).one_or_none()


def _waiting(session: Session, parcel: Parcel) -> Arrival | None:
    """The parcel's own arrival that was not decided on."""
    session.flush()
    waiting = select(Arrival).where(
        Arrival.parcel_id == parcel.parcel_id, Arrival.decided_at.is_(None)
    )
    return session.scalars(waiting).one_or_none()


def _last_action(session: Session, case: Case) -> str | None:
    decided = select(Arrival.action).where(Arrival.case_id == case.case_id)
    return session.scalars(decided.order_by(Arrival.decided_at.desc()).limit(1)).one_or_none()


def _send_back(
    session: Session, case: Case, arrival: Arrival, actor: Actor, note: str, now: datetime
) -> None:
    if not any(_received(arrival).values()):
        raise Refusal(Why.NOT_AWAITED, "none of the case's goods came in: there is nothing to send")
    effect = effects.plan(session, case, EffectAction.SEND_PARCEL, now)
    arrival.effect_id = effect.effect_id
    _close(arrival, ArrivalAction.SEND_BACK, now)
    events.record(session, case, "arrival_sent_back", actor, now, detail=note)
    events.tell(session, case, events.NEWS)


def _received(arrival: Arrival) -> dict[int, int]:
    lines: list[dict[str, Any]] = arrival.lines
    return {line["line"]: line["received"] for line in lines}


def _close(arrival: Arrival, action: ArrivalAction, now: datetime) -> None:
    arrival.action, arrival.decided_at = action, now
