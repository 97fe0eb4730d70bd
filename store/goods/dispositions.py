"""What becomes of goods that came in: what is paid for them, and where they go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from domain.amounts import Piece, due, entitlement
from domain.cases import Kind, Outcome, Stage
from domain.effects import EffectAction, EffectState
from domain.goods_messages import Disposition
from domain.messages import Condition
from domain.parcels import ParcelStatus
from domain.people import CARRIER, Actor, Automatic
from domain.policy import Policy
from domain.units import Span, readable
from store import events, units, verdicts
from store.cases import close
from store.goods import effects, replacements
from store.goods.stock_moves import MAIN, RESALE
from store.quotes import shipping_of
from store.tables import (
    Case,
    CaseLine,
    Inspection,
    InspectionLine,
    Offer,
    Order,
    OrderLine,
    Parcel,
    Repair,
)

WAREHOUSES = {Disposition.RESTOCK: MAIN, Disposition.RESALE: RESALE}
"""Where units go that are sold again; all others never come back on a shelf."""

GONE = (Disposition.SCRAP, Disposition.DONATE)
"""What became of accepted units that nobody can send back."""


@dataclass(frozen=True)
class Pieces:
    """So many units of an article, in a parcel or for a shelf."""

    line: int
    sku: str
    quantity: int
    warehouse: str | None = None
    condition: Condition = Condition.NEW


def pieces_for(session: Session, case: Case, action: EffectAction) -> tuple[Pieces, ...]:
    """The pieces of an effect: all that was asked for, what is given for it, what goes back, or
    what goes on a shelf. What leaves a shelf in a case that was rejected is what was put there.
    """
    refused = verdicts.refused(session, case.case_id)
    given = [
        Pieces(each.line, each.sku, each.quantity, condition=each.condition)
        for each in replacements.to_give(session, case)
    ]
    match action:
        case EffectAction.BOOK_PICKUP:
            found = [
                Pieces(line.line, sku, line.quantity) for line, sku, _ in _lines(session, case)
            ]
        case EffectAction.SEND_PARCEL:
            found = [*given, *_going_back(session, case, refused)]
        case EffectAction.HOLD_STOCK | EffectAction.SHIP_STOCK if not refused:
            found = given
        case EffectAction.RESTOCK | EffectAction.HOLD_STOCK | EffectAction.SHIP_STOCK:
            found = _for_shelves(session, case)
        case _:
            found = []
    return tuple(each for each in found if each.quantity)


def _lines(session: Session, case: Case) -> Sequence[Row[CaseLine, str, InspectionLine | None]]:
    """The lines of a case in their order, the SKU of each, and what was counted of it."""
    return session.execute(
        select(CaseLine, OrderLine.sku, InspectionLine)
        .join(OrderLine, OrderLine.id == CaseLine.order_line_id)
        .outerjoin(
            InspectionLine,
            (InspectionLine.case_id == CaseLine.case_id) & (InspectionLine.line == CaseLine.line),
        )
        .where(CaseLine.case_id == case.case_id)
        .order_by(CaseLine.position)
    ).all()


def _going_back(session: Session, case: Case, refused: bool) -> list[Pieces]:
    """What came in and does not stay: of a rejected case all that is not gone for good."""
    lines = _lines(session, case)
    if case.kind == Kind.REPAIR:
        kept = keeps(session, case)
        return [] if kept else [Pieces(line.line, sku, line.quantity) for line, sku, _ in lines]
    if bought(session, case) and not refused:
        return []
    return [
        Pieces(line.line, sku, found.received - _stays(found, refused))
        for line, sku, found in lines
        if found
    ]


def _stays(found: InspectionLine, refused: bool) -> int:
    return 0 if refused and found.disposition not in GONE else found.accepted


def _for_shelves(session: Session, case: Case) -> list[Pieces]:
    return [
        Pieces(line.line, sku, found.accepted, WAREHOUSES[Disposition(found.disposition)])
        for line, sku, found in _lines(session, case)
        if found and found.disposition in WAREHOUSES
    ]


def came_in(session: Session, case: Case) -> dict[int, int]:
    """By order line id, how many of the units that were asked for the shop has had in its hands:
    as the warehouse counted, else all of them.
    """
    counted = session.get(Inspection, case.case_id) is not None
    rows = session.execute(
        select(CaseLine.order_line_id, CaseLine.quantity, InspectionLine.received)
        .outerjoin(
            InspectionLine,
            (InspectionLine.case_id == CaseLine.case_id) & (InspectionLine.line == CaseLine.line),
        )
        .where(CaseLine.case_id == case.case_id)
    ).all()
    return {line: min(asked, received or 0) if counted else asked for line, asked, received in rows}


def bought(session: Session, case: Case) -> bool:
    """True if the buyer has taken an offer for what was not accepted."""
    answer = session.scalars(select(Offer.answer).where(Offer.case_id == case.case_id)).first()
    return answer == "accepted"


def keeps(session: Session, case: Case) -> bool:
    """True if something that came in stays with the shop."""
    return any(claim.kept for claim, _ in units.owned_by(session, case.case_id))


def appraise(session: Session, case: Case, why: str, amount: int | None = None) -> None:
    """What the case pays for the units that stay with the shop, from now on: all they are worth,
    or `amount` for them (shipping included).
    """
    owned = units.owned_by(session, case.case_id)
    kept = [piece for claim, piece in owned if claim.kept]
    order = session.get_one(Order, (case.storefront, case.order_id))
    granted = case.shipping_held if kept else 0
    most = entitlement(kept, granted)
    amount = None if amount == most else amount
    what = due(kept, shipping_of(order), granted=granted, amount=amount)
    case.items, case.shipping, case.total = what.items, what.shipping, what.total
    case.tax = what.tax
    case.steps = [*case.steps, f"{why}: {_named(kept)} -> {what.total}"]


def _named(kept: Sequence[Piece]) -> str:
    lines: dict[int, list[Span]] = {}
    for piece in kept:
        lines.setdefault(piece.line.line, []).append(piece.units)
    named = ", ".join(f"line {line} units {readable(spans)}" for line, spans in lines.items())
    return named or "nothing"


def to_send_back(session: Session, case: Case) -> bool:
    """True if the warehouse has units that the shop does not keep and that were not sent yet."""
    sent = effects.of_case(session, case.case_id, EffectAction.SEND_PARCEL)
    if any(effect.state == EffectState.DONE for effect in sent):
        return False
    return bool(pieces_for(session, case, EffectAction.SEND_PARCEL))


def on_its_way(session: Session, case: Case) -> bool:
    """True if a parcel to the buyer leaves or has left, and has neither arrived nor is lost."""
    sent = effects.of_case(session, case.case_id, EffectAction.SEND_PARCEL)
    if not sent or sent[-1].state == EffectState.CANCELLED:
        return False
    booked = select(Parcel).where(Parcel.effect_id == sent[-1].effect_id)
    parcel = session.scalars(booked).one_or_none()
    return parcel is None or (parcel.status != ParcelStatus.DELIVERED and parcel.lost_at is None)


def wait_for_delivery(
    session: Session,
    case: Case,
    what: str,
    actor: Actor | Automatic,
    policy: Policy,
    now: datetime,
    *,
    detail: str = "",
    message_id: str | None = None,
) -> None:
    """A parcel is on its way to the buyer, whatever came in between."""
    events.record(
        session,
        case,
        what,
        actor,
        now,
        to=Stage.SHIPPING,
        deadlines=policy.deadlines,
        detail=detail,
        message_id=message_id,
    )


def delivered(session: Session, case: Case, detail: str, now: datetime) -> None:
    """The buyer has what was sent: the case is done, as it was decided."""
    if verdicts.refused(session, case.case_id):
        stage, outcome = Stage.REJECTED, Outcome.REJECTED
        close(session, case, stage, outcome, "given_back", CARRIER, now, None, detail)
        return
    if session.get(Repair, case.case_id):
        outcome = Outcome.REPAIRED
    elif replacements.to_give(session, case):
        outcome = Outcome.EXCHANGED
    elif keeps(session, case):
        outcome = Outcome.RETURNED_AND_REFUNDED
    else:
        outcome = Outcome.SENT_BACK
    close(session, case, Stage.COMPLETED, outcome, "completed", CARRIER, now, None, detail)


def send_back(
    session: Session,
    case: Case,
    what: str,
    actor: Actor | Automatic,
    policy: Policy,
    now: datetime,
    *,
    detail: str = "",
    message_id: str | None = None,
) -> None:
    """What the shop does not keep goes back to the buyer."""
    effects.plan(session, case, EffectAction.SEND_PARCEL, now)
    wait_for_delivery(session, case, what, actor, policy, now, detail=detail, message_id=message_id)
