"""What carriers report: each word once, in whatever order, and what it means for the case."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.cases import Attention, Kind, Stage, WaitingFor
from domain.effects import EffectAction
from domain.parcels import (
    CLOCK_TOLERANCE,
    Direction,
    ParcelStatus,
    Sighting,
    may_be_of,
    status_of,
)
from domain.people import CARRIER
from domain.policy import Policy
from store import events
from store.goods import arrivals, dispositions, effects
from store.goods.parcels import (
    alone_with,
    named,
    of_case,
    others_to_come,
    reported_of,
    to_come_in,
)
from store.tables import Case, Parcel, ParcelReport


@dataclass(frozen=True)
class Report:
    """A carrier's webhook: where a parcel was at `at` (UTC)."""

    carrier: str
    event_id: str
    tracking_number: str
    status: ParcelStatus
    at: datetime


def receive(session: Session, report: Report, policy: Policy, now: datetime) -> None:
    """Take a report in, once. One of a parcel that we do not know of yet is kept for it."""
    carrier, number = report.carrier, report.tracking_number
    parcel = reported_of(session, carrier, number, report.at)
    if parcel is None or parcel.released_at:  # somebody may be naming a parcel with this number
        alone_with(session, carrier, number)
        parcel = reported_of(session, carrier, number, report.at)
    case = events.lock(session, parcel.case_id) if parcel else None
    stored = session.execute(
        insert(ParcelReport)
        .values(
            carrier=carrier,
            event_id=report.event_id,
            tracking_number=number,
            status=report.status,
            at=report.at,
            received_at=now,
            parcel_id=parcel.parcel_id if parcel else None,
        )
        .on_conflict_do_nothing()
        .returning(ParcelReport.event_id)
    ).one_or_none()
    if stored and parcel and case:
        session.refresh(parcel)
        catch_up(session, case, parcel, policy, now)


def catch_up(session: Session, case: Case, parcel: Parcel, policy: Policy, now: datetime) -> None:
    """Make of the parcel what all its reports say together, and of its case what follows."""
    session.flush()
    reports = [
        Sighting(ParcelStatus(status), min(at, received_at + CLOCK_TOLERANCE))
        for status, at, received_at in session.execute(
            select(ParcelReport.status, ParcelReport.at, ParcelReport.received_at).where(
                ParcelReport.parcel_id == parcel.parcel_id
            )
        )
        if may_be_of(at, parcel.since)
    ]
    if not reports:
        return
    parcel.seen_at = max(seen.at for seen in reports)
    parcel.posted = any(seen.status.posted for seen in reports)
    status = status_of(reports, Direction(parcel.direction))
    # What turned back while its case was open may come in when that was given up meanwhile.
    turned = status is ParcelStatus.RETURN_TO_SENDER and case.closed_at is not None
    if status == parcel.status and not turned:
        return
    parcel.status = status
    if status is ParcelStatus.DELIVERED:
        parcel.released_at = parcel.released_at or now
    _follow(session, case, parcel, policy, now)


def adopt(session: Session, parcel: Parcel) -> None:
    """What was reported of the parcel before we knew of it is its own from here on."""
    session.flush()
    session.execute(
        update(ParcelReport)
        .where(
            ParcelReport.carrier == parcel.carrier,
            ParcelReport.tracking_number == parcel.tracking_number,
            ParcelReport.parcel_id.is_(None),
            ParcelReport.at >= parcel.since - CLOCK_TOLERANCE,
        )
        .values(parcel_id=parcel.parcel_id)
    )


def disown(session: Session, parcel: Parcel) -> None:
    """The parcel never bore its number: nothing that was reported of it is its own."""
    session.execute(
        update(ParcelReport)
        .where(ParcelReport.parcel_id == parcel.parcel_id)
        .values(parcel_id=None)
    )
    parcel.status, parcel.posted, parcel.seen_at = ParcelStatus.PENDING, False, None


