"""What an outside party has to be told of an effect: one request type a party."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from domain.effects import EffectAction
from domain.payouts import Move
from store.goods import arrivals, bills, dispositions, holds, parcels, repairs
from store.tables import Case, Effect


@dataclass(frozen=True, kw_only=True)
class EffectRequest:
    """The call to make now: ask for the effect, or ask what became of it. `key` is its idempotency
    key, `reference` the party's own name for it where we know that.
    """

    move: Move
    action: EffectAction
    effect_id: UUID
    key: str
    case_id: UUID
    storefront: str
    order_id: str
    reference: str | None
    requested_at: datetime | None
    refusal: str | None
    """The code with which its party refused it, if it did."""
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ParcelRequest(EffectRequest):
    """A parcel between the warehouse and the buyer's `address`, with these pieces in it."""

    address: dict[str, Any]
    pieces: tuple[dispositions.Pieces, ...]


@dataclass(frozen=True, kw_only=True)
class PickupCancellation(EffectRequest):
    """`of` is the carrier's reference of the pickup that nobody wants any more."""

    of: str | None


@dataclass(frozen=True, kw_only=True)
class StockRequest(EffectRequest):
    """Pieces that are set aside, leave or come back. `of` is the key under which those that leave
    were set aside, `held` by line the keys of what was set aside before and is given up.
    """

    pieces: tuple[dispositions.Pieces, ...] = ()
    of: str | None = None
    held: Mapping[int, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RepairRequest(EffectRequest):
    """The unit that a repair shop is to work on."""

    work: repairs.Work


@dataclass(frozen=True, kw_only=True)
class BillRequest(EffectRequest):
    """The bill that is opened, cancelled or refunded."""

    bill: bills.Billed


def request_for(
    session: Session, case: Case, effect: Effect, move: Move, now: datetime
) -> EffectRequest:
    """The request of this effect, with what its party needs and nothing else."""
    action = EffectAction(effect.action)
    named: dict[str, Any] = {
        "move": move,
        "action": action,
        "effect_id": effect.effect_id,
        "key": effect.key,
        "case_id": case.case_id,
        "storefront": case.storefront,
        "order_id": case.order_id,
        "reference": effect.reference,
        "requested_at": effect.requested_at,
        "refusal": effect.refusal,
        "at": now,
    }
    match action:
        case EffectAction.BOOK_PICKUP | EffectAction.SEND_PARCEL:
            pieces = arrivals.pieces_of(session, effect)
            pieces = pieces or dispositions.pieces_for(session, case, action)
            return ParcelRequest(**named, address=case.address or {}, pieces=pieces)
        case EffectAction.CANCEL_PICKUP:
            return PickupCancellation(**named, of=parcels.booking_of(session, case))
        case EffectAction.ORDER_REPAIR:
            work = repairs.work_on(session, case)
            assert work is not None  # nothing is ordered before a diagnosis
            return RepairRequest(**named, work=work)
        case EffectAction.COLLECT_BILL | EffectAction.CANCEL_BILL | EffectAction.REFUND_BILL:
            bill = bills.billed(session, effect, now)
            assert bill is not None  # a constraint: an effect of a bill names one
            return BillRequest(**named, bill=bill)
        case EffectAction.HOLD_STOCK:
            pieces = dispositions.pieces_for(session, case, action)
            return StockRequest(**named, pieces=pieces, held=_held(session, case, effect))
        case EffectAction.RELEASE_STOCK:
            return StockRequest(**named, held=_held(session, case, effect))
        case EffectAction.SHIP_STOCK:
            pieces = dispositions.pieces_for(session, case, action)
            return StockRequest(**named, pieces=pieces, of=holds.last(session, case))
        case EffectAction.RESTOCK:
            return StockRequest(**named, pieces=dispositions.pieces_for(session, case, action))


def _held(session: Session, case: Case, effect: Effect) -> Mapping[int, Sequence[str]]:
    return holds.kept_under(session, case, but=effect)
