"""One step of an effect: before the call to the outside party, and after it.

As with payouts: `begin` commits that a call goes out, only then does anybody make it, `conclude`
records the reply, and in the same transaction what follows (`store.goods.consequences`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from domain.bills import BillState, DebtState, ask_again_in
from domain.cases import CaseView
from domain.effect_calls import next_move, wait
from domain.effects import OPEN, EffectAction, EffectRef, EffectState, Said
from domain.payouts import ASK_AFTER_SECONDS, Move
from domain.policy import Policy
from store import events
from store.cases import view
from store.goods.consequences import Word, follow
from store.goods.effect_requests import EffectRequest, request_for
from store.tables import Bill, Case, Effect


@dataclass(frozen=True)
class StepResult:
    """Where a case stands after a step. `wake_after` is when to ask again, in seconds: because
    the party owes an answer (`in_doubt`), or because the buyer has not paid yet.
    """

    case: CaseView
    wake_after: float | None = None
    in_doubt: bool = False


def begin(session: Session, ref: EffectRef, now: datetime) -> EffectRequest | StepResult:
    """The next call of this effect, or where its case stands if there is none to make."""
    case = events.lock(session, ref.case_id)
    effect = session.get(Effect, ref.effect_id)
    if effect is None or effect.state not in OPEN or _no_longer_collected(session, effect):
        return StepResult(view(session, case))
    move = next_move(
        EffectState(effect.state),
        last_word=effect.code,
        requested_at=effect.requested_at,
        now=now,
    )
    request = request_for(session, case, effect, move, now)
    if move is Move.SEND:
        effect.requested_at = now
        if effect.state == EffectState.PLANNED:
            effect.state = EffectState.REQUESTED
    return request


def begin_check(session: Session, ref: EffectRef, now: datetime) -> EffectRequest | StepResult:
    """The question about an open bill, beside the activity that collects it; none before it is
    known to be open.
    """
    case = events.lock(session, ref.case_id)
    if session.get_one(Effect, ref.effect_id).reference is None:
        return StepResult(view(session, case))
    return begin(session, ref, now)


def conclude(
    session: Session, request: EffectRequest, said: Said, policy: Policy, now: datetime
) -> StepResult:
    """Record the reply, and what follows from it for the case."""
    case = events.lock(session, request.case_id)
    effect = session.get_one(Effect, request.effect_id, populate_existing=True)
    if effect.state not in OPEN:
        return StepResult(view(session, case))
    if said.state is EffectState.UNKNOWN:
        seconds = _doubt(effect, said, now)
        return StepResult(view(session, case), seconds, in_doubt=not effect.reference)
    return settle(session, case, effect, said, policy, now)


def settle(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> StepResult:
    """Let a locked case go on by what is known for good of an open effect of it."""
    if said.state is EffectState.DONE and _stands(effect, said):
        return _collect(session, case, effect, said, policy, now)
    if said.state is EffectState.DONE:
        effect.state, effect.done_at, effect.code = EffectState.DONE, now, ""
        effect.reference = said.reference
    else:
        effect.state, effect.code = EffectState.CANCELLED, said.code
    follow(Word(session, case, effect, said, policy, now))
    session.flush()
    return StepResult(view(session, case))


def _stands(effect: Effect, said: Said) -> bool:
    """True of an opened bill: its effect is done once the buyer has paid."""
    collects = effect.action == EffectAction.COLLECT_BILL
    return collects and said.bill is not None and said.bill.state is not BillState.PAID


def _collect(
    session: Session, case: Case, effect: Effect, said: Said, policy: Policy, now: datetime
) -> StepResult:
    """The gateway waits for the buyer, or its time for them is over."""
    first = effect.reference is None
    effect.state, effect.code, effect.asked = EffectState.REQUESTED, "", 0
    effect.reference, effect.unknown_since = said.reference, None
    follow(Word(session, case, effect, said, policy, now))
    session.flush()
    if effect.state not in OPEN or _no_longer_collected(session, effect):
        return StepResult(view(session, case))
    bill = session.get_one(Bill, effect.bill_id)
    until = min(bill.opened_until or bill.due_at, bill.due_at)
    return StepResult(view(session, case), ask_again_in(until, now, first=first))


def _no_longer_collected(session: Session, effect: Effect) -> bool:
    """True of an opened bill that its case wants paid no more: `cancel_bill` sees to it."""
    if effect.action != EffectAction.COLLECT_BILL or effect.reference is None:
        return False
    return session.get_one(Bill, effect.bill_id).state != DebtState.OPEN


def _doubt(effect: Effect, said: Said, now: datetime) -> float:
    """The party has not answered. The seconds until it is asked (again).

    A bill that is open already stays so: only the question about it has failed.
    """
    if effect.reference is None or effect.action != EffectAction.COLLECT_BILL:
        if effect.state != EffectState.UNKNOWN:
            effect.state, effect.unknown_since, effect.asked = EffectState.UNKNOWN, now, 0
        effect.code = said.code
        if said.refused:
            effect.refusal = said.code
    seconds = wait(effect.asked)
    effect.asked += 1
    return max(seconds, min(said.retry_after or 0, ASK_AFTER_SECONDS[-1]))
