"""Whose is a charge? An operator and a lead may give it to another storefront, together."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from domain.people import MAY_RESUME, Actor
from domain.refusals import Refusal, Why
from store.tables import Charge, ChargeAssignment, Payment, Storefront, Token


def assign(
    session: Session, named: str, storefront: str, note: str, actor: Actor, now: datetime
) -> Charge:
    """Ask for the charge (or its intent) to be the storefront's, or confirm that, once somebody of
    the other role has asked. What was paid from it before stays in its books.

    Raises Refusal: charge-not-found, storefront-not-found, four-eyes (who asked confirms),
    charge-in-use (money of another storefront is on its way from it).
    """
    if actor.role not in MAY_RESUME:
        raise Refusal(Why.FORBIDDEN)
    wanted = select(Charge).where(or_(Charge.charge == named, Charge.intent == named))
    charge = session.scalars(wanted.with_for_update()).one_or_none()
    if charge is None:
        raise Refusal(Why.CHARGE_NOT_FOUND)
    if session.get(Storefront, storefront) is None:
        raise Refusal(Why.STOREFRONT_NOT_FOUND)
    if charge.assigned and charge.owner == storefront:
        return charge
    askers = _askers(session, charge, storefront)
    if actor.name in askers:
        raise Refusal(Why.FOUR_EYES)
    confirmed = any(role != actor.role for role in askers.values())
    if confirmed and _in_use(session, charge, storefront):
        raise Refusal(Why.CHARGE_IN_USE)
    session.add(
        ChargeAssignment(
            charge=charge.charge,
            owner=storefront,
            actor=actor.name,
            actor_role=actor.role,
            confirmed=confirmed,
            note=note,
            at=now,
        )
    )
    if confirmed:
        charge.owner, charge.assigned = storefront, True
    return charge


def _askers(session: Session, charge: Charge, storefront: str) -> dict[str, str]:
    """Who has asked for the same since the charge was last given away, with their roles. A revoked
    token's word does not count.
    """
    given = select(func.coalesce(func.max(ChargeAssignment.id), 0)).where(
        ChargeAssignment.charge == charge.charge, ChargeAssignment.confirmed
    )
    asked = (
        select(ChargeAssignment.actor, ChargeAssignment.actor_role)
        .join(Token, Token.name == ChargeAssignment.actor)
        .where(
            ChargeAssignment.charge == charge.charge,
            ChargeAssignment.owner == storefront,
            ChargeAssignment.id > given.scalar_subquery(),
            Token.revoked_at.is_(None),
        )
    )
    return dict(session.execute(asked).all())


def _in_use(session: Session, charge: Charge, storefront: str) -> bool:
    reserved = select(Payment.id).where(
        Payment.charge == charge.charge, Payment.storefront != storefront, Payment.reserved > 0
    )
    return session.scalar(reserved.limit(1)) is not None
