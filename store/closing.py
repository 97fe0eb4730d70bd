"""When is a case done? Once it has paid what it owed, and nothing is left to be sent or to come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from domain.cases import GOODS, Outcome, Stage
from domain.people import SYSTEM, Actor, Automatic
from domain.policy import Policy
from store import events
from store.cases import close, payable
from store.goods import charges, dispositions, exchanges, tracking
from store.tables import Case


def complete(
    session: Session, case_id: UUID, outcome: Outcome, policy: Policy, now: datetime
) -> Case:
    """End a case whose payouts are all through, or have sent what is due to the buyer besides, or
    wait for goods that were refunded first. Does nothing if it is not at that point.
    """
    case = events.lock(session, case_id)
    if case.stage != Stage.PAYING or case.paid != payable(case):
        return case
    if go_on(session, case, "paid", SYSTEM, policy, now):
        return case
    if case.refund_first:
        outcome = charges.outcome(session, case)
    elif exchanges.gone(session, case):
        outcome = Outcome.EXCHANGED
    close(session, case, Stage.COMPLETED, outcome, "completed", SYSTEM, now)
    return case


def go_on(
    session: Session,
    case: Case,
    what: str,
    actor: Actor | Automatic,
    policy: Policy,
    now: datetime,
    *,
    detail: str = "",
    message_id: str | None = None,
) -> bool:
    """Have a case that has paid wait for what is still owed to it, or on its way to its buyer, or
    send what is due. False if there is nothing.
    """
    if charges.outstanding(session, case):
        follows = charges.go_on
    elif dispositions.on_its_way(session, case):
        follows = dispositions.wait_for_delivery
    elif exchanges.to_ship(session, case):
        follows = exchanges.ship
    elif case.kind in GOODS and dispositions.to_send_back(session, case):
        follows = dispositions.send_back
    else:
        return False
    follows(session, case, what, actor, policy, now, detail=detail, message_id=message_id)
    if case.stage == Stage.SHIPPING:
        tracking.look(session, case, policy, now)
    return True
