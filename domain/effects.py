"""Things done by outside parties that are not money: what there is, and what to do about each now.

As with payouts, what was asked for and got no answer is asked about by our key, and goes out again
under the same key only once its party has said that it did nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.bills import BillWord
from domain.cases import CaseView
from domain.payouts import ASK_AFTER_SECONDS, LastWord, Move, is_quiet


class Action(StrEnum):
    COLLECT = "collect"  # a carrier picks the goods up at the buyer's
    CANCEL_COLLECTION = "cancel_collection"
    SEND = "send"  # a carrier brings goods to the buyer
    HOLD = "hold"  # stock is set aside for a replacement
    RELEASE = "release"
    SHIP = "ship"  # held stock leaves the shelf
    PUT_BACK = "put_back"  # accepted units go back on the shelf
    WORK_ORDER = "work_order"  # a repair shop repairs
    BILL = "bill"  # the buyer is asked to pay
    ASK_BILL = "ask_bill"  # the gateway says whether they have
    CANCEL_BILL = "cancel_bill"  # it is never to be paid
    REPAY_BILL = "repay_bill"  # it was paid, and nothing was given for it


class EffectState(StrEnum):
    PLANNED = "planned"
    REQUESTED = "requested"
    UNKNOWN = "unknown"
    DONE = "done"
    CANCELLED = "cancelled"  # it was refused, or is no longer wanted: it has not happened


OPEN = (EffectState.PLANNED, EffectState.REQUESTED, EffectState.UNKNOWN)


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


@dataclass(frozen=True)
class Progress:
    """Where a case stands after a step; `wake_after` is when to ask again, in seconds, if its
    party owes an answer.
    """

    case: CaseView
    wake_after: float | None = None


def next_move(
    state: EffectState, *, last_word: str, requested_at: datetime | None, now: datetime
) -> Move:
    """Whether to ask for it (again, under the same key) or to ask what became of it."""
    match state:
        case EffectState.PLANNED:
            return Move.SEND
        case EffectState.UNKNOWN if last_word in tuple(LastWord):
            return Move.SEND if is_quiet(requested_at, now) else Move.ASK
        case _:
            return Move.ASK


def wait(asked: int) -> float:
    """Seconds until the next question about something that was asked about so often."""
    return ASK_AFTER_SECONDS[min(asked, len(ASK_AFTER_SECONDS) - 1)]
