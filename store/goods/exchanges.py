"""An exchange itself: stock for the replacement, the difference in price, and what leaves."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.bills import DebtState, What
from domain.cases import Attention, Kind, Stage
from domain.effects import OPEN, EffectAction, EffectState
from domain.exchanges import Difference
from domain.messages import Fallback
from domain.people import GATEWAY, SYSTEM, Actor, Automatic
from domain.policy import Policy
from store import events, verdicts
from store.cases import payable
from store.goods import bills, dispositions, effects, holds, parcels, replacements
from store.tables import Bill, Case

WITHOUT_A_WORD = (Fallback.WAIT, Fallback.REFUND)
"""What a buyer gets who has not said what to do without stock."""


def stock_held(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """The replacement is set aside: the goods may come, or it may leave."""
    if case.stage == Stage.AWAITING_STOCK:
        for hold in effects.of_case(session, case.case_id, EffectAction.HOLD_STOCK):
            effects.withdraw(hold, "held")
        _send_for_goods(session, case, "stock_held", policy, now)
    elif case.stage == Stage.SHIPPING:
        effects.plan(session, case, EffectAction.SHIP_STOCK, now)
        events.record(session, case, "stock_held", SYSTEM, now)
    else:
        holds.let_go(session, case, now)  # the case went on without, while the stock was asked


def out_of_stock(session: Session, case: Case, code: str, policy: Policy, now: datetime) -> None:
    """There is not enough for the replacement: the buyer waits, or gets something else."""
    refused = verdicts.refused(session, case.case_id)
    if case.stage == Stage.AWAITING_STOCK:
        events.record(session, case, "out_of_stock", SYSTEM, now, detail=code)
        first = _fallbacks(case)[0]
        if first is not Fallback.WAIT:
            instead(session, case, first, now)
            _send_for_goods(session, case, first, policy, now)
    elif case.stage == Stage.SHIPPING and not refused:
        _pay_instead(
            session, case, _without_stock(case), credit(session, case), "out_of_stock", policy, now
        )
    elif case.stage == Stage.SHIPPING:  # the buyer is to get back what was sold since
        events.record(
            session,
            case,
            "parked",
            SYSTEM,
            now,
            to=Stage.NEEDS_ATTENTION,
            attention=Attention.OUT_OF_STOCK,
            deadlines=policy.deadlines,
            detail=code,
        )


def waited(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """The stock has not come in time: the buyer gets the next best."""
    remedy = _without_stock(case)
    instead(session, case, remedy, now)
    _send_for_goods(session, case, remedy, policy, now)


def instead(session: Session, case: Case, remedy: Fallback, now: datetime) -> None:
    """The case comes to money from here on. What was held and paid for the exchange goes back."""
    case.remedy = remedy
    if remedy is Fallback.STORE_CREDIT:
        case.payout_to, case.payout_token, case.payout_last4 = "store_credit", None, None
    for leaving in effects.of_case(
        session, case.case_id, EffectAction.SHIP_STOCK, EffectAction.SEND_PARCEL
    ):
        effects.withdraw(leaving, remedy)
    holds.let_go(session, case, now)
    bills.give_back(session, case, now)


def settle(
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
    """It is clear what is replaced. The buyer pays what it costs more, or gets what it costs less;
    then it leaves.
    """
    due = Difference(price(session, case), payable(case))
    dispositions.appraise(session, case, f"replaced for {due.price}", due.shop_owes)
    if due.buyer_owes:
        events.record(session, case, what, actor, now, detail=detail, message_id=message_id)
        due_at = now + timedelta(days=policy.deadlines.difference_days)
        bills.ask(session, case, due.buyer_owes, What.DIFFERENCE, due_at, policy, now)
    elif due.shop_owes:
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
        ship(session, case, what, actor, policy, now, detail=detail, message_id=message_id)


def paid(session: Session, case: Case, bill: Bill, policy: Policy, now: datetime) -> None:
    """The buyer has paid the difference."""
    ship(session, case, "difference_paid", GATEWAY, policy, now)


def unpaid(session: Session, case: Case, bill: Bill, policy: Policy, now: datetime) -> None:
    """The buyer has not paid the difference: the goods are refunded."""
    credit = price(session, case) - bill.amount
    _pay_instead(session, case, Fallback.REFUND, credit, "difference_unpaid", policy, now)


def to_ship(session: Session, case: Case) -> bool:
    """True if something is to go to the buyer that has not left the shelf."""
    return not gone(session, case) and bool(replacements.to_give(session, case))


def gone(session: Session, case: Case) -> bool:
    """True if the replacement has left its shelf, and the case has come to nothing else since. What
    leaves one in a return are its own goods, on their way back.
    """
    if case.remedy or case.kind == Kind.RETURN:
        return False
    ships = effects.of_case(session, case.case_id, EffectAction.SHIP_STOCK)
    return any(effect.state == EffectState.DONE for effect in ships)


def ship(
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
    """The replacement leaves, unless it is about to already. More was set aside than is given if
    not all that was asked for came in: then only that is set aside from here on.
    """
    asked = [(row.line, row.quantity) for row in replacements.asked_for(session, case.case_id)]
    given = [(each.line, each.quantity) for each in replacements.to_give(session, case)]
    moving = effects.of_case(
        session, case.case_id, EffectAction.HOLD_STOCK, EffectAction.SHIP_STOCK
    )
    if not any(effect.state in OPEN for effect in moving):
        effects.plan(
            session,
            case,
            EffectAction.SHIP_STOCK if given == asked else EffectAction.HOLD_STOCK,
            now,
        )
    dispositions.wait_for_delivery(
        session, case, what, actor, policy, now, detail=detail, message_id=message_id
    )


def hold_again(session: Session, case: Case, policy: Policy, now: datetime) -> None:
    """Somebody has seen to it that the replacement is there again."""
    holds.ask_for(session, case, now)
    dispositions.wait_for_delivery(session, case, "stock_sought", SYSTEM, policy, now)


def left_shelf(session: Session, case: Case, now: datetime) -> None:
    """The replacement is off its shelf: a carrier takes it."""
    if case.stage == Stage.SHIPPING:
        effects.plan(session, case, EffectAction.SEND_PARCEL, now)
    events.record(session, case, "stock_shipped", SYSTEM, now)


def not_held(session: Session, case: Case, code: str, now: datetime) -> None:
    """What was set aside is gone, for it took too long: set it aside again, if there is some."""
    if case.stage == Stage.SHIPPING:
        holds.ask_for(session, case, now)
    events.record(session, case, "hold_lost", SYSTEM, now, detail=code)


def _send_for_goods(session: Session, case: Case, what: str, policy: Policy, now: datetime) -> None:
    parcels.send_for(session, case, policy, now)
    events.record(
        session, case, what, SYSTEM, now, to=Stage.AWAITING_PARCEL, deadlines=policy.deadlines
    )


def _pay_instead(
    session: Session,
    case: Case,
    remedy: Fallback,
    credit: int,
    why: str,
    policy: Policy,
    now: datetime,
) -> None:
    """The goods are here, and no replacement leaves for them: they are paid for."""
    instead(session, case, remedy, now)
    dispositions.appraise(session, case, why, credit)
    events.record(
        session,
        case,
        why,
        SYSTEM,
        now,
        to=Stage.PAYING,
        deadlines=policy.deadlines,
        detail=remedy,
    )


def _fallbacks(case: Case) -> list[Fallback]:
    return [Fallback(word) for word in case.fallback] or list(WITHOUT_A_WORD)


def _without_stock(case: Case) -> Fallback:
    """What the buyer would have next to waiting."""
    return next((word for word in _fallbacks(case) if word is not Fallback.WAIT), Fallback.REFUND)


def price(session: Session, case: Case) -> int:
    """What the replacement costs, as far as it is known what is given."""
    return sum(each.price for each in replacements.to_give(session, case))


def credit(session: Session, case: Case) -> int:
    """What the goods were credited with when the difference was settled."""
    bill = bills.latest(session, case.case_id)
    billed = bill.amount if bill and bill.state == DebtState.PAID else 0
    return price(session, case) + payable(case) - billed
