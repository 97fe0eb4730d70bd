"""Shops beside a real Temporal server; whether anybody works there is each test's business."""

from collections.abc import AsyncIterator

import pytest

from runtime.temporal_server import TemporalServer
from store.session import Database
from tests.workflows.platform import Platform, connected


@pytest.fixture
async def platform(
    anyio_backend: str, temporal: TemporalServer, database: Database, database_url: str
) -> AsyncIterator[Platform]:
    """A shop with a relay that runs when told to, and no worker."""
    platform = Platform(await connected(temporal), database, database_url)
    yield platform
    await platform.clear()
