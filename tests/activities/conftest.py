"""A shop whose worker runs on the real Temporal server, which keeps what failed attempts said."""

from collections.abc import AsyncIterator, Iterator

import pytest

from runtime.temporal_server import TemporalServer
from store.session import Database
from tests.workflows.platform import Platform, connected, real_temporal


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporalServer]:
    with real_temporal(tmp_path_factory.mktemp("temporal")) as server:
        yield server


@pytest.fixture
async def platform(
    anyio_backend: str, temporal: TemporalServer, database: Database, database_url: str
) -> AsyncIterator[Platform]:
    platform = Platform(await connected(temporal), database, database_url)
    async with platform.working():
        yield platform
        await platform.clear()
