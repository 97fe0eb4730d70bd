"""Drives a file of real returns through the platform, and compares every penny at the end.

Everything it does is named after the storefront, the return and the order, so a replay that was
interrupted goes on where it ended when it is started again.
"""

import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import requests
from rich.console import Console
from sqlalchemy import func, select

from domain.cases import Kind, Stage
from domain.effects import OPEN
from domain.money import readable
from ops.caller import Json, Refused
from ops.crew import Crew, dismiss, hire
from ops.failures import Failed
from ops.imports import put_sales
from ops.order_files import CURRENCY, Claimed, read_returns, read_sales
from ops.progress import progress
from ops.statement import Comparison, compare
from ops.target import Target
from store.session import Database
from store.tables import Effect, Stock

AT_ONCE = 12
LOOK_EVERY = 0.5  # seconds between two looks at what is still being paid
PUT_AWAY_WITHIN = 60.0  # seconds after the last payment
SHOWN = 20  # differences

DEFAULT_STOREFRONT = {Kind.REFUND: "replay", Kind.RETURN: "replay-returns"}
"""Apart, for a unit that was refunded cannot be returned as well."""

INTERRUPTED = 130  # the exit code of whatever Ctrl-C ended


@dataclass
class Replay:
    """What has become of the pairs so far."""

    claimed: list[Claimed]
    begun: float = field(default_factory=monotonic)
    seconds: float = 0.0
    cases: dict[str, Claimed] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


