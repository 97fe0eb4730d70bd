"""What a person states about an effect in doubt: what the party's own books show of it.

A party that cannot be asked by our key, or does not answer, leaves its effect in doubt for ever.
Somebody who has looked at its books says what is there, and the effect goes on from that.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.bills import BillState, BillWord
from domain.cases import Stage
from domain.effect_calls import is_in_doubt
from domain.effect_messages import EffectStatement, Statement
from domain.effects import EffectAction, EffectState, Said
from domain.parcels import Direction
from domain.payouts import LastWord
from domain.people import MAY_RESUME, Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from store import events
from store.goods import charges, parcels
from store.goods.effect_steps import settle
from store.session import new_id
from store.tables import Case, Effect, EffectResolution, Token

BY_TWO = (EffectAction.COLLECT_BILL, EffectAction.CANCEL_BILL, EffectAction.REFUND_BILL)
"""Effects that are about a buyer's money: two people state the same before it counts."""


def resolve(
    session: Session,
    case_id: UUID,
    effect_id: UUID,
    message: EffectStatement,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> Case:
    """Let an effect in doubt go on by what its party's books show. Stating the same again changes
    nothing.

    Raises Refusal: forbidden, case-not-found, not-in-doubt (its party has answered, or was asked a
    moment ago), four-eyes (of a bill: the same person again).
    """
    if actor.role not in MAY_RESUME:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    effect = session.get(Effect, effect_id, populate_existing=True)
    if effect is None or effect.case_id != case_id:
        raise Refusal(Why.CASE_NOT_FOUND, "the case has no such effect")
    stated = _stated(session, effect)
    if any(_same(before, message) and before.actor == actor.name for before in stated):
        if effect.state != EffectState.UNKNOWN:
            return case
        if effect.action in BY_TWO and message.action is not Statement.ASK:
            raise Refusal(Why.FOUR_EYES)
    if not is_in_doubt(EffectState(effect.state), effect.unknown_since, now):
        raise Refusal(Why.NOT_IN_DOUBT, f"{effect.action} is {effect.state}")
    resolution = _record(session, case, effect, message, actor, now)
    alone = effect.action in BY_TWO and not any(_same(before, message) for before in stated)
    what = "effect_resolved"
    if message.action is Statement.ASK:
        what = "effect_asked"
    elif alone:
        what = "effect_resolution_asked"
    detail = " ".join(filter(None, (effect.action, message.action, message.reference)))
    events.record(session, case, what, actor, now, detail=detail, message_id=resolution)
    if what != "effect_resolution_asked":
        _carry_out(session, case, effect, message, policy, now)
    events.tell(session, case, events.NEWS)
    return case


def _stated(session: Session, effect: Effect) -> list[EffectResolution]:
    """What people whose tokens hold have stated of the effect since it was in doubt."""
    found = (
        select(EffectResolution)
        .join(Token, Token.name == EffectResolution.actor)
        .where(EffectResolution.effect_id == effect.effect_id, Token.revoked_at.is_(None))
    )
    since = effect.unknown_since
    return [each for each in session.scalars(found) if since is None or each.at >= since]


def _same(before: EffectResolution, message: EffectStatement) -> bool:
    return (before.action, before.reference, before.carrier, before.tracking_number) == (
        message.action,
        message.reference,
        message.carrier,
        message.tracking_number,
    )


def _record(
    session: Session,
    case: Case,
    effect: Effect,
    message: EffectStatement,
    actor: Actor,
    now: datetime,
) -> str:
    resolution = EffectResolution(
        resolution_id=str(new_id()),
        storefront=case.storefront,
        case_id=case.case_id,
        effect_id=effect.effect_id,
        action=message.action,
        reference=message.reference,
        carrier=message.carrier,
        tracking_number=message.tracking_number,
        actor=actor.name,
        note=message.note,
        at=now,
    )
    session.add(resolution)
    return resolution.resolution_id


def _carry_out(
    session: Session,
    case: Case,
    effect: Effect,
    message: EffectStatement,
    policy: Policy,
    now: datetime,
) -> None:
    match message.action:
        case Statement.ASK:
            effect.asked = 0
        case Statement.DONE:
            settle(session, case, effect, _done(session, effect, message), policy, now)
        case Statement.NEVER if _wanted(session, case, effect):
            effect.code, effect.asked = LastWord.NOT_EXECUTED, 0  # it goes out under the same key
        case Statement.NEVER:
            effect.state, effect.code = EffectState.CANCELLED, "never_executed"


def _done(session: Session, effect: Effect, message: EffectStatement) -> Said:
    """The reply that the party would have given."""
    bill = None
    if effect.action == EffectAction.COLLECT_BILL:  # its page is open; the gateway tells the rest
        bill = BillWord(BillState.OPEN)
    elif effect.action == EffectAction.CANCEL_BILL:
        bill = BillWord(BillState.EXPIRED)
    return Said(
        EffectState.DONE,
        message.reference,
        carrier=message.carrier or _carrier(session, effect),
        tracking_number=message.tracking_number,
        bill=bill,
    )


def _carrier(session: Session, effect: Effect) -> str:
    """Who carries the case's other parcels, if that is known."""
    others = parcels.of_case(session, effect.case_id)
    return others[-1].carrier if others else "carrier"


def _wanted(session: Session, case: Case, effect: Effect) -> bool:
    """False of a pickup of goods that nobody waits for any more."""
    if effect.action != EffectAction.BOOK_PICKUP:
        return True
    sent = any(p.direction == Direction.INBOUND for p in parcels.of_case(session, case.case_id))
    awaited = case.stage == Stage.AWAITING_PARCEL or charges.to_come(session, case)
    return awaited and not sent
