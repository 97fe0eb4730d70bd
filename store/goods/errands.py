"""One step of what a case has to have done: before the call to the outside party, and after it.

As with payouts: `begin` commits that a call goes out, only then does anybody make it, `conclude`
takes down what was said, and in the same transaction what follows (`store.goods.consequences`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from domain.effects import OPEN, Action, EffectState, Progress, Said, next_move, wait
from domain.payouts import ASK_AFTER_SECONDS, Move
from domain.policy import Policy
from store import events
from store.cases import view
from store.goods import arrivals, bills, dispositions, effects, holds, parcels, repairs
from store.goods.consequences import Word, follow
from store.tables import Case, Effect


@dataclass(frozen=True)
class Errand:
    """The call to make now, and everything that goes into it."""

    move: Move
    action: Action
    effect_id: UUID
    key: str
    case_id: UUID
    storefront: str
    order_id: str
    address: dict[str, Any]
    pieces: tuple[dispositions.Pieces, ...]
    of: str | None
    """What it is about: the carrier's reference of the booking that is cancelled, or the key of
    what is set aside and leaves now.
    """
    reference: str | None
    requested_at: datetime | None
    refusal: str | None
    """The code with which its party refused it, if it did."""
    at: datetime
    held: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """By line, the keys of what was set aside before and is let go of."""
    work: repairs.Work | None = None
    """The unit that a repair shop is to work on."""
    bill: bills.Billed | None = None


def begin(session: Session, case_id: UUID, now: datetime) -> Errand | Progress:
    """The next call that the case has to have made, or where it stands if there is none."""
    case = events.lock(session, case_id)
    effect = effects.next_open(session, case_id)
    if effect is None:
        return Progress(view(session, case))
    move = next_move(
        EffectState(effect.state),
        last_word=effect.code,
        requested_at=effect.requested_at,
        now=now,
    )
    bill = bills.billed(session, effect, now)
    if move is Move.SEND:
        effect.requested_at = now
        if effect.state == EffectState.PLANNED:
            effect.state = EffectState.REQUESTED
    action = Action(effect.action)
    return Errand(
        move=move,
        action=action,
        effect_id=effect.effect_id,
        key=effect.key,
        case_id=case.case_id,
        storefront=case.storefront,
        order_id=case.order_id,
        address=case.address or {},
        pieces=arrivals.pieces_of(session, effect)
        or dispositions.pieces_for(session, case, action),
        of=_about(session, case, action),
        reference=effect.reference,
        requested_at=effect.requested_at,
        refusal=effect.refusal,
        at=now,
        held=holds.kept_under(session, case, but=effect) if action in LETS_GO else {},
        work=repairs.work_on(session, case) if action is Action.WORK_ORDER else None,
        bill=bill,
    )


LETS_GO = (Action.HOLD, Action.RELEASE)


def _about(session: Session, case: Case, action: Action) -> str | None:
    match action:
        case Action.CANCEL_COLLECTION:
            return parcels.booking_of(session, case)
        case Action.SHIP:
            return holds.last(session, case)
        case _:
            return None


def conclude(
    session: Session, errand: Errand, said: Said, policy: Policy, now: datetime
) -> Progress:
    """Take down what was said, and what follows from it for the case."""
    case = events.lock(session, errand.case_id)
    effect = session.get_one(Effect, errand.effect_id, populate_existing=True)
    if effect.state not in OPEN:
        return Progress(view(session, case))
    match said.state:
        case EffectState.UNKNOWN:
            seconds = _doubt(effect, said, now)
            return Progress(view(session, case), seconds)
        case EffectState.DONE:
            effect.state, effect.done_at, effect.code = EffectState.DONE, now, ""
            effect.reference = said.reference
        case _:
            effect.state, effect.code = EffectState.CANCELLED, said.code
    follow(Word(session, case, effect, said, policy, now))
    session.flush()
    return Progress(view(session, case))


def _doubt(effect: Effect, said: Said, now: datetime) -> float:
    """Nobody has said what became of it. The seconds until its party is asked."""
    if effect.state != EffectState.UNKNOWN:
        effect.state, effect.unknown_since, effect.asked = EffectState.UNKNOWN, now, 0
    effect.code = said.code
    if said.refused:
        effect.refusal = said.code
    seconds = wait(effect.asked)
    effect.asked += 1
    return max(seconds, min(said.retry_after or 0, ASK_AFTER_SECONDS[-1]))
