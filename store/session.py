"""How we reach PostgreSQL: one engine a process, short transactions, nothing hanging for long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from uuid_utils.compat import uuid7

CONNECT_TIMEOUT_SECONDS = 2
POOL_TIMEOUT_SECONDS = 2
LOCK_TIMEOUT_MS = 2_000
STATEMENT_TIMEOUT_MS = 3_500
"""An outage has to become a 503 within 5 s, so every wait below it is shorter."""

ATTEMPTS = 3
RACES = ("23505", "23P01", "40001", "40P01")
"""unique_violation, exclusion_violation, serialization_failure, deadlock_detected."""

T = TypeVar("T")


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
                # A host that vanished while we wait for its answer is noticed in 20 s, not 2 h.
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 2,
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

    def run(self, work: Callable[[Session], T]) -> T:
        """One transaction around `work`, run anew, whole, where it lost against another.

        A row that both wrote, a deadlock, a version that moved on: what the second run reads is
        what the first writer left, and the rules refuse it by name.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.begin() as session:
                    return work(session)
            except (IntegrityError, StaleDataError, OperationalError) as error:
                if attempt == ATTEMPTS or not _lost_a_race(error):
                    raise
        raise AssertionError("unreachable")

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Read-only and consistent over several statements."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.execute(text("set transaction isolation level repeatable read read only"))
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _lost_a_race(error: Exception) -> bool:
    code = getattr(getattr(error, "orig", None), "pgcode", None)
    return isinstance(error, StaleDataError) or code in RACES


def new_id() -> UUID:
    """A UUIDv7: the one place that mints ids. They sort by the time they were made."""
    return uuid7()
