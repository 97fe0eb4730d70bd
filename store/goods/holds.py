"""Stock that is set aside for a case: asked for, and let go of when nobody wants it any more."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.effects import EffectAction, EffectState
from domain.people import SYSTEM
from store import events
from store.goods import effects
from store.tables import Case, CaseLine, Effect


def ask_for(session: Session, case: Case, now: datetime) -> None:
    """Have what goes to the buyer set aside, instead of what was before."""
    effects.plan(session, case, EffectAction.HOLD_STOCK, now)


def let_go(session: Session, case: Case, now: datetime) -> None:
    """What was set aside is for others again; what is only planned is forgotten."""
    moved = effects.of_case(
        session,
        case.case_id,
        EffectAction.HOLD_STOCK,
        EffectAction.RELEASE_STOCK,
        EffectAction.SHIP_STOCK,
    )
    for each in moved:
        if each.action != EffectAction.RELEASE_STOCK:
            effects.withdraw(each, "let_go")
    last = next((each for each in reversed(moved) if each.state != EffectState.CANCELLED), None)
    if last and last.action == EffectAction.HOLD_STOCK:
        effects.plan(session, case, EffectAction.RELEASE_STOCK, now)
        events.record(session, case, "stock_let_go", SYSTEM, now)


def kept_under(session: Session, case: Case, but: Effect) -> dict[int, list[str]]:
    """By line, the keys under which something may be set aside by an effect other than this."""
    holds = effects.of_case(session, case.case_id, EffectAction.HOLD_STOCK)
    asked = [hold for hold in holds if hold.requested_at and hold.effect_id != but.effect_id]
    lines = _lines(session, case.case_id)
    return {line: [key_of(hold.key, line) for hold in asked] for line in lines}


def last(session: Session, case: Case) -> str | None:
    """The key of what is set aside for the case now."""
    holds = effects.of_case(session, case.case_id, EffectAction.HOLD_STOCK)
    return next((hold.key for hold in reversed(holds) if hold.state == EffectState.DONE), None)


def key_of(hold: str, line: int) -> str:
    """The key of one line's pieces, each once set aside, shipped or released."""
    return f"{hold}-{line}"


def _lines(session: Session, case_id: UUID) -> Sequence[int]:
    of_case = select(CaseLine.line).where(CaseLine.case_id == case_id)
    return session.scalars(of_case.order_by(CaseLine.position)).all()
