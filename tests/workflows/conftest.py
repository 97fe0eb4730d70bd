"""Platforms on the time-skipping server, a new one for every test, and on the real one."""

from collections.abc import AsyncIterator

import pytest

from runtime.temporal_server import TemporalServer
from store.session import Database
from tests.workflows.platform import Platform, connected, time_skipping


@pytest.fixture
async def platform(
    anyio_backend: str, database: Database, database_url: str
) -> AsyncIterator[Platform]:
    """A shop whose worker runs. Time flies only while a test lets hours pass."""
    async with time_skipping() as environment:
        platform = Platform(environment.client, database, database_url, environment)
        async with platform.working():
            yield platform


@pytest.fixture
async def real_platform(
    anyio_backend: str, temporal: TemporalServer, database: Database, database_url: str
) -> AsyncIterator[Platform]:
    """The same on the server that `aftersales up` runs."""
    platform = Platform(await connected(temporal), database, database_url)
    async with platform.working():
        yield platform
        await platform.clear()
