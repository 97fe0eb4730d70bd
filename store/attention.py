"""Why does a case need a person? By codes, and which cases have one of them.

The one place where codes are gathered: what is shown and what the filter finds is the same.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists

from domain.cases import Attention
from domain.effect_calls import is_in_doubt
from domain.effects import EffectAction, EffectDoubt, EffectState
from domain.payouts import PARK_IN_DOUBT_AFTER
from store.tables import Case, Effect


def attention_of(
    case: Case, effects: Sequence[Effect], now: datetime
) -> list[Attention | EffectDoubt]:
    """Every code of the case, of what it is parked for first; none where nobody is needed."""
    parked: list[Attention | EffectDoubt] = [Attention(case.attention)] if case.attention else []
    doubtful = {
        EffectDoubt[EffectAction(effect.action).name]: None
        for effect in effects
        if is_in_doubt(EffectState(effect.state), effect.unknown_since, now)
    }
    return [*parked, *doubtful]


def needs_attention(code: Attention | EffectDoubt, now: datetime) -> ColumnElement[bool]:
    """Cases that have this code."""
    if isinstance(code, Attention):
        return Case.attention == code
    return exists().where(
        Effect.case_id == Case.case_id,
        Effect.action == EffectAction[code.name],
        Effect.state == EffectState.UNKNOWN,
        Effect.unknown_since <= now - PARK_IN_DOUBT_AFTER,
    )
