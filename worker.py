"""The worker: connect, register, relay, run until SIGTERM, drain."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.advice import Advising, available
from activities.adviser import Adviser
from activities.billing import Billing
from activities.effects import Effects
from activities.embedded_stock import EmbeddedStock
from activities.inventory import Inventory
from activities.logistics import Logistics
from activities.parties import Parties
from activities.payouts import Payouts
from activities.photos import UnusedPhotos
from activities.reconciliation import Reconciliation
from activities.records import Records
from activities.repair_shops import RepairShops
from activities.submissions import Submissions
from activities.tracking import Tracking
from domain.policy_parts import Warehouse
from gateways.bank import BankTransfers
from gateways.carriers import Carrier, HttpCarrier, Place
from gateways.charges import StripeCharges
from gateways.checkout import StripeCheckout
from gateways.karrio_carrier import Account, KarrioCarrier
from gateways.payments import StripeRefunds
from gateways.photos import KeptPhotos
from gateways.repair_shops import HttpRepairShop, RepairShop
from gateways.statements import RefundStatement, TransferStatement
from gateways.testimony import PayoutGateway
from runtime import startup
from runtime.client import connect, workflow_runner
from runtime.discretion import Discretion
from runtime.relay import Relay
from runtime.rounds import rounds
from runtime.schedules import schedule
from runtime.settings import Settings
from store.session import Database
from workflows import TASK_QUEUE, WORKFLOWS
from workflows.reconciliation import RECONCILIATION_QUEUE, ReconciliationWorkflow

DRAIN = timedelta(seconds=30)
"""How long running activities may finish after SIGTERM; process managers must wait longer."""

THREADS = 16
"""Activities at a time, and local ones at a time; each holds one database connection."""

WORKFLOW_TASKS = 8
WORKFLOW_POLLS = 4
"""Workflow tasks at a time. They are all CPU of one process: with more of them each waits for the
others beyond its 5 s, is handed out again, and the worker drowns in work that it did already."""

log = logging.getLogger("worker")


def gateways(config: Settings) -> dict[str, PayoutGateway]:
    """The parties that move money, by the way it goes."""
    startup.check_secrets(config, "stripe_api_key", "bank_api_key")
    if not config.stripe_api_base or not config.bank_api_base:
        raise startup.CannotStart(
            "AFTERSALES_STRIPE_API_BASE or AFTERSALES_BANK_API_BASE is not set"
        )
    startup.check_checkout_return(config)
    return {
        "original": StripeRefunds(config.stripe_api_base, config.stripe_api_key.get_secret_value()),
        "bank_card": BankTransfers(config.bank_api_base, config.bank_api_key.get_secret_value()),
    }


def reconciliation(config: Settings, database: Database) -> Reconciliation:
    """Our books against the lists of the parties that move money."""
    stripe, bank = config.stripe_api_base or "", config.bank_api_base or ""
    statements = (
        RefundStatement(stripe, config.stripe_api_key.get_secret_value()),
        TransferStatement(bank, config.bank_api_key.get_secret_value()),
    )
    return Reconciliation(database, {s.way: s for s in statements}, now, decides=True)


def charges(config: Settings) -> StripeCharges:
    """Where charges are looked at before money leaves them: at the gateway that refunds."""
    return StripeCharges(config.stripe_api_base or "", config.stripe_api_key.get_secret_value())


def transfers(config: Settings) -> BankTransfers:
    """Where the bank is asked what it has sent for an order."""
    return BankTransfers(config.bank_api_base or "", config.bank_api_key.get_secret_value())


def billing(config: Settings) -> StripeCheckout:
    """Where buyers pay what they owe: at the gateway that also refunds."""
    return StripeCheckout(
        config.stripe_api_base or "",
        config.stripe_api_key.get_secret_value(),
        config.checkout_return_url,
    )


def carrier(config: Settings) -> Carrier:
    """The carrier that brings parcels both ways: through karrio if one of its is named."""
    if config.karrio_carrier:
        return _through_karrio(config, config.karrio_carrier)
    startup.check_secrets(config, "carrier_api_key")
    if not config.carrier_api_base:
        raise startup.CannotStart("AFTERSALES_CARRIER_API_BASE is not set")
    return HttpCarrier(config.carrier_api_base, config.carrier_api_key.get_secret_value())


def _through_karrio(config: Settings, name: str) -> KarrioCarrier:
    account = Account(
        carrier=name,
        credentials=config.karrio_credentials.get_secret_value(),
        service=config.karrio_service,
        parcel_kg=config.karrio_parcel_kg,
        base=config.karrio_api_base,
    )
    try:
        return KarrioCarrier(account)
    except ValueError as error:
        raise startup.CannotStart(f"AFTERSALES_KARRIO_CARRIER: {error}") from None


def repair_shop(config: Settings) -> RepairShop:
    """The shop that repairs."""
    startup.check_secrets(config, "repair_shop_api_key")
    if not config.repair_shop_api_base:
        raise startup.CannotStart("AFTERSALES_REPAIR_SHOP_API_BASE is not set")
    return HttpRepairShop(
        config.repair_shop_api_base, config.repair_shop_api_key.get_secret_value()
    )


def place(warehouse: Warehouse) -> Place:
    """The warehouse of the policy, as carriers are told of it."""
    return Place(**warehouse.model_dump())


def build(
    client: Client,
    records: Records,
    submissions: Submissions,
    payouts: Payouts,
    parties: Parties,
    threads: ThreadPoolExecutor,
) -> Worker:
    """The worker with every workflow and activity there is."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=list(WORKFLOWS.values()),
        activities=[
            records.settle_signals,
            records.read_case,
            records.remind,
            records.complete_case,
            submissions.settle_submission,
            submissions.read_submission,
            submissions.remind_submission,
            payouts.advance_payout,
            *parties.activities(),
        ],
        activity_executor=threads,
        max_concurrent_workflow_tasks=WORKFLOW_TASKS,
        max_concurrent_workflow_task_polls=WORKFLOW_POLLS,
        max_concurrent_activities=THREADS,
        max_concurrent_local_activities=THREADS,
        workflow_runner=workflow_runner(),
        interceptors=[Discretion()],
        graceful_shutdown_timeout=DRAIN,
        deployment_config=WorkerDeploymentConfig(
            version=WorkerDeploymentVersion("aftersales", version("aftersales")),
            use_worker_versioning=False,
        ),
    )


