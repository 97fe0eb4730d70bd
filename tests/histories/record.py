"""Records the histories that replays are tested with: `python -m tests.histories.record [NAME]`.

Run it for a new way to end, and after a patch whose old branch has been removed. Histories of code
that is out in the world are never recorded anew: that they still replay is what they are for.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from domain.parcels import ParcelStatus
from runtime.postgres import Postgres
from store.inbox import Report, receive
from store.migrations import upgrade
from store.session import Database
from tests.histories import exchanges, trusted
from tests.workflows.gateway import DECLINED, LOST, PENDING, succeeded
from tests.workflows.platform import Platform, eventually, time_skipping
from tests.workflows.workbench import COVERED, HOPELESS, NOT_COVERED, Workbench

FOLDER = Path(__file__).parent


async def approved(platform: Platform) -> UUID:
    case_id = await platform.apply()
    await platform.approve(case_id)
    return case_id


async def rejected(platform: Platform) -> UUID:
    case_id = await platform.apply()
    platform.shop.reject(case_id, now=platform.now())
    return case_id


async def cancelled(platform: Platform) -> UUID:
    case_id = await platform.apply()
    platform.shop.cancel(case_id, platform.now())
    return case_id


async def escalated_then_approved(platform: Platform) -> UUID:
    case_id = await platform.apply()
    await platform.pass_hours(49)
    await platform.hears(case_id, "escalated")
    await platform.approve(case_id)
    return case_id


async def second_approval(platform: Platform) -> UUID:
    case_id = await platform.apply(paid=600_000)
    await platform.approve(case_id)
    await platform.approve(case_id, actor=platform.shop.other_lead)
    return case_id


async def _declined(platform: Platform) -> UUID:
    platform.card.answers_send(DECLINED, succeeded())
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.reaches(case_id, "needs_attention")
    return case_id


async def declined_then_retried(platform: Platform) -> UUID:
    case_id = await _declined(platform)
    await platform.resume(case_id, action="retry")
    return case_id


async def settled_manually(platform: Platform) -> UUID:
    case_id = await _declined(platform)
    await platform.resume(case_id, action="settle", reference="bank-77")
    return case_id


async def given_up(platform: Platform) -> UUID:
    case_id = await _declined(platform)
    await platform.resume(case_id, action="give_up")
    return case_id


async def in_doubt_then_answered(platform: Platform) -> UUID:
    platform.card.answers_send(LOST)
    platform.card.answers_ask(LOST)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_unknown")
    await platform.pass_hours(11 / 60)
    await platform.reaches(case_id, "needs_attention")
    await platform.resume(case_id, action="retry")
    platform.card.answers_ask(succeeded())
    await platform.pass_hours(0.01)
    return case_id


async def pending_then_succeeded(platform: Platform) -> UUID:
    platform.card.answers_send(PENDING)
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_pending")
    await platform.pass_hours(0.01)
    return case_id


async def refused_signal_then_approved(platform: Platform) -> UUID:
    case_id = await platform.apply()
    await platform.signal(case_id, "approve", ["not", "an", "object"])
    await platform.hears(case_id, "signal_refused")
    await platform.approve(case_id)
    return case_id


async def cancellation_requested_then_approved(platform: Platform) -> UUID:
    case_id = await platform.apply()
    await platform.workflow(case_id).cancel()
    await platform.hears(case_id, "signal_refused")
    await platform.approve(case_id)
    return case_id


async def reversed_then_settled(platform: Platform) -> UUID:
    """The second run of a case: started by the gateway's news, ended by a person."""
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.ends(case_id)
    platform.card.answers_ask(DECLINED)
    payout = platform.payouts(case_id)[0]
    news = Report("stripe", "evt_1", "refund.failed", "failed", payout.payout_id)
    platform.database.run(lambda session: receive(session, news, platform.now()))
    await platform.deliver()
    await platform.hears(case_id, "payout_reversed")
    await platform.resume(case_id, action="settle", reference="bank-77")
    return case_id


async def _underway(platform: Platform) -> UUID:
    """A return whose parcel was delivered."""
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.seen(case_id, ParcelStatus.PICKED_UP)
    await platform.seen(case_id, ParcelStatus.DELIVERED)
    return case_id


async def returned(platform: Platform) -> UUID:
    case_id = await _underway(platform)
    await platform.inspect(case_id, 2, 2)
    return case_id


