"""How are signals settled that came in any number? Of cases and submissions alike."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from domain.messages import Signal
from domain.refusals import Refusal, Why
from domain.refused_signals import Refused

COUNTED_AT_ONCE = 25
"""After so many signals what was refused is written down, so that a step that runs out of time goes
on from there: it has 10 s, and 0.4 s for one signal would be a bad day."""


def settle_each(
    signals: Sequence[Signal],
    settle: Callable[[Signal], object],
    refuse: Callable[[Signal, Why], bool],
    count: Callable[[list[Refused]], object],
    handled: Callable[[list[str]], int],
) -> None:
    """Carry out each signal by `settle`, or have `refuse` write down that it was refused. Once that
    is full (it answers False), the other refused ones are counted, some at a time, by `count`.

    Each has its own transaction. Where there are many, `handled` says how many of the first have
    been through this before.
    """
    ids = [signal.id for signal in signals]
    begin = handled(ids) if len(ids) > COUNTED_AT_ONCE else 0
    for at in range(begin, len(signals), COUNTED_AT_ONCE):
        more: list[Refused] = []
        for signal in signals[at : at + COUNTED_AT_ONCE]:
            read = replace(signal, payload=read_json(signal.payload))
            try:
                settle(read)
            except Refusal as refusal:
                if more or not refuse(read, refusal.why):
                    more.append(Refused(read, refusal.why))
        if more:
            count(more)


def read_json(text: str | None) -> Any:
    """What the JSON text says; None, which no message is, if it says nothing."""
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None
