"""How far is it? A bar with speed and time left on a terminal, a line now and then elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich import progress as bars
from rich.console import Console

LINE_EVERY = 5.0  # seconds


@contextmanager
def progress(console: Console, what: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    """Call what this yields with the number done so far, of `total` of `unit`."""
    if not console.is_terminal:
        yield _lines(console, what, total, unit)
        return
    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        _Speed(unit),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


class _Speed(bars.ProgressColumn):
    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: bars.Task) -> str:
        return f"{task.speed or 0:.1f} {self._unit}/s"


def _lines(console: Console, what: str, total: int, unit: str) -> Callable[[int], None]:
    begun = monotonic()
    said = begun

    def done(number: int) -> None:
        nonlocal said
        now = monotonic()
        if now - said < LINE_EVERY or number >= total:
            return
        said = now
        speed = number / (now - begun)
        left = f", about {(total - number) / speed:.0f} s left" if number else ""
        console.print(f"{what}: {number} of {total}, {speed:.1f} {unit}/s{left}", highlight=False)

    return done