def look(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """The case waits for its parcels only now: what carriers have said of them before counts."""
    for parcel in of_case(session, case.case_id):
        if parcel.seen_at:
            _follow(session, case, parcel, policy, now)


def _follow(session: Session, case: Case, parcel: Parcel, policy: Policy, now: datetime) -> None:
    follows = _inbound if parcel.direction == Direction.INBOUND else _outbound
    follows(session, case, parcel, policy, now)


def _inbound(session: Session, case: Case, parcel: Parcel, policy: Policy, now: datetime) -> None:
    status = ParcelStatus(parcel.status)
    if not to_come_in(case):
        if status is ParcelStatus.DELIVERED:
            arrivals.came_in(session, case, parcel, now)
        elif status is ParcelStatus.RETURN_TO_SENDER:
            arrivals.turned_back(session, case, parcel, now)
            if _waits_for_nothing(session, case):
                _astray(session, case, parcel, policy, now)
        return
    match status:
        case ParcelStatus.DELIVERED:
            to = Stage.IN_REPAIR if case.kind == Kind.REPAIR else Stage.AWAITING_INSPECTION
            _moves_on(session, case, parcel, to, None, policy, now)
        case _ if case.attention == Attention.PARCEL_ASTRAY:
            pass  # it still does not come here by itself, wherever it is seen
        case ParcelStatus.CANCELLED if others_to_come(session, parcel):
            pass  # a pickup that was called off, for the buyer has sent the goods by another way
        case ParcelStatus.RETURN_TO_SENDER:
            _astray(session, case, parcel, policy, now)
        case ParcelStatus.CANCELLED if parcel.posted:
            _astray(session, case, parcel, policy, now)  # its carrier has it, and does not say why
        case ParcelStatus.PENDING | ParcelStatus.CANCELLED:
            _moves_on(session, case, parcel, Stage.AWAITING_PARCEL, None, policy, now)
        case _:
            waits_for = WaitingFor.CARRIER
            _moves_on(session, case, parcel, Stage.AWAITING_PARCEL, waits_for, policy, now)


def _waits_for_nothing(session: Session, case: Case) -> bool:
    """True if the warehouse or the technician is to look at goods that are not here after all."""
    to_look_at = case.stage in (Stage.AWAITING_INSPECTION, Stage.IN_REPAIR)
    return (
        to_look_at
        and case.received_at is None
        and not any(
            other.direction == Direction.INBOUND and other.status == ParcelStatus.DELIVERED
            for other in of_case(session, case.case_id)
        )
    )


def _outbound(session: Session, case: Case, parcel: Parcel, policy: Policy, now: datetime) -> None:
    if case.closed_at:
        if parcel.status == ParcelStatus.RETURN_TO_SENDER:
            arrivals.comes_back(session, case, parcel, now)
        elif parcel.status == ParcelStatus.DELIVERED:
            events.record(session, case, "parcel_delivered", CARRIER, now, detail=named(parcel))
        return
    if case.stage != Stage.SHIPPING and case.attention != Attention.PARCEL_SILENT:
        return
    if (
        parcel.effect_id
        != effects.of_case(session, case.case_id, EffectAction.SEND_PARCEL)[-1].effect_id
    ):
        return  # it was sent once more since: this one arrives at the shop, if anywhere
    match ParcelStatus(parcel.status):
        case ParcelStatus.DELIVERED:
            if case.stage != Stage.SHIPPING:  # nobody has to look for it any more
                _moves_on(session, case, parcel, Stage.SHIPPING, None, policy, now)
            dispositions.delivered(session, case, named(parcel), now)
            events.tell(session, case, events.NEWS)
        case ParcelStatus.RETURN_TO_SENDER | ParcelStatus.CANCELLED:
            _astray(session, case, parcel, policy, now)
        case _:
            _moves_on(session, case, parcel, Stage.SHIPPING, None, policy, now)


def _moves_on(
    session: Session,
    case: Case,
    parcel: Parcel,
    to: Stage,
    waiting_for: WaitingFor | None,
    policy: Policy,
    now: datetime,
) -> None:
    """The parcel has moved: the case waits on from now."""
    events.record(
        session,
        case,
        f"parcel_{parcel.status}",
        CARRIER,
        now,
        to=to,
        waiting_for=waiting_for,
        deadlines=policy.deadlines,
        detail=named(parcel),
    )
    events.tell(session, case, events.NEWS)


def _astray(session: Session, case: Case, parcel: Parcel, policy: Policy, now: datetime) -> None:
    """The parcel will not arrive by itself: a person has to look."""
    events.record(
        session,
        case,
        f"parcel_{parcel.status}",
        CARRIER,
        now,
        to=Stage.NEEDS_ATTENTION,
        attention=Attention.PARCEL_ASTRAY,
        deadlines=policy.deadlines,
        detail=named(parcel),
    )
    events.tell(session, case, events.NEWS)