def build_reconciler(
    client: Client, compares: Reconciliation, threads: ThreadPoolExecutor
) -> Worker:
    """The worker for the hourly reconciliation, one at a time, beside all that cases need."""
    return Worker(
        client,
        task_queue=RECONCILIATION_QUEUE,
        workflows=[ReconciliationWorkflow],
        activities=[compares.reconcile_gateways],
        activity_executor=threads,
        max_concurrent_workflow_tasks=2,
        max_concurrent_activities=1,
        workflow_runner=workflow_runner(),
        interceptors=[Discretion()],
        graceful_shutdown_timeout=timedelta(seconds=1),  # what it leaves, the next run does
    )


def now() -> datetime:
    return datetime.now(UTC)


async def at_the_end(stop: asyncio.Event, end: Callable[[], None]) -> None:
    """Once `stop` is set, end what would keep a round from ending by itself."""
    await stop.wait()
    end()


async def connected(config: Settings, stop: asyncio.Event) -> Client | None:
    """A client, however long Temporal takes to come up; None if told to stop meanwhile."""
    while not stop.is_set():
        try:
            return await connect(config)
        except RuntimeError as error:
            log.warning("Temporal does not answer yet: %s", type(error).__name__)
            await asyncio.sleep(1)
    return None


async def run() -> None:
    """Run until SIGTERM or SIGINT, then let running activities finish."""
    config = startup.environment()
    payers = gateways(config)
    carries = carrier(config)
    repairs = repair_shop(config)
    rules = startup.policy(config)
    database = startup.database(config, connections=2 * THREADS + 5)
    records, said = Records(database, rules), Submissions(database, rules)
    payouts = Payouts(database, rules, payers, charges(config), transfers(config), now)
    stock = EmbeddedStock(database, now)
    effects = Effects(database, rules, now)
    parties = Parties(
        Logistics(effects, carries, place(rules.warehouse)),
        Inventory(effects, stock, timedelta(days=rules.deadlines.hold_days)),
        RepairShops(effects, repairs),
        Billing(effects, billing(config), payers["original"]),
    )
    photos = UnusedPhotos(
        database,
        KeptPhotos(config.photos_place, config.photos_s3),
        timedelta(days=rules.uploads.unused_days),
        now,
    )
    beside = [payouts.reconcile, stock.expire, photos.remove]
    if isinstance(carries, KarrioCarrier):  # it reports nothing by itself
        beside.append(Tracking(database, rules, carries, now).look)
    adviser = Adviser()
    if available():
        beside.append(Advising(database, adviser, now).look)
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    client = await connected(config, stop)
    if client is None:
        return
    with ThreadPoolExecutor(2 * THREADS) as threads:
        reconciler = build_reconciler(client, reconciliation(config, database), threads)
        async with build(client, records, said, payouts, parties, threads), reconciler:
            if ready := os.environ.get("AFTERSALES_READY_FILE"):
                Path(ready).touch()
            log.info("working on %s", TASK_QUEUE)
            await asyncio.gather(
                Relay(client, database).run(stop),
                schedule(client, stop),
                *(rounds(work, stop) for work in beside),
                at_the_end(stop, adviser.close),
            )
    database.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    sys.exit(asyncio.run(run()))
