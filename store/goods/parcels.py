"""A case's parcels, the bookings they come from, and pickups that are called off again."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy import case as when
from sqlalchemy.orm import Session

from domain.cases import Attention, Stage
from domain.effects import EffectAction, EffectState
from domain.parcels import CLOCK_TOLERANCE, Direction, ParcelStatus
from domain.people import CARRIER
from domain.policy import Policy
from store import events
from store.goods import effects
from store.session import new_id
from store.tables import Case, Effect, Parcel

ASK_EVERY = timedelta(minutes=30)
"""How often a carrier is asked about a parcel. Deadlines are days, and carriers limit questions."""

ASK_UNEXPECTED_EVERY = timedelta(days=1)
ASK_WHEN_CLOSED_FOR = timedelta(days=30)
"""How long after its case has closed a parcel may still come in, and is asked about."""


def of_case(session: Session, case_id: UUID) -> list[Parcel]:
    """The parcels of a case, oldest first."""
    found = select(Parcel).where(Parcel.case_id == case_id)
    return list(session.scalars(found.order_by(Parcel.created_at)))


def add(
    session: Session,
    case: Case,
    direction: Direction,
    carrier: str,
    tracking_number: str,
    now: datetime,
    booking: Effect | None = None,
) -> Parcel:
    """One more parcel of the case: booked, or sent by its buyer once the case was there. It is
    later than every other of its case, by a moment if need be, so that they have an order.
    """
    last = session.scalar(select(func.max(Parcel.created_at)).where(Parcel.case_id == case.case_id))
    parcel = Parcel(
        parcel_id=booking.effect_id if booking else new_id(),
        storefront=case.storefront,
        case_id=case.case_id,
        direction=direction,
        carrier=carrier,
        tracking_number=tracking_number,
        status=ParcelStatus.PENDING,
        since=booking.planned_at if booking else case.opened_at,
        created_at=max(now, last + effects.MOMENT) if last else now,
    )
    session.add(parcel)
    return parcel


def release(session: Session, case: Case, now: datetime) -> None:
    """The case ends: its parcels' numbers may be others' from now on."""
    session.execute(
        update(Parcel)
        .where(Parcel.case_id == case.case_id, Parcel.released_at.is_(None))
        .values(released_at=now)
    )


def lost(session: Session, case: Case) -> bool:
    """True if a parcel of the case was declared lost."""
    return any(parcel.lost_at for parcel in of_case(session, case.case_id))


def missing(session: Session, case: Case) -> list[Parcel]:
    """Of the parcels that the case waits for, those that a carrier has had in its hands: all that
    bring its goods in, or the last one that was sent to its buyer.
    """
    sent = effects.of_case(session, case.case_id, EffectAction.SEND_PARCEL)
    return [
        parcel
        for parcel in of_case(session, case.case_id)
        if parcel.posted
        and parcel.status != ParcelStatus.DELIVERED
        and (
            parcel.effect_id == sent[-1].effect_id
            if sent
            else parcel.direction == Direction.INBOUND
        )
    ]


def send_for(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """The goods are wanted: by policy a carrier is to pick them up."""
    if policy.parcels.pickup:
        effects.plan(session, case, EffectAction.BOOK_PICKUP, now)


def to_come_in(case: Case) -> bool:
    """True while the goods are waited for, or a person is asked where they are."""
    asked = case.attention in (Attention.PARCEL_SILENT, Attention.PARCEL_ASTRAY)
    return case.received_at is None and (asked or case.stage == Stage.AWAITING_PARCEL)


def booked(
    session: Session,
    case: Case,
    effect: Effect,
    carrier: str,
    tracking_number: str | None,
    now: datetime,
) -> Parcel:
    """A carrier has taken the booking: the case has a parcel. If a buyer has named it before, it
    is this one all the same: what its carrier says of a parcel counts for more.
    """
    inbound = effect.action == EffectAction.BOOK_PICKUP
    direction = Direction.INBOUND if inbound else Direction.OUTBOUND
    number = tracking_number or str(effect.reference)
    alone_with(session, carrier, number)
    parcel = bearing(session, carrier, number)
    if parcel and parcel.effect_id:  # the carrier gives a number anew that we still took for live
        parcel.released_at, parcel = now, None
        session.flush()
    if parcel is None:
        parcel = add(session, case, direction, carrier, number, now, effect)
    parcel.storefront, parcel.case_id, parcel.since = (
        case.storefront,
        case.case_id,
        effect.planned_at,
    )
    parcel.direction, parcel.effect_id = direction, effect.effect_id
    if case.closed_at:  # while its carrier was asked: its number is no live one's either
        parcel.released_at = now
    what = "pickup_booked" if inbound else "dispatched"
    events.record(session, case, what, CARRIER, now, detail=named(parcel))
    if inbound and others_to_come(session, parcel):
        call_off(session, case, now)  # the buyer sent the goods while the carrier was asked
    return parcel


def call_off(session: Session, case: Case, now: datetime) -> None:
    """No carrier has to come any more: what was booked is cancelled, what was planned forgotten."""
    for effect in effects.of_case(session, case.case_id, EffectAction.BOOK_PICKUP):
        effects.withdraw(effect, "called_off")
        if effect.state == EffectState.DONE and _still_to_come(session, effect):
            effects.plan(session, case, EffectAction.CANCEL_PICKUP, now)


def booking_of(session: Session, case: Case) -> str | None:
    """The carrier's name for the pickup that is booked."""
    booked = effects.of_case(session, case.case_id, EffectAction.BOOK_PICKUP)
    return next((e.reference for e in reversed(booked) if e.state == EffectState.DONE), None)


