"""What carriers report: each word once, in whatever order, and what it means for the case."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.cases import Attention, Kind, Stage, WaitingFor
from domain.effects import Action
from domain.parcels import Direction, ParcelStatus, Sighting, status_of
from domain.people import CARRIER
from domain.policy import Policy
from store import events
from store.goods import dispositions, effects
from store.goods.parcels import alone_with, find, named, of_case, others_to_come, to_come_in
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
    parcel = find(session, report.carrier, report.tracking_number)
    if parcel is None:
        alone_with(session, report.carrier, report.tracking_number)
        parcel = find(session, report.carrier, report.tracking_number)
    case = events.lock(session, parcel.case_id) if parcel else None
    stored = session.execute(
        insert(ParcelReport)
        .values(
            carrier=report.carrier,
            event_id=report.event_id,
            tracking_number=report.tracking_number,
            status=report.status,
            at=report.at,
            received_at=now,
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
    reports = session.execute(
        select(ParcelReport.status, ParcelReport.at).where(
            ParcelReport.carrier == parcel.carrier,
            ParcelReport.tracking_number == parcel.tracking_number,
        )
    ).all()
    if not reports:
        return
    parcel.seen_at = max(report.at for report in reports)
    status = status_of(Sighting(ParcelStatus(report.status), report.at) for report in reports)
    parcel.posted = any(ParcelStatus(report.status).posted for report in reports)
    if status == parcel.status:
        return
    parcel.status = status
    _follow(session, case, parcel, policy, now)


def look(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """The case waits for its parcels only now: what carriers have said of them before counts."""
    for parcel in of_case(session, case.case_id):
        if parcel.seen_at:
            _follow(session, case, parcel, policy, now)


def _follow(session: Session, case: Case, parcel: Parcel, policy: Policy, now: datetime) -> None:
    follows = _inbound if parcel.direction == Direction.INBOUND else _outbound
    follows(session, case, parcel, policy, now)


def _inbound(session: Session, case: Case, parcel: Parcel, policy: Policy, now: datetime) -> None:
    if not to_come_in(case):
        return  # it is here already, or nobody waits for it any more
    match ParcelStatus(parcel.status):
        case ParcelStatus.DELIVERED:
            to = Stage.IN_REPAIR if case.kind == Kind.REPAIR else Stage.AWAITING_INSPECTION
            _moves_on(session, case, parcel, to, None, policy, now)
        case _ if case.attention == Attention.PARCEL_ASTRAY:
            pass  # it still does not come here by itself, wherever it is seen
        case ParcelStatus.RETURN_TO_SENDER:
            _astray(session, case, parcel, policy, now)
        case ParcelStatus.CANCELLED if others_to_come(session, parcel):
            pass  # a pickup that was called off, for the buyer has sent the goods by another way
        case ParcelStatus.PENDING | ParcelStatus.CANCELLED:
            _moves_on(session, case, parcel, Stage.AWAITING_PARCEL, None, policy, now)
        case _:
            waits_for = WaitingFor.CARRIER
            _moves_on(session, case, parcel, Stage.AWAITING_PARCEL, waits_for, policy, now)


def _outbound(session: Session, case: Case, parcel: Parcel, policy: Policy, now: datetime) -> None:
    if case.stage != Stage.SHIPPING and case.attention != Attention.PARCEL_SILENT:
        return
    if parcel.effect_id != effects.of_case(session, case.case_id, Action.SEND)[-1].effect_id:
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
