"""The buyer has sent the goods by a carrier of their own choice, and names the parcel."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from domain.cases import Stage, WaitingFor
from domain.goods_messages import Shipment
from domain.parcels import Direction
from domain.people import MAY_ANSWER, MAY_NAME_PARCEL, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from store import events
from store.goods import parcels, tracking
from store.tables import Case


def ship(
    session: Session,
    case_id: UUID,
    message: Shipment,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> Case:
    """The buyer has sent the goods and names the parcel; a pickup is called off, and it is for the
    carrier to bring them from here on. A parcel that was named wrongly is named anew, until its
    carrier has had it; a lead may do that, too. The same again changes nothing.

    Raises Refusal: not-awaited, parcel-known, parcel-underway, unknown-parcel, case-not-found.
    """
    if actor.role not in (MAY_NAME_PARCEL if message.corrects else MAY_ANSWER):
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    if actor.role in MAY_ANSWER and case.storefront != actor.storefront:
        raise Refusal(Why.CASE_NOT_FOUND)
    carrier, number = message.carrier, message.tracking_number
    known = parcels.bearing(session, carrier, number) or parcels.of_case_named(
        session, case_id, carrier, number
    )
    if known and known.case_id == case_id:
        return case
    if known:
        raise Refusal(Why.PARCEL_KNOWN)
    if message.corrects:
        _correct(session, case, message, actor, policy, now)
        return case
    if case.stage != Stage.AWAITING_PARCEL:
        raise Refusal(Why.NOT_AWAITED, f"the case is {case.stage}")
    parcels.call_off(session, case, now)
    parcels.alone_with(session, carrier, number)
    parcel = parcels.add(session, case, Direction.INBOUND, carrier, number, now)
    session.flush()
    events.record(
        session,
        case,
        "parcel_named",
        actor,
        now,
        to=Stage.AWAITING_PARCEL,
        waiting_for=WaitingFor.CARRIER,
        deadlines=policy.deadlines,
        detail=parcels.named(parcel),
    )
    tracking.adopt(session, parcel)
    tracking.catch_up(session, case, parcel, policy, now)
    events.tell(session, case, events.NEWS)
    return case


def _correct(
    session: Session,
    case: Case,
    right: Shipment,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> None:
    """The parcel bears another number than was said. What was reported of the wrong one is not of
    this parcel, and a person who asked a carrier about it has nothing more to ask.
    """
    wrong = right.corrects
    assert wrong is not None
    parcel = parcels.of_case_named(session, case.case_id, wrong.carrier, wrong.tracking_number)
    if parcel is None or parcel.effect_id:
        raise Refusal(Why.UNKNOWN_PARCEL)
    if parcel.posted:
        raise Refusal(Why.PARCEL_UNDERWAY)
    if not parcels.to_come_in(case):
        raise Refusal(Why.NOT_AWAITED, f"the case is {case.stage}")
    detail = f"{parcels.named(parcel)} -> {right.carrier} {right.tracking_number}"
    parcels.alone_with(session, right.carrier, right.tracking_number)
    tracking.disown(session, parcel)
    parcel.carrier, parcel.tracking_number = right.carrier, right.tracking_number
    named_before = case.waiting_for == WaitingFor.CARRIER
    events.record(
        session,
        case,
        "parcel_corrected",
        actor,
        now,
        to=None if named_before else Stage.AWAITING_PARCEL,
        waiting_for=WaitingFor.CARRIER,
        deadlines=policy.deadlines,
        detail=detail,
    )
    tracking.adopt(session, parcel)
    tracking.catch_up(session, case, parcel, policy, now)
    events.tell(session, case, events.NEWS)
