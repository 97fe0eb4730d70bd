"""What is written down of signals that changed nothing, however many there are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.messages import Signal
from domain.refusals import Why


@dataclass(frozen=True)
class Refused:
    """A signal that changed nothing, and why."""

    signal: Signal
    why: Why


REFUSED_ONE_BY_ONE = 100
"""So many refused signals of one case, review or feedback have an event each, which is enough to
see who tries what. Anybody who reaches Temporal can send more than history is read for; the others
are counted, some at a time.
"""


def counted(refused: Sequence[Refused], known: Iterable[str]) -> str:
    """What the one event of many refused signals says, by name and reason."""
    times = Counter(
        f"{each.signal.name if each.signal.name in known else 'unknown'}: {each.why.slug}"
        for each in refused
    )
    return f"{len(refused)} more: " + ", ".join(f"{what} {n}" for what, n in sorted(times.items()))
