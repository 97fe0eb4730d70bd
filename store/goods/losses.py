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
from store import events, units
from store.goods import charges, dispositions, exchanges, parcels
from store.tables import Case

ON_THE_WAY = (Stage.AWAITING_PARCEL, Stage.SHIPPING)
ASKED = (Attention.PARCEL_SILENT, Attention.PARCEL_ASTRAY)


def declare(
    session: Session, case_id: UUID, message: Lost, actor: Actor, policy: Policy, now: datetime
) -> Case:
    """Take what the case waits for for lost. Declaring it again changes nothing.

    What was in the parcel, and a carrier had in its hands, is paid for as if the shop had it, where
    the policy says so: what was to come in, or what was on its way to the buyer. Raises Refusal:
    not-awaited, not-posted (nobody can show that it was sent).
    """
    if actor.role not in MAY_RESUME:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    if parcels.lost(session, case):
        return case
    if case.stage not in ON_THE_WAY and case.attention not in ASKED:
        raise Refusal(Why.NOT_AWAITED, f"the case is {case.stage}")
    missing = parcels.missing(session, case)
    if not missing or not policy.parcels.lost_pays:
        raise Refusal(Why.NOT_POSTED)
    for parcel in missing:
        parcel.lost_at = now
    _pay(session, case, now)
    events.record(
        session,
        case,
        "parcel_lost",
        actor,
        now,
        to=Stage.PAYING,
        deadlines=policy.deadlines,
        detail=message.note or ", ".join(parcels.named(parcel) for parcel in missing),
    )
    events.tell(session, case, events.NEWS)
    return case


def _pay(session: Session, case: Case, now: datetime) -> None:
    """The buyer has neither the goods nor others for them: they get what all of them are worth, or
    were credited with if they have sold some of them by an offer.
    """
    worth = exchanges.credit(session, case) if dispositions.bought(session, case) else None
    if case.kind in (Kind.EXCHANGE, Kind.REPAIR):
        credit = case.remedy == Fallback.STORE_CREDIT
        exchanges.instead(session, case, Fallback.STORE_CREDIT if credit else Fallback.REFUND, now)
    units.keep(session, case.case_id, dispositions.came_in(session, case))
    if case.refund_first:
        charges.lost(session, case, now)
    else:
        dispositions.appraise(session, case, "lost on the way", worth)
