"""A reminder or a deadline has come: what follows from nobody having acted in time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from domain.cases import Attention, Kind, Outcome, Stage, WaitingFor
from domain.people import SYSTEM
from domain.policy import Policy
from store import events
from store.cases import close
from store.goods import bills, charges, exchanges, offers, parcels, remedies, repair_quotes, repairs
from store.tables import Case


def remind(session: Session, case_id: UUID, policy: Policy, now: datetime) -> Case:
    """Say once that it is time, and set the next time. A decision is never made by silence:
    only what a buyer or a carrier was to do comes to an end by itself.
    """
    case = events.lock(session, case_id)
    if case.remind_at is None or case.remind_at > now or case.due_at is None:
        return case
    overdue = case.due_at <= now
    lapses = LAPSES.get((case.stage, case.waiting_for))
    if overdue and lapses:
        lapses(session, case, policy, now)
        return case
    case.remind_at = now + timedelta(hours=policy.deadlines.reminder)
    if not overdue:
        case.remind_at = min(case.remind_at, case.due_at)
    events.record(session, case, "escalated" if overdue else "reminded", SYSTEM, now)
    return case


def _not_sent(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """The buyer has sent nothing: the units are free again, or charged for if they are refunded."""
    parcels.call_off(session, case, now)
    if case.refund_first:
        charges.charge(session, case, policy, now)
        return
    close(session, case, Stage.EXPIRED, Outcome.EXPIRED, "expired", SYSTEM, now)


def _silent(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """The carrier says nothing any more: a person has to ask."""
    events.record(
        session,
        case,
        "parked",
        SYSTEM,
        now,
        to=Stage.NEEDS_ATTENTION,
        attention=Attention.PARCEL_SILENT,
        deadlines=policy.deadlines,
        detail=Attention.PARCEL_SILENT,
    )


def _not_answered(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """The buyer was asked something, and says nothing."""
    if bill := bills.open_bill(session, case.case_id):
        bills.lapse(session, case, bill, policy, now)
    elif case.kind != Kind.REPAIR:
        offers.lapse(session, case, policy, now)
    elif quote := repair_quotes.standing(session, case):
        repairs.lapse(session, case, quote, policy, now)
    else:
        remedies.lapse(session, case, policy, now)


Lapse = Callable[[Session, Case, Policy, datetime], None]

LAPSES: dict[tuple[str, str | None], Lapse] = {
    (Stage.AWAITING_STOCK, WaitingFor.WAREHOUSE): exchanges.waited,
    (Stage.AWAITING_PARCEL, WaitingFor.BUYER): _not_sent,
    (Stage.AWAITING_PARCEL, WaitingFor.CARRIER): _silent,
    (Stage.SHIPPING, WaitingFor.CARRIER): _silent,
    (Stage.AWAITING_BUYER, WaitingFor.BUYER): _not_answered,
}
