"""When is a case done? Once it has paid what it owed, and nothing is left to be sent or to come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from domain.cases import GOODS, Outcome, Stage
from domain.people import SYSTEM
from domain.policy import Policy
from store import charges, events, exchanges, goods
from store.cases import close, payable
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
    if charges.outstanding(session, case):
        charges.go_on(session, case, "paid", SYSTEM, policy, now)
    elif exchanges.to_ship(session, case):
        exchanges.ship(session, case, "paid", SYSTEM, policy, now)
    elif case.kind in GOODS and goods.to_send_back(session, case):
        goods.send_back(session, case, "paid", SYSTEM, policy, now)
    else:
        if case.refund_first:
            outcome = charges.outcome(session, case)
        elif exchanges.gone(session, case):
            outcome = Outcome.EXCHANGED
        close(session, case, Stage.COMPLETED, outcome, "completed", SYSTEM, now)
    return case
