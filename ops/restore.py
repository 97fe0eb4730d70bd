"""`aftersales restore-check`: an older database never pays again what its gateways paid since."""

import getpass
import sys
from datetime import UTC, datetime

from rich.console import Console

from domain.reconciliation import RESTORE_OVERLAP, WAYS
from ops import revocations
from ops.failures import Failed
from ops.reconcile import run, show, statements
from ops.target import Target
from store import differences, holds
from store.gateway_book import OtherGateway
from store.holds import Recovered
from store.session import Database
from store.tables import PayoutHold


def restore_check(target: Target, since: datetime | None, actor: str | None) -> int:
    """Hold payouts, revoke again, take in what the gateways paid since. 0, or 2 where a list was
    not read: then nothing can be released. Run again, it goes on.
    """
    database = Database(target.database, pool=2)
    console = Console(highlight=False, soft_wrap=True, markup=False)
    try:
        hold = database.run(lambda s: holds.place(s, actor or _of_this_machine(), since, _now()))
        console.print(f"payouts are held since {_time(hold.placed_at)}")
        for name in revocations.apply(database, revocations.file_of(target)):
            console.print(f"the token {name} is revoked again")
        since = hold.since - RESTORE_OVERLAP
        done = run(database, statements(target), since, console)
        recovered = database.run(lambda session: holds.recover(session, since))
        # What was recovered is no difference any more.
        database.run(lambda session: differences.update(session, list(done.read), _now()))
        with database.begin() as session:
            live = differences.live(session)
        _show(console, hold, recovered)
        show(live)
        if done.unread or len(done.read) < len(WAYS):
            for way, code in done.unread.items():
                print(f"aftersales: the list of {way} was not read: {code}", file=sys.stderr)
            return 2
        database.run(lambda session: holds.imported(session, _now()))
        console.print("a second person lets payouts go on:")
        console.print("  aftersales restore-check --release --actor NAME")
    except OtherGateway as other:
        raise Failed(f"this platform's gateway is {other}: name the same one here") from None
    finally:
        database.close()
    return 0


def release(database: Database, actor: str | None) -> None:
    """A second person lets payouts go on. Raises Failed."""
    if actor is None:
        raise Failed("--release needs --actor, the name of an operator's or a lead's token")
    try:
        database.run(lambda session: holds.release(session, actor, _now()))
    except holds.MayNotRelease as why:
        raise Failed(str(why)) from None
    print("payouts go on")


def _show(console: Console, hold: PayoutHold, recovered: list[Recovered]) -> None:
    console.print(f"the gateways' lists were read from {_time(hold.since - RESTORE_OVERLAP)} on")
    for each in recovered:
        order = f"order {each.order_id}" if each.order_id else "no order that is known"
        shop = f" of {each.storefront}" if each.storefront else ""
        console.print(f"{each.refund_id} {each.amount} {each.currency}, {order}{shop}: recovered")
    console.print(f"{len(recovered)} refunds that this database does not know any more")


def _of_this_machine() -> str:
    return f"{getpass.getuser()} at the command line"


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _now() -> datetime:
    return datetime.now(UTC)
