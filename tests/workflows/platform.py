"""How does a test get a case that runs? Real relay, worker and database; the gateways are ours.

Time is the Temporal server's: on the time-skipping one it flies while a test waits for hours, and
the shop's and the payouts' clocks follow it.
"""

import asyncio
import base64
import contextlib
import inspect
import re
import sys
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

import worker
from activities.billing import Billing
from activities.effects import Effects
from activities.embedded_stock import EmbeddedStock
from activities.inventory import Inventory
from activities.logistics import Logistics
from activities.parties import Parties
from activities.payouts import Payouts
from activities.records import Records
from activities.repair_shops import RepairShops
from activities.submissions import Submissions
from domain import search_attributes
from domain.goods_messages import Inspection, Lost, Offer
from domain.parcels import ParcelStatus
from domain.people import Actor
from domain.policy import Policy
from gateways.testimony import PayoutGateway
from runtime.client import CONVERTER, connect
from runtime.relay import Relay
from runtime.settings import Settings
from runtime.temporal_server import TemporalServer
from store.goods import bills, inspections, losses, offers, stock, tracking
from store.goods.stock import available
from store.session import Database
from store.tables import Case, CaseEvent, Payout, Submission
from tests.shop import Shop, exchange_body, order_body, request_body, return_body
from tests.workflows.carrier import ScriptedCarrier
from tests.workflows.checkout import ScriptedCheckout
from tests.workflows.gateway import ScriptedGateway
from tests.workflows.repair_shop import ScriptedShop


