"""It is clear what stays with the shop: the goods are replaced, paid for, sent back or refused."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.cases import Outcome, Stage
from domain.people import Actor, Automatic
from domain.policy import Policy
from store import events
from store.cases import close, payable
from store.goods import dispositions, exchanges
from store.tables import Case


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
) -> None:
    """Replace what was accepted, pay for it, send the rest back, or end the case."""
    if exchanges.to_ship(session, case):
        exchanges.settle(
            session, case, what, actor, policy, now, detail=detail, message_id=message_id
        )
    elif dispositions.to_send_back(session, case) and payable(case) == 0:
        dispositions.send_back(
            session, case, what, actor, policy, now, detail=detail, message_id=message_id
        )
    elif dispositions.keeps(session, case):
        events.record(
            session,
            case,
            what,
            actor,
            now,
            to=Stage.PAYING,
            deadlines=policy.deadlines,
            detail=detail,
            message_id=message_id,
        )
    else:
        close(
            session,
            case,
            Stage.REJECTED,
            Outcome.REJECTED,
            what,
            actor,
            now,
            message_id,
            detail,
        )
