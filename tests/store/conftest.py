"""A till for every test, and a look into the books after it."""

from collections.abc import Iterator

import pytest

from store.session import Database
from tests.shop import Shop
from tests.store.books import broken
from tests.store.till import Till


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop)


@pytest.fixture(autouse=True)
def _books_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did through the store, the books have to add up at its end."""
    database: Database | None = None
    if "database" in request.fixturenames:
        database = request.getfixturevalue("database")
    yield
    if database is not None:
        assert broken(database) == {}
