"""Puts a file of orders into the books, with its charges made at the gateway if wanted."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import monotonic, sleep

from rich.console import Console
from sqlalchemy.dialects.postgresql import insert

from domain.orders import OrderPut
from domain.refusals import Refusal
from gateways.payments import Charges
from gateways.testimony import Verdict
from ops.failures import Failed
from ops.order_files import CURRENCY, Sale, read_sales, refuse
from ops.progress import progress
from ops.target import Target
from runtime.settings import settings
from store.bulk_orders import Sold, frozen_otherwise, in_books, put_orders
from store.session import Database
from store.tables import Storefront

BATCH = 200  # orders in a transaction: well within what a statement may take
CHARGES_AT_ONCE = 8
FROZEN = "has cases or reviews, and is not what they were opened about"
CHARGE_TRIES = 10
CHARGE_PAUSE = 1.0  # seconds before a charge is tried again


def import_orders(target: Target, path: Path, storefront: str, *, charge: bool | None) -> None:
    """Import the whole file, as its storefront would by `PUT`. Run again, it changes nothing.
    Raises Failed; what is wrong with the file is told before any of it is put.
    """
    console, begun = Console(highlight=False), monotonic()
    sales = list(read_sales(path).values())
    database = Database(target.database)
    try:
        created = put_sales(database, target, storefront, sales, charge=charge, console=console)
    finally:
        database.close()
    lines = sum(len(sale.lines) for sale in sales)
    console.print(
        f"{len(sales)} orders with {lines} lines in {monotonic() - begun:.1f} s, "
        f"{created} of the orders new"
    )


def put_sales(
    database: Database,
    target: Target,
    storefront: str,
    sales: list[Sale],
    *,
    charge: bool | None,
    console: Console,
) -> int:
    """Put these orders; how many were new. `charge` None: if the sandbox is the gateway."""
    if charge is None:
        charge = "original" in target.parties_in_sandbox
    _judge(database, storefront, sales, charge=charge)
    with database.begin() as session:
        session.execute(insert(Storefront).values(storefront=storefront).on_conflict_do_nothing())
    created = done = 0
    with (
        progress(console, "orders", len(sales), "orders") as show,
        ThreadPoolExecutor(CHARGES_AT_ONCE) as threads,
    ):
        for batch in _batches(sales):
            payments = _payments(database, target, storefront, batch, threads, charge=charge)
            bodies = {sale.order_id: sale.paid_by(payments[sale.order_id]) for sale in batch}
            created += _put(database, storefront, batch, bodies)
            done += len(batch)
            show(done)
    return created


def _judge(database: Database, storefront: str, sales: list[Sale], *, charge: bool) -> None:
    """Raise Failed, naming them, if any of these orders cannot be put."""
    frozen: list[Sale] = []
    for batch in _batches(sales):
        with database.begin() as session:
            books = in_books(session, storefront, [sale.order_id for sale in batch])
            bodies = {
                sale.order_id: sale.paid_by(
                    _standing(sale, books.get(sale.order_id), charge=charge) or _uncharged(sale)
                )
                for sale in batch
            }
            otherwise = frozen_otherwise(session, storefront, bodies, books)
        frozen += [sale for sale in batch if sale.order_id in otherwise]
    refuse([f"row {sale.row}: order {sale.order_id} {FROZEN}" for sale in frozen])


def _put(
    database: Database, storefront: str, batch: list[Sale], bodies: dict[str, OrderPut]
) -> int:
    now = datetime.now(UTC)
    try:
        return database.run(lambda session: put_orders(session, storefront, bodies, now))
    except Refusal as refusal:  # a case was opened since all were judged
        rows = f"rows {batch[0].row} to {batch[-1].row}"
        raise Failed(f"{rows}: {refusal.why.slug}: {refusal.detail}") from None


def _payments(
    database: Database,
    target: Target,
    storefront: str,
    batch: list[Sale],
    threads: ThreadPoolExecutor,
    *,
    charge: bool,
) -> dict[str, str]:
    """The payment of each order. One that is in the books stays: gateways forget their keys."""
    with database.begin() as session:
        books = in_books(session, storefront, [sale.order_id for sale in batch])
        payments = {
            sale.order_id: payment
            for sale in batch
            if (payment := _standing(sale, books.get(sale.order_id), charge=charge))
        }
    missing = [sale for sale in batch if sale.order_id not in payments]
    if charge and missing:
        gateway = _gateway(target)
        made = threads.map(lambda sale: _charge(gateway, storefront, sale), missing)
        return payments | {sale.order_id: name for sale, name in zip(missing, made, strict=True)}
    return payments | {sale.order_id: _uncharged(sale) for sale in missing}


def _standing(sale: Sale, sold: Sold | None, *, charge: bool) -> str | None:
    """The order's payment in the books, unless a charge is wanted and that one never was made."""
    if not sold or len(sold.payments) != 1 or sold.payments[0].captured != sale.total:
        return None
    (known,) = sold.payments
    uncharged = known.payment == _uncharged(sale) and sale.total > 0 and not sold.order.frozen_at
    return None if charge and uncharged else known.payment


def _uncharged(sale: Sale) -> str:
    return f"ch_{sale.order_id}"


def _gateway(target: Target) -> Charges:
    if not target.stripe:
        raise Failed("set AFTERSALES_STRIPE_API_BASE, or import with --no-charge")
    return Charges(target.stripe, settings().stripe_api_key.get_secret_value())


def _charge(gateway: Charges, storefront: str, sale: Sale) -> str:
    """Charge the order once, however often this is run. Nothing is charged for an order of 0."""
    if sale.total == 0:
        return _uncharged(sale)
    key = f"import-{storefront}-{sale.order_id}-{sale.total}"
    for _ in range(CHARGE_TRIES):
        said = gateway.make(
            key,
            order_id=sale.order_id,
            amount=sale.total,
            currency=CURRENCY,
            storefront=storefront,
        )
        if said.verdict is Verdict.SUCCEEDED and said.reference:
            return said.reference
        if said.verdict in (Verdict.FAILED, Verdict.REFUSED):
            break
        sleep(said.retry_after or CHARGE_PAUSE)
    raise Failed(f"order {sale.order_id} could not be charged: {said.code}")


def _batches(sales: Iterable[Sale]) -> Iterator[list[Sale]]:
    rest = iter(sales)
    while batch := list(islice(rest, BATCH)):
        yield batch
