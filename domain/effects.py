"""What outside parties do for a case that is not money, and which of it waits for which."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.bills import BillWord


class EffectAction(StrEnum):
    """What an outside party is asked for. Each is an activity type of the same name."""

    BOOK_PICKUP = "book_pickup"  # a carrier collects the goods at the buyer's
    CANCEL_PICKUP = "cancel_pickup"
    SEND_PARCEL = "send_parcel"  # a carrier brings goods to the buyer
    HOLD_STOCK = "hold_stock"  # stock is set aside for a replacement
    RELEASE_STOCK = "release_stock"
    SHIP_STOCK = "ship_stock"  # held stock leaves the shelf
    RESTOCK = "restock"  # accepted units go back on the shelf
    ORDER_REPAIR = "order_repair"  # a repair shop repairs
    COLLECT_BILL = "collect_bill"  # the buyer is asked to pay, until they have or it is over
    CANCEL_BILL = "cancel_bill"  # it is never to be paid
    REFUND_BILL = "refund_bill"  # it was paid, and nothing was given for it


class Lane(StrEnum):
    """The object that an effect is about. Effects of one lane run one after another, in the order
    in which they were planned; lanes do not wait for each other.
    """

    PICKUP = "pickup"
    STOCK = "stock"
    DELIVERY = "delivery"
    REPAIR = "repair"
    BILL = "bill"


LANES: dict[EffectAction, Lane] = {
    EffectAction.BOOK_PICKUP: Lane.PICKUP,
    EffectAction.CANCEL_PICKUP: Lane.PICKUP,
    EffectAction.SEND_PARCEL: Lane.DELIVERY,
    EffectAction.HOLD_STOCK: Lane.STOCK,
    EffectAction.RELEASE_STOCK: Lane.STOCK,
    EffectAction.SHIP_STOCK: Lane.STOCK,
    EffectAction.RESTOCK: Lane.STOCK,
    EffectAction.ORDER_REPAIR: Lane.REPAIR,
    EffectAction.COLLECT_BILL: Lane.BILL,
    EffectAction.CANCEL_BILL: Lane.BILL,
    EffectAction.REFUND_BILL: Lane.BILL,
}


class EffectDoubt(StrEnum):
    """Why a case needs a person although it goes on: a party does not answer about an effect."""

    BOOK_PICKUP = "book_pickup_in_doubt"
    CANCEL_PICKUP = "cancel_pickup_in_doubt"
    SEND_PARCEL = "send_parcel_in_doubt"
    HOLD_STOCK = "hold_stock_in_doubt"
    RELEASE_STOCK = "release_stock_in_doubt"
    SHIP_STOCK = "ship_stock_in_doubt"
    RESTOCK = "restock_in_doubt"
    ORDER_REPAIR = "order_repair_in_doubt"
    COLLECT_BILL = "collect_bill_in_doubt"
    CANCEL_BILL = "cancel_bill_in_doubt"
    REFUND_BILL = "refund_bill_in_doubt"


class EffectState(StrEnum):
    PLANNED = "planned"
    REQUESTED = "requested"
    UNKNOWN = "unknown"
    DONE = "done"
    CANCELLED = "cancelled"  # it was refused, or is no longer wanted: it has not happened


OPEN = (EffectState.PLANNED, EffectState.REQUESTED, EffectState.UNKNOWN)


@dataclass(frozen=True)
class EffectRef:
    """Names one effect: all that an activity is given."""

    case_id: UUID
    effect_id: UUID


@dataclass(frozen=True)
class PlannedEffect:
    """An effect that is not done yet, the `n`-th of its action in its case. One that is `standing`
    (a bill that its buyer may pay) was asked for and waits for somebody else: it holds up nothing.
    """

    effect_id: UUID
    action: EffectAction
    n: int
    standing: bool = False


def next_in_lanes(effects: Iterable[PlannedEffect]) -> Iterator[PlannedEffect]:
    """Of effects in the order of their planning, those for which no other has to be done first."""
    taken: set[Lane] = set()
    for effect in effects:
        lane = LANES[effect.action]
        if lane not in taken:
            yield effect
        if not effect.standing:
            taken.add(lane)


@dataclass(frozen=True)
class Said:
    """What the party said: DONE, CANCELLED (refused for good), or UNKNOWN. What is UNKNOWN and
    `refused` is CANCELLED once the party's book has nothing of it.
    """

    state: EffectState
    reference: str | None = None
    code: str = ""
    retry_after: float | None = None
    carrier: str = ""
    tracking_number: str | None = None
    bill: BillWord | None = None
    refused: bool = False


@dataclass(frozen=True)
class Returned:
    """So many pieces that are on hand again in a warehouse, once under this key."""

    key: str
    sku: str
    quantity: int
    warehouse: str
