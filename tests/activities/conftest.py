"""A shop whose worker runs on the real Temporal server, which keeps what failed attempts said."""

from collections.abc import AsyncIterator

import pytest

from runtime.temporal_server import TemporalServer
from store.session import Database
from tests.workflows.platform import Platform, connected


@pytest.fixture
async def platform(
    anyio_backend: str, temporal: TemporalServer, database: Database, database_url: str
) -> AsyncIterator[Platform]:
    platform = Platform(await connected(temporal), database, database_url)
    async with platform.working():
        yield platform
        await platform.clear()