async def return_expired(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.pass_hours(7 * 24 + 1)
    return case_id


async def return_cancelled(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    platform.shop.cancel(case_id, platform.now())
    return case_id


async def return_rejected(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    platform.shop.reject(case_id, now=platform.now())
    return case_id


async def offer_accepted(platform: Platform) -> UUID:
    case_id = await _underway(platform)
    await platform.inspect(case_id, 2, 1)
    await platform.offer(case_id, 200)
    await platform.answer(case_id, accepted=True)
    return case_id


async def offer_declined(platform: Platform) -> UUID:
    case_id = await _underway(platform)
    await platform.inspect(case_id, 2, 1)
    await platform.offer(case_id, 200)
    await platform.answer(case_id, accepted=False)
    await platform.hears(case_id, "dispatched")
    await platform.seen(case_id, ParcelStatus.DELIVERED, n=2)
    return case_id


async def sent_back(platform: Platform) -> UUID:
    case_id = await _underway(platform)
    await platform.inspect(case_id, 2, 0)
    await platform.offer(case_id, 0)
    await platform.hears(case_id, "dispatched")
    await platform.seen(case_id, ParcelStatus.DELIVERED, n=2)
    return case_id


async def empty_box(platform: Platform) -> UUID:
    case_id = await _underway(platform)
    await platform.inspect(case_id, 0, 0)
    await platform.offer(case_id, 0)
    return case_id


async def silent_then_lost(platform: Platform) -> UUID:
    case_id = await platform.apply_to_return()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.seen(case_id, ParcelStatus.PICKED_UP)
    await eventually(lambda: platform.waits_for(case_id, "carrier"), "the carrier has it")
    await platform.pass_hours(10 * 24 + 1)
    await platform.reaches(case_id, "needs_attention")
    await platform.lose(case_id)
    return case_id


async def repaired(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, COVERED)
    await platform.hears(case_id, "work_taken")
    await bench.repaired(case_id)
    await bench.arrives(case_id)
    return case_id


async def repaired_and_paid(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await bench.quote(case_id, accepted=True)
    await platform.hears(case_id, "work_taken")
    await bench.repaired(case_id)
    await bench.pay(case_id)
    await bench.arrives(case_id)
    return case_id


async def quote_declined(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await bench.quote(case_id, accepted=False)
    await bench.arrives(case_id)
    return case_id


async def quote_lapsed(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, NOT_COVERED)
    await eventually(lambda: platform.waits_for(case_id, "buyer"), "the buyer is asked")
    await platform.pass_hours(7 * 24 + 1)
    await bench.arrives(case_id)
    return case_id


async def refunded_unrepaired(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought()
    await bench.diagnose(case_id, HOPELESS)
    await bench.choose(case_id, "refund")
    return case_id


async def swapped(platform: Platform) -> UUID:
    bench = Workbench(platform)
    bench.stock("SKU1", 1)
    case_id = await bench.brought(fallback=["swap", "refund"])
    await bench.diagnose(case_id, HOPELESS)
    await bench.arrives(case_id)
    return case_id


async def swap_out_of_stock(platform: Platform) -> UUID:
    bench = Workbench(platform)
    case_id = await bench.brought(fallback=["swap", "refund"])
    await bench.diagnose(case_id, HOPELESS)
    return case_id


async def repair_rejected(platform: Platform) -> UUID:
    case_id = await Workbench(platform).asked()
    platform.shop.reject(case_id, now=platform.now())
    return case_id


async def repair_expired(platform: Platform) -> UUID:
    case_id = await Workbench(platform).asked()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    await platform.pass_hours(7 * 24 + 1)
    return case_id


async def repair_cancelled(platform: Platform) -> UUID:
    case_id = await Workbench(platform).asked()
    await platform.approve(case_id)
    await platform.hears(case_id, "pickup_booked")
    platform.shop.cancel(case_id, platform.now())
    return case_id


PATHS: dict[str, Callable[[Platform], Awaitable[UUID]]] = {
    path.__name__: path
    for path in (
        approved,
        rejected,
        cancelled,
        escalated_then_approved,
        second_approval,
        declined_then_retried,
        settled_manually,
        given_up,
        in_doubt_then_answered,
        pending_then_succeeded,
        refused_signal_then_approved,
        cancellation_requested_then_approved,
        reversed_then_settled,
        returned,
        return_expired,
        return_cancelled,
        return_rejected,
        offer_accepted,
        offer_declined,
        sent_back,
        empty_box,
        silent_then_lost,
        repaired,
        repaired_and_paid,
        quote_declined,
        quote_lapsed,
        refunded_unrepaired,
        swapped,
        swap_out_of_stock,
        repair_rejected,
        repair_expired,
        repair_cancelled,
        *exchanges.PATHS,
        *trusted.PATHS,
    )
}


async def record(name: str, database_url: str) -> None:
    """Live through the path on a fresh database, and keep the history of its last run."""
    database = Database(database_url)
    async with time_skipping(identity="recorder") as environment:
        platform = Platform(environment.client, database, database_url, environment)
        async with platform.working():
            case_id = await PATHS[name](platform)
            await platform.deliver()
            await platform.ends(case_id)
            text = await platform.history(case_id)
            kind = platform.case(case_id).kind
    database.close()
    (FOLDER / f"{kind}.{name}.json").write_text(text + "\n")
    print(f"recorded {name}, {text.count('eventId')} events")


def main(names: list[str]) -> None:
    with TemporaryDirectory() as folder, Postgres(Path(folder) / "cluster") as server:
        for name in names or PATHS:
            server.create_database(name)
            upgrade(server.url(name))
            asyncio.run(record(name, server.url(name)))


if __name__ == "__main__":
    main(sys.argv[1:])
