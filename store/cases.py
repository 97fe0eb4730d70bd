"""Where a case stands, and how it ends: what it owned is settled or given back here."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.amounts import Due, due, entitlement
from domain.cases import (
    GOODS,
    MAY_BE_CANCELLED,
    Attention,
    CaseView,
    Kind,
    Outcome,
    Stage,
    WaitingFor,
)
from domain.effects import EffectAction
from domain.messages import Cancel
from domain.parcels import Direction, ParcelStatus
from domain.payouts import UNREAD
from domain.people import MAY_CANCEL, Actor, Automatic
from domain.refusals import Refusal, Why
from store import events, units
from store.goods import bills, effects, holds, parcels, serials
from store.quotes import shipping_of
from store.session import new_id
from store.tables import Case, Claim, Order, Payout


def view(session: Session, case: Case) -> CaseView:
    """What the case's workflow needs to know of it."""
    return views(session, [case])[case.case_id]


def views(session: Session, cases: Sequence[Case]) -> dict[UUID, CaseView]:
    """The same for many cases at once."""
    plans = effects.planned(session, [case.case_id for case in cases])
    doubtful = set(
        session.scalars(
            select(Payout.case_id).where(
                Payout.case_id.in_([case.case_id for case in cases]),
                Payout.state.in_(events.IN_DOUBT),
            )
        )
    )
    return {
        case.case_id: CaseView(
            case_id=case.case_id,
            kind=Kind(case.kind),
            storefront=case.storefront,
            order_id=case.order_id,
            stage=Stage(case.stage),
            waiting_for=WaitingFor(case.waiting_for) if case.waiting_for else None,
            due_at=case.due_at,
            remind_at=case.remind_at,
            attention=Attention(case.attention) if case.attention else None,
            amount=payable(case),
            currency=case.currency,
            in_doubt=case.case_id in doubtful or case.attention in UNREAD,
            effects=plans[case.case_id].open,
            version=case.version,
            planned=plans[case.case_id].ever,
        )
        for case in cases
    }


def payable(case: Case) -> int:
    """What the case pays: what came of it, and at most what was approved."""
    return case.total if case.approved is None else min(case.approved, case.total)


def approve_amount(session: Session, case: Case, amount: int) -> None:
    """Take over the amount that an auditor approved, and the tax that goes with it."""
    if amount != payable(case):
        case.steps = [*case.steps, f"approved {amount} of {case.total}"]
    if amount != case.total:
        case.tax = _due(session, case, amount).tax
    case.approved = amount


def cancel(session: Session, case_id: UUID, message: Cancel, actor: Actor, now: datetime) -> Case:
    """The storefront takes its request back, as long as nobody has decided. Raises Refusal."""
    if actor.role not in MAY_CANCEL:
        raise Refusal(Why.FORBIDDEN)
    case = events.lock(session, case_id)
    if case.storefront != actor.storefront:
        raise Refusal(Why.CASE_NOT_FOUND)
    if case.stage == Stage.CANCELLED:
        return case
    if case.closed_at:
        raise Refusal(Why.CASE_CLOSED, f"the case is {case.stage}")
    if case.stage not in MAY_BE_CANCELLED or case.received_at or case.paid:
        raise Refusal(Why.TOO_LATE)
    parcels.call_off(session, case, now)
    message_id = str(new_id())
    close(
        session,
        case,
        Stage.CANCELLED,
        Outcome.CANCELLED,
        "cancelled",
        actor,
        now,
        message_id,
        detail=message.note,
    )
    events.tell(session, case, "cancel", message_id)
    return case


