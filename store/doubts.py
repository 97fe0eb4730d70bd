"""Payouts whose fate nobody tells: settled by hand by two people, and asked about for months."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.cases import IN_FLIGHT, PayoutState
from domain.payouts import Move, look_again_at, may_be_settled_from
from domain.people import GATEWAY
from domain.policy import Policy
from domain.refusals import Refusal, Why
from store import events, gateway_book
from store.calls import Answer, Call, call_about
from store.gateway_book import Entry
from store.tables import Payout, SettledDoubt

LEFT = (PayoutState.PAID, PayoutState.PENDING)
"""What the gateway says of money that left by it, or is about to."""


def check_settleable(payouts: Sequence[Payout], policy: Policy, now: datetime) -> None:
    """Refuse to settle by hand what a gateway may still tell of. Raises Refusal: payout-in-doubt,
    with the time `from` which two people may do so; none while a payout is on its way.
    """
    in_flight = [payout for payout in payouts if payout.state in IN_FLIGHT]
    unknown = [p.unknown_since for p in in_flight if p.state == PayoutState.UNKNOWN]
    since = [at for at in unknown if at is not None]
    if len(since) < len(in_flight):
        raise Refusal(Why.PAYOUT_IN_DOUBT)
    first = may_be_settled_from(max(since), policy.payouts.doubt_hours)
    if now < first:
        told = f"{first:%Y-%m-%dT%H:%M:%SZ}"
        raise Refusal(Why.PAYOUT_IN_DOUBT, f"two people may settle it from {told} on", since=told)


def settle(session: Session, payout: Payout, now: datetime) -> None:
    """The payout of a locked case goes no way but by hand from here on: its key is not sent again,
    and the gateway is asked whether it left all the same.
    """
    assert payout.unknown_since is not None  # a CHECK: what is unknown has been so since then
    session.add(
        SettledDoubt(
            payout_id=payout.payout_id,
            storefront=payout.storefront,
            way=payout.way,
            unknown_since=payout.unknown_since,
            settled_at=now,
            ask_at=now,
        )
    )
    payout.way = "offline"


def due(session: Session, now: datetime, limit: int) -> list[Call]:
    """The questions that are due, each put to one worker at a time; the next is planned with it."""
    waiting = (
        select(SettledDoubt)
        .where(SettledDoubt.ask_at <= now)
        .order_by(SettledDoubt.ask_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    calls = []
    for doubt in session.scalars(waiting):
        doubt.ask_at = look_again_at(doubt.settled_at, now)
        payout = session.get_one(Payout, doubt.payout_id)
        about = call_about(session, payout, Move.ASK, now)
        calls.append(replace(about, way=doubt.way, reference=None))  # the reference is a person's
    return calls


def ask_soon(session: Session, payout: Payout, now: datetime) -> None:
    """A gateway has reported something of a payout that was settled by hand: ask it."""
    asked = SettledDoubt.ask_at.is_not(None), SettledDoubt.payout_id == payout.payout_id
    session.execute(update(SettledDoubt).where(*asked).values(ask_at=now))


def take_down(session: Session, call: Call, answer: Answer, now: datetime) -> None:
    """Record a refund found of a payout that was settled by hand, once: its buyer was paid twice.
    In the gateway's book it is a difference that somebody has to own (`store.differences`). Any
    other answer changes nothing.
    """
    if answer.state not in LEFT or answer.reference is None:
        return
    case = events.lock(session, call.case_id)
    doubt = session.get_one(SettledDoubt, call.payout_id, populate_existing=True)
    if doubt.found is None:
        doubt.found, doubt.found_at, doubt.ask_at = answer.reference, now, None
        gateway_book.take_in(session, [_entry(call, answer, now)], now)
        told = f"{call.payout_id} {call.amount} {call.currency} {answer.reference}"
        events.record(session, case, "settled_payout_found", GATEWAY, now, detail=told)


def _entry(call: Call, answer: Answer, now: datetime) -> Entry:
    """The refund as the gateway lists it. Its own time is not in an answer; the next reading has
    it.
    """
    assert answer.reference is not None  # what has left has a name there
    return Entry(
        refund_id=answer.reference,
        way=call.way,
        charge=call.payment if call.way == "original" else None,
        amount=call.amount,
        currency=call.currency,
        status="succeeded" if answer.state is PayoutState.PAID else "pending",
        created_at=now,
        key=call.gateway_key,
        order_id=call.order_id,
        case_id=call.case_id,
        payout_id=call.payout_id,
    )
