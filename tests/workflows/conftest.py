"""A platform on the time-skipping server, a new one for every test."""

from collections.abc import AsyncIterator

import pytest

from store.session import Database
from tests.workflows.platform import Platform, time_skipping


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def platform(
    anyio_backend: str, database: Database, database_url: str
) -> AsyncIterator[Platform]:
    """A shop whose worker runs. Time flies only while a test lets hours pass."""
    async with time_skipping() as environment:
        platform = Platform(environment.client, database, database_url, environment)
        async with platform.working():
            yield platform
