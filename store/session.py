"""How we reach PostgreSQL: one engine a process, short transactions, nothing hanging for long."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

CONNECT_TIMEOUT_SECONDS = 2
POOL_TIMEOUT_SECONDS = 2
LOCK_TIMEOUT_MS = 2_000
STATEMENT_TIMEOUT_MS = 4_000
"""An outage has to become a 503 within 5 s, so every wait below it is shorter."""


class Database:
    """The transactions of one process."""

    def __init__(self, url: str, *, pool: int = 20) -> None:
        self.engine: Engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg2"),
            pool_size=pool,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                "tcp_user_timeout": STATEMENT_TIMEOUT_MS,
                "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} "
                f"-c statement_timeout={STATEMENT_TIMEOUT_MS} "
                "-c timezone=UTC -c idle_in_transaction_session_timeout=60000",
            },
        )

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back by any exception."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Read-only and consistent over several statements."""
        with Session(self.engine) as session, session.begin():
            session.execute(text("set transaction isolation level repeatable read read only"))
            yield session

    def close(self) -> None:
        self.engine.dispose()


def new_id() -> UUID:
    """A UUIDv7: the one place that mints ids. They sort by the time they were made."""
    return uuid7()
