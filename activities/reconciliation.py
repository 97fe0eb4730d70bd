"""Our books against the gateways' own lists: read what they moved, compare, keep what differs."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial

from temporalio import activity

from domain.reconciliation import Difference
from gateways.statements import Statement, Unlisted
from store import differences, gateway_book
from store.session import Database

LOOKED_AT_AGAIN = 500
"""How many refunds, at most, are asked about by name where their status is not what we have."""


@dataclass(frozen=True)
class Reconciled:
    """How many rows of each gateway's list were read, which list could not be and why (a code),
    and how many differences nobody has resolved.
    """

    read: dict[str, int] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    live: int = 0


Watch = Callable[[str, datetime, datetime, int], None]
"""Told after each page: the gateway's way, since when its list is read, the time of the oldest row
so far, and how many rows that makes.
"""


class Reconciliation:
    """`statements` by the way money goes. `decides` is true of who moves the money: it knows which
    gateway that is; anybody else refuses to mix another's list in.
    """

    def __init__(
        self,
        database: Database,
        statements: Mapping[str, Statement],
        clock: Callable[[], datetime],
        *,
        decides: bool = False,
    ) -> None:
        self._database = database
        self._statements = statements
        self._clock = clock
        self._decides = decides

    @activity.defn(name="reconcile_gateways")
    def reconcile_gateways(self) -> Reconciled:
        """Read what is new on the gateways' lists and compare. Safe to repeat at any moment."""
        return self.run(watch=lambda *progress: activity.heartbeat(*progress))

    def run(self, since: datetime | None = None, watch: Watch = lambda *_: None) -> Reconciled:
        """The same for anybody, from `since` on at least. Raises OtherGateway before it reads."""
        begun = self._clock()
        if self._decides:
            bases = {way: statement.base for way, statement in self._statements.items()}
            self._database.run(lambda session: gateway_book.forget_other(session, bases))
        done = Reconciled()
        for way in self._statements:
            try:
                done.read[way] = self._read(way, since, begun, watch)
            except Unlisted as error:
                done.unread[way] = str(error)
        self._compare(list(done.read), begun)
        with self._database.begin() as session:
            return Reconciled(done.read, done.unread, len(differences.live(session)))

    def _read(self, way: str, wanted: datetime | None, begun: datetime, watch: Watch) -> int:
        statement = self._statements[way]
        with self._database.begin() as session:
            since = gateway_book.read_since(session, way, statement.base, wanted, begun)
        count = 0
        for page in statement.pages(since):
            entries = [gateway_book.Entry(**asdict(row)) for row in page]
            self._database.run(partial(gateway_book.take_in, entries=entries, now=begun))
            count += len(entries)
            if entries:
                watch(way, since, entries[-1].created_at, count)
        self._database.run(
            lambda session: gateway_book.has_been_read(session, way, statement.base, since, begun)
        )
        return count

    def _compare(self, ways: list[str], begun: datetime) -> None:
        """A status may have changed since the list was read, so such a row is looked at again
        before it counts.
        """
        with self._database.begin() as session:
            found = differences.compare(session, ways)
            doubtful = {d.refund_id: d.way for d in found if d.kind is Difference.STATUS_DIFFERS}
            stale = gateway_book.seen_before(session, [r for r in doubtful if r], begun)
        for refund_id in stale[:LOOKED_AT_AGAIN]:
            self._look_again(refund_id, self._statements[doubtful[refund_id]])
        self._database.run(lambda session: differences.update(session, ways, begun))

    def _look_again(self, refund_id: str, statement: Statement) -> None:
        try:
            entry = gateway_book.Entry(**asdict(statement.one(refund_id)))
        except Unlisted:
            return  # the next run asks again
        now = self._clock()
        self._database.run(lambda session: gateway_book.take_in(session, [entry], now))