def others_to_come(session: Session, parcel: Parcel) -> bool:
    """True if the goods come in by another parcel of the case, too."""
    return any(
        other.direction == Direction.INBOUND
        and other.parcel_id != parcel.parcel_id
        and other.status != ParcelStatus.CANCELLED
        for other in of_case(session, parcel.case_id)
    )


def bearing(session: Session, carrier: str, tracking_number: str) -> Parcel | None:
    """The live parcel that bears the number."""
    return session.scalars(
        select(Parcel).where(
            Parcel.carrier == carrier,
            Parcel.tracking_number == tracking_number,
            Parcel.released_at.is_(None),
        )
    ).one_or_none()


def of_case_named(
    session: Session, case_id: UUID, carrier: str, tracking_number: str
) -> Parcel | None:
    """The parcel of the case that its buyer, or its carrier, named so."""
    return session.scalars(
        select(Parcel)
        .where(
            Parcel.case_id == case_id,
            Parcel.carrier == carrier,
            Parcel.tracking_number == tracking_number,
        )
        .order_by(Parcel.created_at.desc())
        .limit(1)
    ).one_or_none()


def reported_of(
    session: Session, carrier: str, tracking_number: str, at: datetime
) -> Parcel | None:
    """Which parcel a carrier speaks of that says where this number was `at`: the live one, else the
    last one that bore it.
    """
    bore = select(Parcel).where(
        Parcel.carrier == carrier,
        Parcel.tracking_number == tracking_number,
        Parcel.since <= at + CLOCK_TOLERANCE,
    )
    last = bore.order_by(Parcel.released_at.is_not(None), Parcel.since.desc()).limit(1)
    return session.scalars(last).one_or_none()


def to_ask_about(session: Session, carrier: str, now: datetime, limit: int) -> list[str]:
    """The tracking numbers of parcels still on their way that nobody has asked this carrier about
    for ASK_EVERY, each given to one worker at a time. Goods may come in when their case is closed
    or they were taken for lost, and are asked about less often then.
    """
    expected = and_(Case.closed_at.is_(None), Parcel.lost_at.is_(None))
    every = when((expected, ASK_EVERY), else_=ASK_UNEXPECTED_EVERY)
    awaited = or_(
        Case.closed_at.is_(None),
        and_(Parcel.direction == Direction.INBOUND, Case.closed_at > now - ASK_WHEN_CLOSED_FOR),
    )
    waiting = (
        select(Parcel)
        .join(Case, Case.case_id == Parcel.case_id)
        .where(
            Parcel.carrier == carrier,
            Parcel.status != ParcelStatus.DELIVERED,
            awaited,
            func.coalesce(Parcel.asked_at, Parcel.created_at) <= now - every,
        )
        .order_by(Parcel.created_at)
        .limit(limit)
        .with_for_update(of=Parcel, skip_locked=True)
    )
    numbers = []
    for parcel in session.scalars(waiting):
        parcel.asked_at = now
        numbers.append(parcel.tracking_number)
    return numbers


def alone_with(session: Session, carrier: str, tracking_number: str) -> None:
    """Let no one else begin with this tracking number before the transaction ends: whoever names
    the parcel then sees every report of it, and whoever reports of it sees the parcel.
    """
    number = func.hashtextextended(f"{carrier} {tracking_number}", 0)
    session.execute(select(func.pg_advisory_xact_lock(number)))


def named(parcel: Parcel) -> str:
    return f"{parcel.carrier} {parcel.tracking_number}"


def _still_to_come(session: Session, effect: Effect) -> bool:
    booked = select(Parcel).where(Parcel.effect_id == effect.effect_id)
    parcel = session.scalars(booked).one_or_none()
    cancelling = effects.of_case(session, effect.case_id, EffectAction.CANCEL_PICKUP)
    return parcel is not None and not parcel.posted and not cancelling
