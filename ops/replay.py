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

from domain.cases import Stage
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

AT_ONCE = 12
LOOK_EVERY = 0.5  # seconds between two looks at what is still being paid
SHOWN = 20  # differences

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
    target: Target, orders: Path, returns: Path, storefront: str, *, limit: int | None
) -> int:
    """0 if every case was paid what the file says and the gateway's book says the same; else 1."""
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
        crew = hire(database, target, storefront, stop)
        run = Replay(claimed)
        drive(run, crew, console, stop)
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
    console.print(f"time      {run.seconds:.1f} s, {len(cases) / run.seconds:.1f} cases/s")
    equal = not differences and len(cases) == len(run.claimed) and paid == file
    console.print("all equal" if equal else f"{len(differences)} differences", style="bold")
    if equal:
        dismiss(database, crew.storefront)
    return 0 if equal else 1


def _as_filed(pair: Claimed, case: Json) -> bool:
    paid: int = case["amount"]["paid"]
    return case["stage"] == Stage.COMPLETED and paid == pair.amount


def _difference(pair: Claimed, case: Json) -> str:
    return (
        f"return {pair.return_id} of order {pair.order_id}: {pair.amount} in the file, "
        f"{case['amount']['paid']} paid, case {case['case_id']} is {case['stage']}"
    )


def _statement(database: Database, target: Target, storefront: str) -> Comparison | None:
    if "original" not in target.ways_to_sandbox:
        return None
    answer = requests.get(f"{target.sandbox}/_sandbox/book", timeout=30)
    answer.raise_for_status()
    with database.snapshot() as session:
        return compare(session, storefront, answer.json()["refunds"])
