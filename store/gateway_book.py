"""What a gateway's own list says, kept: its rows, and how far the list was read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.reconciliation import FIRST_READING, OVERLAP, Standing
from store.tables import GatewayEntry, GatewayReading, PayoutAttempt

CHANGES = ("amount", "status", "seen_at")
"""What a later look at a row of the list may say otherwise than the first."""


class OtherGateway(ValueError):
    """The list that is kept is another gateway's. The message is that one's address."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A refund or transfer as its gateway lists it, in minor units of its currency."""

    refund_id: str
    way: str
    charge: str | None
    amount: int
    currency: str
    status: str
    created_at: datetime
    key: str | None
    order_id: str | None
    case_id: UUID | None
    payout_id: UUID | None


def take_in(session: Session, entries: Sequence[Entry], now: datetime) -> None:
    """Keep what the gateway says of these; what is known already keeps its standing.

    A row is ours if we have its key, also one that was recovered. One that people accepted as
    another's stays that, as it is booked so.
    """
    if not entries:
        return
    rows = [asdict(e) | {"standing": Standing.FOREIGN, "seen_at": now} for e in entries]
    stated = insert(GatewayEntry).values(rows)
    again = stated.on_conflict_do_update(
        index_elements=["refund_id"], set_={name: stated.excluded[name] for name in CHANGES}
    )
    session.execute(again)
    know_ours(session, [entry.refund_id for entry in entries])


def know_ours(session: Session, refund_ids: Sequence[str] | None = None) -> None:
    """Of these rows, or of all, those that bear a key of ours by now are ours."""
    session.execute(KNOW_OURS, {"ids": refund_ids})


KNOW_OURS = text("""
    update gateway_book g
    set standing = 'ours',
        storefront = coalesce(p.storefront, e.storefront),
        order_id = coalesce(p.order_id, g.order_id)
    from gateway_book b
    left join payout_attempts a on a.gateway_key = b.key
    left join payouts p on p.payout_id = a.payout_id
    left join effects e on e.key = b.key and e.action = 'refund_bill'
    where b.refund_id = g.refund_id
      and (cast(:ids as text[]) is null or g.refund_id = any(:ids))
      and g.standing in ('foreign', 'recovered')
      and ((p.amount, coalesce(p.reference, b.refund_id)) = (b.amount, b.refund_id)
           or (e.key is not null and coalesce(e.reference, b.refund_id) = b.refund_id))
""")
"""What bears a key of ours is ours: a payout's, of its amount, or that of a bill that is paid back.
The gateway may have named us another under that key; then this one is somebody else's.
"""


def read_since(
    session: Session, way: str, base: str, wanted: datetime | None, now: datetime
) -> datetime:
    """From when on the list is to be read: at least from `wanted`, and never leaving a gap.

    Raises OtherGateway where the list that is kept is not that of `base`.
    """
    reading = session.get(GatewayReading, way)
    if reading is not None:
        if reading.base != base:
            raise OtherGateway(reading.base)
        since = reading.read_at - OVERLAP
    else:
        first_sent = session.scalar(select(func.min(PayoutAttempt.sent_at)))
        since = min(now - FIRST_READING, (first_sent or now) - OVERLAP)
    return min(since, wanted) if wanted else since


def has_been_read(session: Session, way: str, base: str, since: datetime, at: datetime) -> None:
    """The whole list since then was read, in a reading that began `at`."""
    stated = insert(GatewayReading).values(way=way, base=base, covers_from=since, read_at=at)
    session.execute(
        stated.on_conflict_do_update(
            index_elements=["way"],
            set_={
                "covers_from": func.least(GatewayReading.covers_from, since),
                "read_at": func.greatest(GatewayReading.read_at, at),
            },
        )
    )


def forget_other(session: Session, bases: dict[str, str]) -> None:
    """Whoever moves the money says which gateway it is: the reading of another one is over."""
    other = text("delete from gateway_readings where way = :way and base <> :base")
    session.execute(other, [{"way": way, "base": base} for way, base in bases.items()])


def readings(session: Session) -> dict[str, GatewayReading]:
    """How far each gateway's list was read."""
    return {reading.way: reading for reading in session.scalars(select(GatewayReading))}


def seen_before(session: Session, refund_ids: Sequence[str], at: datetime) -> list[str]:
    """Which of these were looked at before `at`, and may have changed since."""
    found = select(GatewayEntry.refund_id).where(
        GatewayEntry.refund_id.in_(bindparam("ids", expanding=True)), GatewayEntry.seen_at < at
    )
    values: dict[str, Any] = {"ids": list(refund_ids)}
    return list(session.scalars(found, values)) if refund_ids else []
