"""A parcel is lost: who bears it, and what the case pays then."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from domain.cases import Attention, Kind, Stage
from domain.goods_messages import Lost
from domain.messages import Fallback
from domain.people import MAY_RESUME, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from store import events, exchanges, goods, parcels, units
from store.tables import Case

ON_THE_WAY = (Stage.AWAITING_PARCEL, Stage.SHIPPING)
ASKED = (Attention.PARCEL_SILENT, Attention.PARCEL_ASTRAY)


def declare(
    session: Session, case_id: UUID, message: Lost, actor: Actor, policy: Policy, now: datetime
) -> Case:
    """Take the case's last parcel for lost. Declaring it again changes nothing.

    Goods that a carrier had in its hands are paid for as if they had come, where the policy says
    so. Raises Refusal: not-awaited, not-posted (nobody can show that the buyer sent them).
    """
    if actor.role not in MAY_RESUME:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    sent = parcels.of_case(session, case_id)
    if sent and sent[-1].lost_at:
        return case
    if case.stage not in ON_THE_WAY and case.attention not in ASKED:
        raise Refusal(Why.NOT_AWAITED, f"the case is {case.stage}")
    if not sent or not sent[-1].posted or not policy.parcels.lost_pays:
        raise Refusal(Why.NOT_POSTED)
    sent[-1].lost_at = now
    if case.kind in (Kind.EXCHANGE, Kind.REPAIR):
        credit = case.remedy == Fallback.STORE_CREDIT
        remedy = Fallback.STORE_CREDIT if credit else Fallback.REFUND
        exchanges.instead(session, case, remedy, now)
    for claim, _ in units.owned_by(session, case_id):
        claim.kept = claim.released_at is None
    goods.appraise(session, case, "lost on the way")
    events.record(
        session,
        case,
        "parcel_lost",
        actor,
        now,
        to=Stage.PAYING,
        deadlines=policy.deadlines,
        detail=message.note or parcels.named(sent[-1]),
    )
    events.tell(session, case, events.NEWS)
    return case
