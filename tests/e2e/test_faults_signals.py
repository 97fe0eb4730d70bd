"""What anybody who reaches Temporal can send a case by hand, and what it cannot bring about."""

import asyncio

from sqlalchemy import select

from runtime.client import connect
from runtime.settings import Settings
from store.tables import Outbox
from tests.e2e.live import Live, paid_once
from tests.sandbox_process import eventually

BURST = 2_000


def signals(platform: Live, case_id: str, name: str, *messages: dict[str, object]) -> None:
    """What a person sends to a refund from Temporal's command line, once its workflow runs."""

    async def send() -> None:
        client = await connect(Settings(temporal=platform.found.temporal))
        workflow = client.get_workflow_handle(f"refund/{case_id}")
        for first in range(0, len(messages), 100):
            batch = messages[first : first + 100]
            await asyncio.gather(*(workflow.signal(name, message) for message in batch))

    eventually(lambda: told(platform, case_id), platform.patience)
    asyncio.run(send())


def told(platform: Live, case_id: str) -> bool:
    """Whether Temporal has all that the case has to tell it."""
    waiting = select(Outbox.id).where(Outbox.case_id == case_id, Outbox.delivered_at.is_(None))
    with platform.database.begin() as session:
        return session.scalars(waiting).first() is None


def test_a_burst_of_signals_does_not_stop_the_payment(platform: Live) -> None:
    order_id = platform.sell((2, 1000))
    case_id = platform.apply(order_id)
    signals(platform, case_id, "approve", *({"actor": f"nobody-{n}"} for n in range(BURST)))
    platform.approve(case_id)
    platform.wait_for(case_id, seconds=60)
    paid_once(platform, [order_id], 500)


def test_two_signals_that_name_two_leads_send_no_money_to_a_card(platform: Live) -> None:
    order_id = platform.sell((2, 1000))
    case_id = platform.apply(order_id)
    platform.fault("decline", order_id)
    platform.approve(case_id)
    platform.wait_for(case_id, "needs_attention")
    to = {"kind": "bank_card", "token": "tok_of_the_sender", "last4": "4242"}
    order: dict[str, object] = {"action": "reroute", "payout_to": to, "note": ""}
    signals(platform, case_id, "resume", {"actor": "lead", **order}, {"actor": "other", **order})

    def answered() -> list[dict[str, object]]:
        refused = [e for e in platform.events(case_id) if e["what"] == "signal_refused"]
        return refused if len(refused) == 2 else []

    said = eventually(answered, platform.patience)
    assert {(event["detail"], event["channel"]) for event in said} == {
        ("resume: forbidden", "temporal")
    }
    assert platform.read(case_id)["stage"] == "needs_attention"
    assert platform.events(case_id)[0]["channel"] == "api"
    assert platform.resume(case_id, "give_up").status_code == 200
