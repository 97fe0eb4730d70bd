"""The ground under the tests: a real PostgreSQL a session, a database of its own a test."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
import pytest

from runtime.postgres import Postgres
from runtime.temporal_server import TemporalServer
from store.migrations import upgrade
from store.session import Database
from tests.shop import Shop
from tests.workflows.platform import real_temporal

_numbers = itertools.count()


MEMORY = Path("/dev/shm")
"""A file system without a disk, where there is one: databases come and go there in no time."""

WITHOUT_CARE = {"fsync": "off", "full_page_writes": "off", "max_connections": "400"}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for throw-away databases: the product's own, without its care for power cuts."""
    place = MEMORY if MEMORY.is_dir() else None
    with (
        TemporaryDirectory(dir=place) as data,
        Postgres(Path(data) / "postgres", settings=WITHOUT_CARE) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporalServer]:
    """The Temporal server that `aftersales up` runs; the cases of a test are cleared by it."""
    with real_temporal(tmp_path_factory.mktemp("temporal")) as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> str:
    """A migrated database to clone."""
    postgres.create_database("template")
    upgrade(postgres.url("template"))
    return "template"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def database_url(postgres: Postgres, template: str) -> Iterator[str]:
    """A fresh, migrated database."""
    name = f"test_{next(_numbers)}"
    _execute(postgres, f'create database "{name}" template "{template}"')
    yield postgres.url(name)
    _execute(postgres, f'drop database "{name}" with (force)')


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def shop(database: Database) -> Shop:
    """A storefront with its people, ready to sell."""
    return Shop(database)


def _execute(server: Postgres, statement: str) -> None:
    connection = psycopg2.connect(server.url("postgres").replace("+psycopg2", ""))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
