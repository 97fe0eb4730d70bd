"""`aftersales reconcile` and `differences`: our books against the gateways' own lists."""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from activities.reconciliation import Reconciled, Reconciliation, Watch
from domain.messages import Note
from domain.reconciliation import MEANING, Difference
from domain.refusals import Refusal
from gateways.statements import RefundStatement, Statement, TransferStatement
from ops.failures import Failed
from ops.progress import progress
from ops.target import Target
from runtime.settings import settings
from store import differences
from store.gateway_book import OtherGateway
from store.session import Database
from store.tables import GatewayDifference

NOTE: TypeAdapter[str] = TypeAdapter(Note)


def statements(target: Target) -> dict[str, Statement]:
    """The lists of the gateways that this target names, by the way money goes."""
    config = settings()
    found: dict[str, Statement] = {}
    if target.stripe:
        key = config.stripe_api_key.get_secret_value()
        found[RefundStatement.way] = RefundStatement(target.stripe, key)
    if target.bank:
        key = config.bank_api_key.get_secret_value()
        found[TransferStatement.way] = TransferStatement(target.bank, key)
    return found


def reconcile(target: Target, since: datetime | None, *, as_json: bool) -> int:
    """Compare, print what differs, and return 0, or 2 where a gateway's list was not read."""
    database = Database(target.database, pool=2)
    try:
        done = run(database, statements(target), since, Console(stderr=as_json))
        with database.begin() as session:
            live = differences.live(session)
    except OtherGateway as other:
        raise Failed(f"this platform's gateway is {other}: name the same one here") from None
    finally:
        database.close()
    if as_json:
        rows = [as_row(each) for each in live]
        print(json.dumps({"read": done.read, "unread": done.unread, "differences": rows}))
    else:
        for way, count in done.read.items():
            print(f"{way}: {count} read of the gateway's list")
        show(live)
    for way, code in done.unread.items():
        print(f"aftersales: the gateway's list ({way}) was not read: {code}", file=sys.stderr)
    return 2 if done.unread or not done.read else 0


def run(
    database: Database,
    lists: Mapping[str, Statement],
    since: datetime | None = None,
    console: Console | None = None,
) -> Reconciled:
    """Read and compare, with a bar where `console` is a terminal. Raises OtherGateway."""
    bar = _Bar(console)
    try:
        return Reconciliation(database, lists, _now).run(since, bar.watch)
    finally:
        bar.close()


class _Bar:
    """How far back a list was read: it comes newest first and does not tell its length."""

    def __init__(self, console: Console | None) -> None:
        self._console = console
        self._way = ""
        self._open: AbstractContextManager[Callable[[int], None]] = nullcontext(lambda _: None)
        self._done: Callable[[int], None] = lambda _: None
        self._begun = _now()

    @property
    def watch(self) -> Watch:
        return self._page

    def _page(self, way: str, since: datetime, oldest: datetime, count: int) -> None:
        if self._console is None:
            return
        if way != self._way:
            self.close()
            seconds = max(1, int((self._begun - since).total_seconds()))
            self._way = way
            self._open = progress(self._console, f"{way}: seconds of its list", seconds, "s")
            self._done = self._open.__enter__()
        self._done(max(0, int((self._begun - oldest).total_seconds())))

    def close(self) -> None:
        if self._way:
            self._open.__exit__(None, None, None)
            self._way = ""


def list_differences(database: Database, *, as_json: bool) -> None:
    """Print what nobody has resolved, the oldest first."""
    with database.begin() as session:
        live = differences.live(session)
    if as_json:
        print(json.dumps({"differences": [as_row(each) for each in live]}))
    else:
        show(live)


def own(database: Database, number: int, actor: str) -> None:
    """`actor` sees to it. Raises Failed."""
    _settle(lambda: database.run(lambda s: differences.own(s, number, actor)), number)
    print(f"difference {number} is {actor}'s")


def resolve(database: Database, number: int, actor: str, note: str) -> None:
    """`actor` has seen to it. Raises Failed."""
    said = _note(note)
    _settle(
        lambda: database.run(lambda s: differences.resolve(s, number, actor, said, _now())), number
    )
    print(f"difference {number} is resolved")


def _note(text: str) -> str:
    """A note of the form that every note has. Raises Failed."""
    try:
        note = NOTE.validate_python(text)
    except (ValidationError, Refusal):
        raise Failed("a note has at most 2,000 characters and no card number") from None
    if not note:
        raise Failed("a note says what was done about it")
    return note


def _settle(change: Callable[[], object], number: int) -> None:
    try:
        change()
    except differences.MayNot as who:
        raise Failed(f"{who} is no operator or lead whose token is valid") from None
    except differences.NotLive:
        raise Failed(f"there is no open difference {number}") from None


def show(live: list[GatewayDifference]) -> None:
    """For a person: what differs, whose it is, and what can be done."""
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for each in live:
        payout = f"payout {each.payout_id}" if each.payout_id else ""
        named = " ".join(filter(None, (each.refund_id or "", payout)))
        amounts = f"ours {_amount(each.ours)}, the gateway's {_amount(each.theirs)} {each.currency}"
        owner = f", {each.owner} sees to it" if each.owner else ""
        console.print(
            f"{each.id} {each.kind} {each.way} {named}: {amounts},"
            f" since {each.first_seen:%Y-%m-%d %H:%M} UTC{owner}"
        )
        console.print(f"  {MEANING[Difference(each.kind)]}{_place(each)}")
    console.print(f"{len(live)} differences" if live else "no differences")


def _amount(amount: int | None) -> str:
    return "nothing" if amount is None else str(amount)


def _place(each: GatewayDifference) -> str:
    shop = f" of {each.storefront}" if each.storefront else ""
    order = f" Order {each.order_id}{shop}." if each.order_id else ""
    return order + (f" Case {each.case_id}." if each.case_id else "")


def as_row(each: GatewayDifference) -> dict[str, Any]:
    """As JSON shows it; times in UTC."""
    return {
        "id": each.id,
        "kind": each.kind,
        "way": each.way,
        "refund_id": each.refund_id,
        "payout_id": str(each.payout_id) if each.payout_id else None,
        "case_id": str(each.case_id) if each.case_id else None,
        "storefront": each.storefront,
        "order_id": each.order_id,
        "ours": each.ours,
        "theirs": each.theirs,
        "currency": each.currency,
        "first_seen": _zulu(each.first_seen),
        "last_seen": _zulu(each.last_seen),
        "state": each.state,
        "owner": each.owner,
        "note": each.note,
    }


def _zulu(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _now() -> datetime:
    return datetime.now(UTC)
