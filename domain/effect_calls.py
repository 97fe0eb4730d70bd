"""When to ask an outside party for an effect, and when to ask what became of it.

As with payouts, what was asked for and got no answer is looked up by our key, and goes out again
under the same key only once its party has reported that it did nothing.
"""

from datetime import datetime

from domain.effects import EffectState
from domain.payouts import ASK_AFTER_SECONDS, LastWord, Move, is_quiet, park_in_doubt


def next_move(
    state: EffectState, *, last_word: str, requested_at: datetime | None, now: datetime
) -> Move:
    """Whether to ask for it (again, under the same key) or to ask what became of it."""
    match state:
        case EffectState.PLANNED:
            return Move.SEND
        case EffectState.UNKNOWN if last_word in tuple(LastWord):
            return Move.SEND if is_quiet(requested_at, now) else Move.ASK
        case _:
            return Move.ASK


def is_in_doubt(state: EffectState, unknown_since: datetime | None, now: datetime) -> bool:
    """True once its party has owed an answer for so long that a person should look."""
    return state is EffectState.UNKNOWN and park_in_doubt(unknown_since, now)


def wait(asked: int) -> float:
    """Seconds until the next question about something that was asked about so often."""
    return ASK_AFTER_SECONDS[min(asked, len(ASK_AFTER_SECONDS) - 1)]