def close(
    session: Session,
    case: Case,
    stage: Stage,
    outcome: Outcome,
    what: str,
    actor: Actor | Automatic,
    now: datetime,
    message_id: str | None = None,
    detail: str = "",
) -> None:
    """End a locked case: its units are settled or free again, by what it paid. What it still held
    or asked its buyer for, it wants no more, and no parcel leaves for it. If it comes to nothing,
    what its buyer paid for it goes back.
    """
    for leaving in effects.of_case(session, case.case_id, EffectAction.SEND_PARCEL):
        effects.withdraw(leaving, "closed")
    holds.let_go(session, case, now)
    end_bills = bills.cancel if stage is Stage.COMPLETED else bills.give_back
    end_bills(session, case, now)
    settle_claims(session, case, stage, now)
    if case.kind in GOODS:
        parcels.release(session, case, now)
        serials.release(session, case, now)
    events.record(
        session,
        case,
        what,
        actor,
        now,
        to=stage,
        outcome=outcome,
        message_id=message_id,
        detail=detail,
    )


def settle_claims(session: Session, case: Case, stage: Stage, now: datetime) -> None:
    """Account for the units and the shipping of a case that ends in `stage` with what it paid.

    Completed with all it was entitled to, or with the goods back, its units are settled for good;
    so are those that were replaced, even if the difference in price was given up.
    Otherwise they are free again, worth what is left; so is shipping that it did not pay out.
    Units that were refunded first and charged for are free again as well, and worth nothing: what
    was paid for them stays on record, for the bill is no payment of the order.
    """
    owned = units.owned_by(session, case.case_id)
    live = [(claim, piece) for claim, piece in owned if not claim.released_at]
    came_in = case.kind in GOODS and (stage is Stage.COMPLETED or _replaced(session, case))
    back = [item for item in live if came_in and not item[0].kept]
    if not case.refund_first:  # they are the buyer's again, as if never asked for
        units.release(session, back, now)
        live, back = [item for item in live if item not in back], []
    lost = [claim for claim, _ in owned if claim.released_at]  # see `reopen`
    pieces = [piece for _, piece in live]
    order = session.get_one(Order, (case.storefront, case.order_id))
    amount = max(0, case.paid - sum(claim.paid for claim in lost))
    whole = amount == entitlement(pieces, case.shipping_held)
    in_full = stage is Stage.COMPLETED and whole
    paid = due(
        pieces,
        shipping_of(order),
        granted=case.shipping_held,
        amount=None if in_full else amount,
    )
    for (claim, _), part, tax in zip(live, paid.shares, paid.taxes, strict=True):
        claim.paid, claim.tax = part, tax
    if in_full or came_in:
        units.settle([claim for claim, piece in live if (claim, piece) not in back], now)
        units.release(session, back, now)
    else:
        units.release(session, live, now)
    order.shipping_refunded_tax += shipping_of(order).tax_of(paid.shipping)
    order.shipping_refunded += paid.shipping
    order.shipping_reserved -= case.shipping_held
    case.shipping_held = 0
    if case.paid:
        case.tax = paid.tax + sum(claim.tax for claim in lost)


def reopen(session: Session, case: Case) -> None:
    """Undo `settle_claims`, for a case whose money came back. Units that another case holds by now
    stay with it, and so does the credit they were priced with: this case has lost them.
    """
    units.reclaim(session, case.case_id)
    order = session.get_one(Order, (case.storefront, case.order_id))
    items = sum(session.scalars(select(Claim.paid).where(Claim.case_id == case.case_id)))
    shipping = max(0, case.paid - items)
    shipping_tax = case.tax - sum(
        session.scalars(select(Claim.tax).where(Claim.case_id == case.case_id))
    )
    order.shipping_refunded -= shipping
    order.shipping_refunded_tax -= shipping_tax
    order.shipping_reserved += shipping
    case.shipping_held = shipping


def _replaced(session: Session, case: Case) -> bool:
    """True if the buyer has got others for the units that were accepted, whatever became of the
    difference in price.
    """
    exchanged = case.kind == Kind.EXCHANGE and case.remedy is None
    return exchanged and any(
        parcel.direction == Direction.OUTBOUND and parcel.status == ParcelStatus.DELIVERED
        for parcel in parcels.of_case(session, case.case_id)
    )


def _due(session: Session, case: Case, amount: int) -> Due:
    pieces = [piece for _, piece in units.owned_by(session, case.case_id)]
    order = session.get_one(Order, (case.storefront, case.order_id))
    return due(pieces, shipping_of(order), granted=case.shipping_held, amount=amount)