@dataclass
class Clock:
    """What the payouts take for now: the real time, moved by as much as a test moves it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Platform:
    """One shop with its relay and gateways, and a worker while `working`."""

    client: Client
    database: Database
    database_url: str
    environment: WorkflowEnvironment | None = None
    clock: Clock = field(default_factory=Clock)
    card: ScriptedGateway = field(default_factory=ScriptedGateway)
    bank: ScriptedGateway = field(default_factory=ScriptedGateway)
    carrier: ScriptedCarrier = field(default_factory=ScriptedCarrier)
    repair_shop: ScriptedShop = field(default_factory=ScriptedShop)
    checkout: ScriptedCheckout = field(default_factory=ScriptedCheckout)

    def __post_init__(self) -> None:
        self.shop = Shop(self.database)
        self.relay = Relay(self.client, self.database)
        self.checkout.clock = self.clock

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """The production worker, but for the gateways and the clock."""
        payers: dict[str, PayoutGateway] = {"original": self.card, "bank_card": self.bank}
        records = Records(self.database, self.shop.policy)
        said = Submissions(self.database, self.shop.policy)
        payouts = Payouts(self.database, self.shop.policy, payers, self.card, self.bank, self.clock)
        effects = Effects(self.database, self.shop.policy, self.clock)
        stock = EmbeddedStock(self.database, self.clock)
        parties = Parties(
            Logistics(effects, self.carrier, worker.place(self.shop.policy.warehouse)),
            Inventory(effects, stock, timedelta(days=90)),
            RepairShops(effects, self.repair_shop),
            Billing(effects, self.checkout, self.card),
        )
        self._ruled = records, payouts, effects
        with ThreadPoolExecutor(2 * worker.THREADS) as threads:
            async with worker.build(self.client, records, said, payouts, parties, threads):
                yield

    def under(self, rules: Policy) -> None:
        """Other rules from now on, for people and the worker alike."""
        self.shop.policy = rules
        for each in self._ruled:
            each._policy = rules

    def now(self) -> datetime:
        return self.clock()

    async def pass_hours(self, hours: float) -> None:
        """Let time go by, for the workflows and for everybody else."""
        assert self.environment is not None
        self.clock.ahead += timedelta(hours=hours)
        await self.environment.sleep(timedelta(hours=hours))

    async def apply(self, paid: int = 1530, order_id: str = "o1", **request: Any) -> UUID:
        """Sell one line of six units, ask for two of them, and start the case's workflow."""
        self.shop.sell(order_id, order_body((6, paid)), self.now())
        return await self.apply_for(request_body((1, 2), order_id=order_id, **request))

    async def apply_for(self, request: dict[str, Any]) -> UUID:
        case = self.shop.apply(request, self.now())
        await self.deliver()
        return case.case_id

    async def deliver(self) -> None:
        """Have the relay tell Temporal all there is to tell."""
        while await self.relay.drain():
            pass

    async def approve(self, case_id: UUID, **fields: Any) -> None:
        self.shop.approve(case_id, now=self.now(), **fields)
        await self.deliver()

    async def apply_to_return(self, paid: int = 1000, **request: Any) -> UUID:
        """Sell one line of two units and ask to return both."""
        self.shop.sell("o1", order_body((2, paid)), self.now())
        return await self.apply_for(return_body((1, 2), **request))

    async def apply_to_exchange(self, price: int, **request: Any) -> UUID:
        """Sell one line of two units for 10.00 and ask for two of NEW1 instead."""
        self.shop.sell("o1", order_body((2, 1000)), self.now())
        return await self.apply_for(exchange_body((1, 2), price=price, **request))

    async def exchange_underway(self, price: int) -> UUID:
        """An exchange whose parcel has come; its replacement has to be in stock."""
        case_id = await self.apply_to_exchange(price)
        await self.approve(case_id)
        await self.hears(case_id, "pickup_booked")
        await self.seen(case_id, ParcelStatus.DELIVERED)
        return case_id

    async def asks_for_money(self, case_id: UUID) -> None:
        """The buyer has where to pay."""

        def open_bill() -> bool:
            with self.database.begin() as session:
                bill = bills.open_bill(session, case_id)
                return bill is not None and bill.url is not None

        await eventually(open_bill, "the buyer can pay")

    async def pays_bill(self, case_id: UUID) -> None:
        """The buyer pays, and the gateway reports it, twice."""
        await self.asks_for_money(case_id)
        self.checkout.pay()
        said = bills.BillReport("stripe", "evt_bill", "checkout.session.completed", case_id)
        for _ in range(2):
            self.database.run(lambda s: bills.report(s, said, self.now()))
        await self.deliver()

    def count(self, sku: str, n: int) -> None:
        """The warehouse has counted so many pieces."""
        who = self.shop.warehouse.name
        self.database.run(lambda s: stock.put(s, "demo", sku, "main", n, actor=who, now=self.now()))

    async def seen(self, case_id: UUID, status: ParcelStatus, n: int = 1) -> None:
        """The carrier reports of the n-th parcel that it took."""
        await eventually(lambda: len(self.carrier.booked) >= n, "the parcel is booked")
        event_id = f"evt-{n}-{status}"
        report = tracking.Report("sandbox", event_id, self.carrier.number(n), status, self.now())
        self.database.run(lambda s: tracking.receive(s, report, self.shop.policy, self.now()))
        await self.deliver()

    async def inspect(self, case_id: UUID, received: int, accepted: int) -> None:
        """The warehouse's count of line 1."""
        line: dict[str, Any] = {"line": 1, "received": received, "accepted": accepted}
        line |= {"disposition": "restock"} if accepted else {}
        line |= {"reason": "worn"} if accepted < received else {}
        found = Inspection.model_validate({"lines": [line]})
        who = self.shop.warehouse
        self.database.run(
            lambda s: inspections.inspect(s, case_id, found, who, self.shop.policy, self.now())
        )
        await self.deliver()

    async def offer(self, case_id: UUID, amount: int) -> None:
        word, who = Offer(amount=amount), self.shop.lead
        self.database.run(
            lambda s: offers.make(s, case_id, word, who, self.shop.policy, self.now())
        )
        await self.deliver()

    async def answer(self, case_id: UUID, accepted: bool) -> None:
        who = self.shop.storefront
        self.database.run(
            lambda s: offers.answer(s, case_id, accepted, who, self.shop.policy, self.now())
        )
        await self.deliver()

    async def lose(self, case_id: UUID) -> None:
        who = self.shop.operator
        self.database.run(
            lambda s: losses.declare(s, case_id, Lost(), who, self.shop.policy, self.now())
        )
        await self.deliver()

    async def waits_for(self, case_id: UUID, whom: str) -> bool:
        """Whether the Temporal UI says so."""
        return (await self.shown(case_id)).get("CaseWaitingFor") == whom

    def on_shelf(self, sku: str = "SKU1") -> int:
        with self.database.begin() as session:
            return available(session, "demo", [sku]).get(sku, 0)

    async def resume(self, case_id: UUID, actor: Actor | None = None, **fields: Any) -> None:
        self.shop.resume(case_id, actor, self.now(), **fields)
        await self.deliver()

    async def signal(self, case_id: UUID, name: str, *args: Any) -> None:
        """What a person sends from the Temporal UI."""
        await self.workflow(case_id).signal(name, args=args)

    def workflow(self, named: UUID) -> WorkflowHandle[Any, Any]:
        """That of a case, review or feedback."""
        return self.client.get_workflow_handle(f"{self.kind_of(named)}/{named}")

    def kind_of(self, named: UUID) -> str:
        with self.shop.session() as session:
            case = session.get(Case, named)
            return case.kind if case else session.get_one(Submission, named).kind

    def case(self, case_id: UUID) -> Case:
        return self.shop.read(case_id)

    def happened(self, case_id: UUID) -> list[str]:
        """What the case's events say, oldest first."""
        return [event.what for event in self.events(case_id)]

    def events(self, case_id: UUID) -> list[CaseEvent]:
        of_case = select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.seq)
        with self.shop.session() as session:
            return list(session.scalars(of_case))

    def payouts(self, case_id: UUID) -> list[Payout]:
        of_case = select(Payout).where(Payout.case_id == case_id).order_by(Payout.n)
        with self.shop.session() as session:
            return list(session.scalars(of_case))

    async def reaches(self, case_id: UUID, stage: str) -> Case:
        await eventually(lambda: self.case(case_id).stage == stage, f"the case is {stage}")
        return self.case(case_id)

    async def hears(self, case_id: UUID, what: str, times: int = 1) -> None:
        """Wait until this has happened to the case so often."""
        await eventually(lambda: self.happened(case_id).count(what) >= times, what)

    async def ends(self, case_id: UUID) -> None:
        """Wait for the workflow's own end, without which the row's end proves little."""
        await asyncio.wait_for(self.workflow(case_id).result(), 20)

    async def clear(self) -> None:
        """End what still runs, so that nobody else's worker meets cases it knows nothing of."""
        with self.shop.session() as session:
            cases = list(session.scalars(select(Case.case_id)))
        for case_id in cases:
            with contextlib.suppress(RPCError):  # it has ended by itself
                await self.workflow(case_id).terminate()

    async def details(self, case_id: UUID) -> str:
        """What an operator reads on top of the case in the Temporal UI."""
        asked = await self.workflow(case_id).query(
            "__temporal_workflow_metadata", result_type=WorkflowMetadata
        )
        details: str = asked.current_details
        return details

    async def shown(self, case_id: UUID) -> dict[str, Any]:
        """Our search attributes of the case's workflow."""
        found = (await self.workflow(case_id).describe()).typed_search_attributes
        return {
            pair.key.name: pair.value for pair in found if pair.key.name in search_attributes.ALL
        }

    async def history(self, case_id: UUID) -> str:
        """The whole history, as JSON."""
        return (await self.workflow(case_id).fetch_history()).to_json()


