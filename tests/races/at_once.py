"""Many clients at one moment, and a database that forgets its locks."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, get_ident
from typing import Any, TypeVar

from sqlalchemy import event

from domain.refusals import Refusal
from store.session import Database

T = TypeVar("T")
PATIENCE = 30  # seconds until a client that never came breaks the round


def at_once(works: Sequence[Callable[[], T]]) -> list[T | Refusal]:
    """Start every work in a thread of its own at the same moment; what each got, in order.

    A refusal is an outcome like another; any other error ends the test.
    """
    barrier = Barrier(len(works))

    def run(work: Callable[[], T]) -> T | Refusal:
        barrier.wait(PATIENCE)
        try:
            return work()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(works)) as clients:
        return list(clients.map(run, works))


def won(outcomes: Sequence[T | Refusal]) -> list[T]:
    return [outcome for outcome in outcomes if not isinstance(outcome, Refusal)]


def slugs(outcomes: Sequence[object]) -> Counter[str]:
    """How often each refusal came up."""
    return Counter(o.why.slug for o in outcomes if isinstance(o, Refusal))


@contextmanager
def unlocked(database: Database, *, clients: int, after: str) -> Iterator[None]:
    """Inside, no reader takes a row lock, and no client goes on before all have read.

    `after` begins the statement by which a client has read what it is going to change. Each
    client waits there once, so a transaction that is run anew finds nobody to wait for.
    """
    barrier = Barrier(clients)
    met: set[int] = set()

    def forget(*arguments: Any) -> tuple[str, Any]:
        _, _, statement, parameters, _, _ = arguments
        return statement.replace(" FOR UPDATE", ""), parameters

    def meet(*arguments: Any) -> None:
        if arguments[2].startswith(after) and get_ident() not in met:
            met.add(get_ident())
            barrier.wait(PATIENCE)

    event.listen(database.engine, "before_cursor_execute", forget, retval=True)
    event.listen(database.engine, "after_cursor_execute", meet)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", forget)
        event.remove(database.engine, "after_cursor_execute", meet)
    assert len(met) == clients, "not every client raced"
