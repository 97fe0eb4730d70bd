"""The buyer has sent the goods by a carrier of their own choice, and names the parcel."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from domain.cases import Stage, WaitingFor
from domain.goods_messages import Shipment
from domain.parcels import Direction
from domain.people import MAY_ANSWER, Actor
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
    carrier to bring them from here on. The same again changes nothing.

    Raises Refusal: not-awaited, parcel-known, case-not-found.
    """
    if actor.role not in MAY_ANSWER:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    if case.storefront != actor.storefront:
        raise Refusal(Why.CASE_NOT_FOUND)
    known = parcels.find(session, message.carrier, message.tracking_number)
    if known and known.case_id == case_id:
        return case
    if known:
        raise Refusal(Why.PARCEL_KNOWN)
    if case.stage != Stage.AWAITING_PARCEL:
        raise Refusal(Why.NOT_AWAITED, f"the case is {case.stage}")
    parcels.call_off(session, case, now)
    carrier, number = message.carrier, message.tracking_number
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
    tracking.catch_up(session, case, parcel, policy, now)
    events.tell(session, case, events.NEWS)
    return case