def replay(
    target: Target,
    orders: Path,
    returns: Path,
    storefront: str | None,
    *,
    kind: Kind,
    limit: int | None,
) -> int:
    """0 if every case was paid what the file says and the gateway's book says the same, and of
    returns every unit is on its shelf; else 1.
    """
    storefront = storefront or DEFAULT_STOREFRONT[kind]
    console, stop = Console(highlight=False, soft_wrap=True), threading.Event()
    claimed = read_returns(returns)[:limit]
    sold = read_sales(orders)
    needed = dict.fromkeys(pair.order_id for pair in claimed)
    if absent := [order_id for order_id in needed if order_id not in sold]:
        raise Failed(f"{returns} names order {absent[0]}, which {orders} does not have")
    database = Database(target.database)
    try:
        sales = [sold[order_id] for order_id in needed]
        put_sales(database, target, storefront, sales, charge=None, console=console)
        crew = hire(database, target, storefront, kind, stop)
        run = Replay(claimed)
        drive(run, crew, console, stop)
        put_away(crew, database, stop)
        return report(run, crew, database, target, console)
    except KeyboardInterrupt:
        print("aftersales: interrupted; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    finally:
        stop.set()
        database.close()


def drive(run: Replay, crew: Crew, console: Console, stop: threading.Event) -> None:
    """File and approve every pair, and return once nothing is being paid any more."""
    threads = ThreadPoolExecutor(AT_ONCE)
    try:
        futures = {threads.submit(crew.handle, pair): pair for pair in run.claimed}
        with progress(console, "cases", len(run.claimed), "cases") as show:
            while not stop.wait(LOOK_EVERY):
                handled = _collect(run, futures)
                paying = {case["case_id"] for case in crew.shop.pages("/v1/cases", stage="paying")}
                show(handled - len(paying & run.cases.keys()))
                if not futures and not paying & run.cases.keys():
                    break
    except BaseException:
        stop.set()  # or the threads would go on repeating their calls
        raise
    finally:
        threads.shutdown(cancel_futures=True)
    run.seconds = monotonic() - run.begun


def put_away(crew: Crew, database: Database, stop: threading.Event) -> None:
    """Return once nothing is left to be done for the cases, but for at most PUT_AWAY_WITHIN."""
    left = select(func.count()).where(Effect.storefront == crew.storefront, Effect.state.in_(OPEN))
    until = monotonic() + PUT_AWAY_WITHIN
    while monotonic() < until and not stop.wait(LOOK_EVERY):
        with database.snapshot() as session:
            if session.scalars(left).one() == 0:
                return


def _collect(run: Replay, futures: dict[Future[str], Claimed]) -> int:
    """Take over what is through; how many pairs that makes in all."""
    for future in [future for future in futures if future.done()]:
        pair = futures.pop(future)
        try:
            run.cases[future.result()] = pair
        except Refused as refused:
            run.refused.append(f"return {pair.return_id} of order {pair.order_id}: {refused}")
    return len(run.cases) + len(run.refused)


def report(run: Replay, crew: Crew, database: Database, target: Target, console: Console) -> int:
    """Say what was paid against the file, and our books against the gateway's."""
    cases = {c["case_id"]: c for c in crew.shop.pages("/v1/cases") if c["case_id"] in run.cases}
    differences = run.refused + [
        _difference(pair, cases[case_id])
        for case_id, pair in run.cases.items()
        if not _as_filed(pair, cases[case_id])
    ]
    statement = _statement(database, target, crew.storefront)
    if statement:
        differences += statement.differences
    for difference in differences[:SHOWN]:
        console.print(difference, markup=False)
    if len(differences) > SHOWN:
        console.print(f"and {len(differences) - SHOWN} differences more")
    paid = sum(case["amount"]["paid"] for case in cases.values())
    file = sum(pair.amount for pair in run.claimed)
    console.print(f"cases     {len(cases)} of {len(run.claimed)} pairs in the file")
    console.print(f"paid      {readable(paid, CURRENCY)} of {readable(file, CURRENCY)} in the file")
    console.print(
        f"book      {statement.theirs} refunds at the gateway, {statement.ours} in our books"
        if statement
        else "book      not compared: the sandbox is not the gateway"
    )
    if crew.kind is Kind.RETURN:
        differences += _shelves(run, crew, database, target, console)
    console.print(f"time      {run.seconds:.1f} s, {len(cases) / run.seconds:.1f} cases/s")
    equal = not differences and len(cases) == len(run.claimed) and paid == file
    console.print("all equal" if equal else f"{len(differences)} differences", style="bold")
    if equal:
        dismiss(database, crew.storefront)
    return 0 if equal else 1


def _shelves(
    run: Replay, crew: Crew, database: Database, target: Target, console: Console
) -> list[str]:
    """Say what came in against the file: every case by one parcel, every unit on the shelf once."""
    units = sum(sum(pair.lines.values()) for pair in run.claimed)
    answer = requests.get(f"{target.sandbox}/_sandbox/book", timeout=30)
    answer.raise_for_status()
    carried = [row["metadata"]["case_id"] for row in answer.json()["shipments"]]
    parcels = sum(case_id in run.cases for case_id in carried)
    with database.snapshot() as session:
        on_hand = session.scalars(
            select(func.coalesce(func.sum(Stock.on_hand), 0)).where(
                Stock.storefront == crew.storefront
            )
        ).one()
    console.print(f"parcels   {parcels} in the carrier's book for {len(run.cases)} cases")
    console.print(f"shelves   {on_hand} units of {units} in the file")
    found = [] if parcels == len(run.cases) else ["parcels and cases are not as many"]
    return found + ([] if on_hand == units else ["units on the shelves are not those of the file"])


def _as_filed(pair: Claimed, case: Json) -> bool:
    paid: int = case["amount"]["paid"]
    return case["stage"] == Stage.COMPLETED and paid == pair.amount


def _difference(pair: Claimed, case: Json) -> str:
    return (
        f"return {pair.return_id} of order {pair.order_id}: {pair.amount} in the file, "
        f"{case['amount']['paid']} paid, case {case['case_id']} is {case['stage']}"
    )


def _statement(database: Database, target: Target, storefront: str) -> Comparison | None:
    if "original" not in target.parties_in_sandbox:
        return None
    answer = requests.get(f"{target.sandbox}/_sandbox/book", timeout=30)
    answer.raise_for_status()
    with database.snapshot() as session:
        return compare(session, storefront, answer.json()["refunds"])
