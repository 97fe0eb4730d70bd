"""Records the histories that replays are tested with: `python -m tests.histories.record [NAME]`.

Run it for a new way to end, and after a patch whose old branch has been removed. Histories of code
that is out in the world are never recorded anew: that they still replay is what they are for.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from runtime.postgres import Postgres
from store.migrations import upgrade
from store.session import Database
from tests.histories import (
    detours,
    exchanges,
    feedback,
    on_the_way,
    parked,
    refunds,
    repairs,
    returns,
    reviews,
    taken_back,
    trusted,
    turned_up,
)
from tests.workflows.platform import Platform, time_skipping

FOLDER = Path(__file__).parent

GROUPS = (
    refunds,
    returns,
    trusted,
    exchanges,
    repairs,
    parked,
    taken_back,
    on_the_way,
    turned_up,
    detours,
    reviews,
    feedback,
)

Way = Callable[[Platform], Awaitable[UUID]]
"""Lives through a case, review or feedback from its beginning to its end."""

PATHS: dict[str, Way] = {path.__name__: path for ways in GROUPS for path in ways.PATHS}


async def record(name: str, database_url: str) -> None:
    """Live through the path on a fresh database, and keep the history of its last run."""
    database = Database(database_url)
    async with time_skipping(identity="recorder") as environment:
        platform = Platform(environment.client, database, database_url, environment)
        async with platform.working():
            named = await PATHS[name](platform)
            await platform.deliver()
            await platform.ends(named)
            text = await platform.history(named)
            kind = platform.kind_of(named)
    database.close()
    (FOLDER / f"{kind}.{name}.json").write_text(text + "\n")
    print(f"recorded {name}, {text.count('eventId')} events")


def main(names: list[str]) -> None:
    with TemporaryDirectory() as folder, Postgres(Path(folder) / "cluster") as server:
        for name in names or PATHS:
            server.create_database(name)
            upgrade(server.url(name))
            asyncio.run(record(name, server.url(name)))


if __name__ == "__main__":
    main(sys.argv[1:])
