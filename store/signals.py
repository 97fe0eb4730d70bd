"""Signals: what came to a workflow by the API, or by hand from the Temporal UI or command line.

Both are settled here, by the same functions the API uses. What is refused changes nothing, and an
event says so; its text is never copied, for it may hold anything.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from domain.messages import (
    CANCELLATION,
    OUTSIDE_ID,
    SIGNALS,
    Action,
    Approve,
    Cancel,
    Reject,
    Resume,
    Signal,
)
from domain.people import SYSTEM, Actor, Channel
from domain.policy import Policy
from domain.refusals import Refusal, Why
from domain.refused_signals import REFUSED_ONE_BY_ONE, Refused, counted
from store import events, tokens
from store.cases import cancel
from store.decisions import decide
from store.resumes import resume


def settle(session: Session, case_id: UUID, signal: Signal, policy: Policy, now: datetime) -> None:
    """Carry out a signal. Raises Refusal; settling it twice is settling it once. One sent by hand
    is authenticated by nobody: it never says where money goes, and may be switched off as a whole.

    The relay's own signals name an event that is there already, and end here at once.
    """
    if signal.name not in SIGNALS or not isinstance(signal.payload, Mapping):
        raise Refusal(Why.INVALID)
    fields = dict(signal.payload)
    if fields.keys() == {"message_id"}:
        if not events.known(session, case_id, name_of(fields["message_id"])):
            raise Refusal(Why.INVALID)
        return
    if not policy.raw_signals:
        raise Refusal(Why.RAW_SIGNALS_OFF)
    actor = actor_of(session, fields.pop("actor", None))
    try:
        message = SIGNALS[signal.name].model_validate(fields)
    except (ValidationError, RecursionError):
        raise Refusal(Why.INVALID) from None
    match message:
        case Approve() | Reject():
            named = message.decision_id or signal.id
            word = message.model_copy(update={"decision_id": named})
            decide(session, case_id, word, actor, policy, now)
        case Resume(payout_to=to) if to is not None:
            raise Refusal(Why.FORBIDDEN)  # whoever sends it says who it is from
        case Resume(action=Action.ACCEPT):
            raise Refusal(Why.FORBIDDEN)  # and two people are two only if each was known
        case Resume():
            order = message.model_copy(update={"resume_id": message.resume_id or signal.id})
            resume(session, case_id, order, actor, policy, now)
        case Cancel():
            cancel(session, case_id, message, actor, now)


KNOWN = (*SIGNALS, CANCELLATION)
BY_HAND = replace(SYSTEM, channel=Channel.TEMPORAL)
"""Who writes down what somebody unknown has sent."""


def refuse(session: Session, case_id: UUID, signal: Signal, why: Why, now: datetime) -> bool:
    """Write down, once, that a signal was refused and why. False if the case has as many events of
    this as it may have: then it is to be counted.
    """
    if events.times(session, case_id, "signal_refused") >= REFUSED_ONE_BY_ONE:
        return False
    case = events.lock(session, case_id)
    if not events.known(session, case_id, signal.id):
        name = signal.name if signal.name in KNOWN else "unknown"
        events.record(
            session,
            case,
            "signal_refused",
            who_tried(session, signal) or BY_HAND,
            now,
            detail=f"{name}: {why.slug}",
            message_id=signal.id,
        )
    return True


def count_refused(
    session: Session, case_id: UUID, refused: Sequence[Refused], now: datetime
) -> None:
    """Write down, in one event, how many signals were refused. Those that have had their event,
    alone or in an earlier count, are not counted again.
    """
    case = events.lock(session, case_id)
    new = refused[events.handled(session, case_id, [each.signal.id for each in refused]) :]
    if new:
        last = new[-1].signal.id
        events.record(
            session,
            case,
            "signals_refused",
            BY_HAND,
            now,
            detail=counted(new, KNOWN),
            message_id=last,
        )


def actor_of(session: Session, name: Any) -> Actor:
    actor = tokens.named(session, name_of(name))
    if actor is None:
        raise Refusal(Why.UNAUTHENTICATED)
    return replace(actor, channel=Channel.TEMPORAL)


def who_tried(session: Session, signal: Signal) -> Actor | None:
    """The holder of the token that a refused signal names, if it names one of ours."""
    named = signal.payload.get("actor") if isinstance(signal.payload, Mapping) else None
    if not isinstance(named, str) or not _is_name(named):
        return None
    actor = tokens.named(session, named)
    return replace(actor, channel=Channel.TEMPORAL) if actor else None


def _is_name(value: str) -> bool:
    return re.fullmatch(OUTSIDE_ID, value) is not None


def name_of(value: Any) -> str:
    if not isinstance(value, str) or not _is_name(value):
        raise Refusal(Why.INVALID)
    return value
