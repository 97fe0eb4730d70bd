"""Has paid money stayed paid? Gateways are asked again after a success, less and less often.

A webhook can get lost and a bank sends none, so a success is not the last word until its time is
over. What the gateway then takes back comes in as a report, and goes the way of every report.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases import PayoutState
from domain.payouts import Move, ask_again_at
from store.calls import Call, call_about
from store.inbox import Report, receive
from store.tables import Payout

GATEWAYS = ("original", "bank_card")


def due(session: Session, now: datetime, limit: int) -> list[Call]:
    """The questions that are due, the longest waiting first, each put to one worker at a time.

    The next question is planned before this one is asked: a worker that dies in between costs
    one question, and a gateway that does not answer is asked by the same plan.
    """
    waiting = (
        select(Payout)
        .where(Payout.ask_again_at <= now)
        .order_by(Payout.ask_again_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    calls = []
    for payout in session.scalars(waiting):
        plan(payout, now)
        if payout.state == PayoutState.PAID:
            calls.append(call_about(session, payout, Move.ASK, now))
    return calls


def plan(payout: Payout, now: datetime) -> None:
    """When the gateway is to be asked about this payout again, if ever."""
    payout.ask_again_at = None
    if payout.state == PayoutState.PAID and payout.settled_at and payout.way in GATEWAYS:
        payout.ask_again_at = ask_again_at(
            payout.settled_at, now, at_bank=payout.way == "bank_card"
        )


def taken_back(session: Session, call: Call, now: datetime) -> None:
    """The gateway has answered that the money did not stay: a report, as if it had sent one."""
    report = Report(
        provider="asked",
        event_id=f"{call.gateway_key}-{call.at.isoformat()}",
        type="payout.taken_back",
        status="failed",
        payout_id=call.payout_id,
    )
    receive(session, report, now)
