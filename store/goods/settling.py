"""It is clear what stays with the shop: the goods are replaced, paid for, sent back or refused."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.cases import Kind, Outcome, Stage
from domain.exchanges import Difference
from domain.people import Actor, Automatic
from domain.policy import Policy
from domain.stripe_amounts import expressible, not_expressible, step
from store import events, tenders
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


def check_gateway_moves(session: Session, case: Case, amount: int) -> None:
    """Refuse `amount` for the goods of a case where no gateway could pay it, or bill its buyer for
    the rest of the price of what an exchange gives. A repair pays nothing before its remedy is
    known. Raises Refusal: amount-not-expressible.
    """
    if case.kind == Kind.REPAIR or step(case.currency) == 1:
        return
    due = Difference(exchanges.price(session, case), amount)
    if not expressible(due.buyer_owes, case.currency):
        raise not_expressible(due.buyer_owes, case.currency)
    payments = tenders.of_order(session, case.storefront, case.order_id)
    to = tenders.Destination(case.payout_to, case.payout_token, case.payout_last4)
    tenders.check(due.shop_owes, payments, case.currency, to)
