"""Stock that the platform keeps itself: what a gateway would answer, out of our own database."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm import Session

from domain.effects import Returned
from domain.messages import Condition
from gateways.testimony import Testimony, Verdict
from store.goods import stock
from store.session import Database

AWAY = (OperationalError, InterfaceError, TimeoutError)


class EmbeddedStock:
    """`gateways.stock.Stock` on PostgreSQL, one transaction an operation."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def hold(
        self,
        *,
        key: str,
        storefront: str,
        sku: str,
        quantity: int,
        until: datetime,
        instead_of: Sequence[str] = (),
        warehouse: str | None = None,
        condition: Condition = Condition.NEW,
    ) -> Testimony:
        return self._ask(
            lambda session, now: stock.hold(
                session,
                key=key,
                storefront=storefront,
                sku=sku,
                quantity=quantity,
                until=until,
                instead_of=instead_of,
                warehouse=warehouse,
                condition=condition,
                now=now,
            )
        )

    def release(self, *, key: str) -> Testimony:
        return self._ask(lambda session, now: stock.release(session, key=key, now=now))

    def ship(self, *, key: str) -> Testimony:
        return self._ask(lambda session, now: stock.ship(session, key=key, now=now))

    def put_back(self, *, storefront: str, pieces: Sequence[Returned]) -> Testimony:
        return self._ask(lambda session, now: stock.put_back(session, storefront, pieces, now=now))

    def expire(self) -> int:
        """End holds whose time is over, one SKU's in a transaction; how many were found."""
        ended = 0
        while found := self._database.run(lambda session: stock.expire(session, self._clock())):
            ended += found
        return ended

    def _ask(self, work: Callable[[Session, datetime], str | None]) -> Testimony:
        try:
            warehouse = self._database.run(lambda session: work(session, self._clock()))
        except stock.Unmet as unmet:
            return Testimony(verdict=Verdict.FAILED, code=unmet.code)
        except AWAY:  # a commit whose answer was lost may have happened
            return Testimony(verdict=Verdict.AMBIGUOUS, code="database_away")
        return Testimony(verdict=Verdict.SUCCEEDED, reference=warehouse)