def spelled_out(history: str) -> str:
    """The history with every payload decoded where it stands."""

    def decode(found: re.Match[str]) -> str:
        return base64.b64decode(found[1]).decode(errors="replace")

    return re.sub(r'"data": "([A-Za-z0-9+/=]+)"', decode, history)


async def running(case: WorkflowHandle[Any, Any]) -> bool:
    """Whether the workflow's present run goes on."""
    return (await case.describe()).status is WorkflowExecutionStatus.RUNNING


async def eventually(
    condition: Callable[[], Any], what: str = "the condition", seconds: float = 15
) -> Any:
    """The first truthy value of `condition`, awaited if need be, polled until the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def time_skipping(identity: str = "tests") -> AsyncIterator[WorkflowEnvironment]:
    """The Java test server, with the search attributes that the platform uses."""
    program = Path(sys.executable).parent / "temporal-test-server"
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=CONVERTER, identity=identity, test_server_existing_path=str(program)
    ) as environment:
        kinds = {
            name: IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.upper()}")
            for name, kind in search_attributes.ALL.items()
        }
        await environment.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace="default", search_attributes=kinds)
        )
        yield environment


def real_temporal(folder: Path, database: str | None = None) -> TemporalServer:
    """The server of `aftersales up`, in memory unless `database` names its file."""
    return TemporalServer(
        folder / database if database else None,
        log=folder / "temporal.log",
        search_attributes=search_attributes.ALL,
    )


async def connected(server: TemporalServer) -> Client:
    return await connect(Settings(temporal=server.address))
