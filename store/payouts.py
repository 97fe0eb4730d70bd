"""Did the money leave? The database side of one step of a payout: before the call, and after it.

`begin` decides what may be done and commits it; only then does anyone call the gateway; `conclude`
takes down what the gateway said. Both lock order, then case, and change a payout only from the
states they name: a second worker that does the same finds it done.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from domain.cases import IN_FLIGHT, Attention, PayoutState, Stage
from domain.charges import Reading
from domain.payouts import (
    IN_DOUBT,
    UNREAD,
    Move,
    Standing,
    next_move,
    park_in_doubt,
    why_in_doubt,
)
from domain.people import GATEWAY
from domain.policy import Policy
from store import events
from store.calls import Answer, Call, call_about
from store.cases import payable, view
from store.clearance import Clearance, ReadCharge, ReadTransfers, clear
from store.inbox import TAKEN_BACK
from store.parking import park
from store.payout_states import doubt, fail, pay, reverse, wait_for_gateway
from store.reservations import failed_last, live, payouts_of, reserve, reserve_elsewhere
from store.tables import Case, Inbox, Payout, PayoutAttempt


def begin(
    session: Session,
    case_id: UUID,
    policy: Policy,
    now: datetime,
    readings: Mapping[str, Reading] = MappingProxyType({}),
) -> Call | ReadCharge | ReadTransfers | Standing:
    """Reserve what is due and say which call to make, or where the case stands if none is.

    No money leaves a charge for the first time but by one of `readings` (by payment), made just
    before: where that is wanting, it is what is to be done next.
    """
    case = events.lock(session, case_id)
    while True:
        payouts = payouts_of(session, case)
        if case.stage == Stage.PAYING and not any(_moving(payout) for payout in payouts):
            reserve(session, case, policy, now)
            payouts = payouts_of(session, case)
        chosen = _choose(session, case, payouts)
        if chosen is None:
            _park_if_stuck(session, case, payouts, policy, now)
            return Standing(view(session, case))
        if chosen.state == PayoutState.RESERVED:
            cleared = clear(session, case, chosen, readings, policy, now)
            if isinstance(cleared, ReadCharge | ReadTransfers | Standing):
                return cleared
            if cleared is Clearance.SHORT:
                reserve_elsewhere(session, case, payouts, chosen, policy, now)
            if cleared is not Clearance.GIVEN:
                _park_if_stuck(session, case, payouts_of(session, case), policy, now)
                continue
        if chosen.way != "store_credit":
            return _call(session, chosen, now)
        pay(session, case, chosen, f"credit-{chosen.payout_id}", now)


def conclude(
    session: Session, call: Call, answer: Answer, policy: Policy, now: datetime
) -> Standing:
    """Take down what the gateway said, and what follows from it for the case."""
    case = events.lock(session, call.case_id)
    payout = session.get_one(Payout, call.payout_id, populate_existing=True)
    if (payout.attempt, payout.way) != (call.attempt, call.way):  # or settled by hand meanwhile
        return Standing(view(session, case), 0)
    was_parked = case.stage == Stage.NEEDS_ATTENTION
    wait = _apply(session, case, payout, call, answer, policy, now)
    if answer.state != PayoutState.UNKNOWN:
        _mark_read(session, call, now)
    payouts = payouts_of(session, case)
    _move_case(session, case, payouts, policy, now)
    if case.stage == Stage.NEEDS_ATTENTION and not was_parked:
        return Standing(view(session, case))
    if answer.state == PayoutState.UNKNOWN:
        return Standing(view(session, case), wait, asking=True)
    following = _choose(session, case, payouts)
    if following is None:
        return Standing(view(session, case))
    return Standing(view(session, case), 0 if _overtakes(following, payout) else wait)


def _moving(payout: Payout) -> bool:
    """True while the payout goes on by itself, without a person."""
    waiting = payout.state == PayoutState.RESERVED and payout.way != "offline"
    return waiting or payout.state in IN_FLIGHT


def _choose(session: Session, case: Case, payouts: Sequence[Payout]) -> Payout | None:
    """The payout to act on: first what was not sent yet, then what is in doubt or has news, last
    what is pending; of several the one asked about least. So no slow payment holds up another.
    """
    told = [p.payout_id for p in payouts if p.state in (PayoutState.PAID, PayoutState.PENDING)]
    unread = select(Inbox.payout_id).where(Inbox.payout_id.in_(told), Inbox.processed_at.is_(None))
    news = set(session.scalars(unread)) if told else set()
    rank = {PayoutState.SENDING: 1, PayoutState.UNKNOWN: 1, PayoutState.PENDING: 2}
    ranked = [(1, p) for p in payouts if p.payout_id in news]
    ranked += [(rank[PayoutState(p.state)], p) for p in payouts if p.state in rank]
    if case.stage == Stage.PAYING or case.attention in UNREAD:
        reserved = [p for p in payouts if p.state == PayoutState.RESERVED]
        ranked += [(1 if p.asked else 0, p) for p in reserved]
    sendable = [(first, p) for first, p in ranked if p.way != "offline"]
    chosen = min(sendable, key=lambda item: (item[0], item[1].asked, item[1].n), default=None)
    return chosen[1] if chosen else None


def _overtakes(following: Payout, payout: Payout) -> bool:
    """True if the next payout to act on does not wait until this one is due again."""
    if following.payout_id == payout.payout_id:
        return False
    return following.state != PayoutState.PENDING or following.asked < payout.asked


def _call(session: Session, payout: Payout, now: datetime) -> Call:
    """The call that is due for this payout; that it goes out is committed before it does."""
    attempt = session.get_one(PayoutAttempt, (payout.payout_id, payout.attempt))
    move = (
        next_move(
            PayoutState(payout.state),
            last_word=payout.code,
            sent_at=attempt.sent_at,
            known_unused=attempt.found_unused_at or payout.unknown_since,
            now=now,
        )
        or Move.ASK
    )
    if move is Move.SEND:
        attempt.state, attempt.sent_at = "sent", now
        if payout.state == PayoutState.RESERVED:
            payout.state = PayoutState.SENDING
    return call_about(session, payout, move, now)


def _apply(
    session: Session,
    case: Case,
    payout: Payout,
    call: Call,
    answer: Answer,
    policy: Policy,
    now: datetime,
) -> float:
    """Change the payout as the answer says. The seconds to wait before the next step."""
    in_flight = payout.state in IN_FLIGHT
    match answer.state:
        case PayoutState.PAID if in_flight:
            pay(session, case, payout, answer.reference, now)
        case PayoutState.FAILED if in_flight:
            fail(session, case, payout, answer.code, now)
        case PayoutState.FAILED if payout.state == PayoutState.PAID:
            reverse(session, case, payout, answer.code, policy, now)
        case PayoutState.PENDING if in_flight:
            return wait_for_gateway(session, case, payout, answer, now)
        case PayoutState.UNKNOWN:
            return doubt(session, case, payout, answer, call.at, now)
        case _:
            pass  # the books say so already
    return 0


def _mark_read(session: Session, call: Call, now: datetime) -> None:
    """News of a payout are done with once the gateway was asked after them, or said the same by
    itself. That money was taken back is asked about after the report of it, however late the
    answer to an earlier question comes in.
    """
    asked_about = call.heard if call.move is Move.ASK else ()
    read = update(Inbox).where(
        Inbox.payout_id == call.payout_id,
        Inbox.processed_at.is_(None),
        or_(Inbox.status.not_in(TAKEN_BACK), Inbox.event_id.in_(asked_about)),
    )
    session.execute(read.values(processed_at=now))


def _move_case(
    session: Session, case: Case, payouts: Sequence[Payout], policy: Policy, now: datetime
) -> None:
    """Park the case, or let it go on, as its payouts now demand."""
    if case.stage == Stage.PAYING:
        doubtful = [p for p in payouts if p.state == PayoutState.UNKNOWN]
        if any(park_in_doubt(p.unknown_since, now) for p in doubtful):
            code = doubtful[0].code
            park(session, case, why_in_doubt(code), policy, now, code)
    elif case.attention in IN_DOUBT and not any(p.state in events.IN_DOUBT for p in payouts):
        events.record(
            session,
            case,
            "unparked",
            GATEWAY,
            now,
            to=Stage.PAYING,
            deadlines=policy.deadlines,
        )
    _park_if_stuck(session, case, payouts, policy, now)


def _park_if_stuck(
    session: Session, case: Case, payouts: Sequence[Payout], policy: Policy, now: datetime
) -> None:
    """Park a paying case that no payout moves on any more, and say why."""
    if case.stage != Stage.PAYING or any(_moving(payout) for payout in payouts):
        return
    if sum(payout.amount for payout in live(payouts)) < payable(case):
        declined = failed_last(payouts)
        if declined:
            park(session, case, Attention.PAYOUT_DECLINED, policy, now, declined[-1].code)
        else:  # why is for staff alone, and stays with the payout
            park(session, case, Attention.CHARGE_MISMATCH, policy, now)
    elif any(payout.state == PayoutState.RESERVED for payout in payouts):
        park(session, case, Attention.OFFLINE_PAYMENT, policy, now)
