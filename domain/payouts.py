"""The rules of a payout under way: whether to send or to ask, and how long to wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.cases import Attention, CaseView, PayoutState

ASK_AFTER_SECONDS = (1, 2, 4, 8, 15, 20)
"""Waits before the gateway is asked what became of an attempt; the last one repeats. The first
keeps the promise to ask within 2 s, the last the promise to finish within 40 s of a fault."""

POLL_AFTER_SECONDS = (2, 10, 60, 600, 3600, 6 * 3600)
"""Waits between the questions about a pending payout; the last one repeats."""

POLL_BANK_AFTER_SECONDS = (2, 10, *[30] * 20, 600, 3600, 6 * 3600)
"""The same at the bank, which reports nothing by itself: for ten minutes we ask often enough to
finish within 40 s of its having paid."""

REVERSIBLE_FOR = timedelta(days=35)
"""How long a paid payout may still be taken back; longer than banks return what did not arrive."""

ASK_AGAIN_FIRST = timedelta(days=1)
"""When a payout is first asked about after its success: Stripe itself reports what it takes back,
so this only makes up for a report that got lost."""

BANK_OFTEN = timedelta(seconds=30)
BANK_OFTEN_FOR = timedelta(minutes=10)
"""A bank reports nothing, so it is asked this often, for so long after its success."""

QUIET_TIME = timedelta(seconds=1)
"""How long "not found" proves nothing: the attempt may still be on its way in."""

RESEND_WITHIN = timedelta(hours=12)
"""Half the life of a gateway's idempotency key. After that we ask first (see `found_unused`):
Stripe may forget a key after 24 h, and then the same key would pay again."""

ARRIVED_WITHIN = timedelta(minutes=10)
"""After that, what was sent is at the gateway or never will be."""

LOOK_AGAIN_EVERY, LOOK_AGAIN_FOR = timedelta(days=1), timedelta(days=90)
"""How often and how long a gateway is asked about a payout that was settled by hand meanwhile."""

PARK_IN_DOUBT_AFTER = timedelta(minutes=10)


class Move(StrEnum):
    SEND = "send"
    ASK = "ask"


class LastWord(StrEnum):
    """What the gateway last said of an attempt whose fate is unknown, where it matters."""

    NOT_FOUND = "not_found"
    NOT_EXECUTED = "not_executed"
    REFUSES_US = "gateway_refuses_us"
    """401 or 403 to what was sent: mended in our configuration, and tried on under the same key."""


REFUSES_TO_TELL = "gateway_refuses_to_tell"
"""401 or 403 to a question, which says nothing of what was asked about."""


@dataclass(frozen=True)
class Standing:
    """Where a case stands after a step. `wake_after` is the seconds until the next step is worth
    taking, None if there is none to take; `asking` means that the gateway owes us an answer.
    """

    case: CaseView
    wake_after: float | None = None
    asking: bool = False


def is_quiet(sent_at: datetime | None, now: datetime) -> bool:
    """True once "not found" means something of what was sent then."""
    return sent_at is None or now - sent_at >= QUIET_TIME


def next_move(
    state: PayoutState,
    *,
    last_word: str,
    sent_at: datetime | None,
    known_unused: datetime | None,
    now: datetime,
) -> Move | None:
    """What to do about a payout through a gateway now; None once its fate is settled.

    The same key goes out again only if the gateway itself said that it had not executed it, its
    quiet time is over and the key is young: `known_unused` is when the gateway cannot have known it
    yet. Everything else is asked about.
    """
    match state:
        case PayoutState.RESERVED:
            return Move.SEND
        case PayoutState.SENDING | PayoutState.PENDING:
            return Move.ASK
        case PayoutState.UNKNOWN:
            unexecuted = last_word in tuple(LastWord)
            young = known_unused is None or now - known_unused < RESEND_WITHIN
            return Move.SEND if unexecuted and is_quiet(sent_at, now) and young else Move.ASK
        case _:
            return None


def found_unused(
    *, word: str, asked_at: datetime, sent_at: datetime | None, known_unused: datetime | None
) -> bool:
    """True if a key too old to be sent again was found unused when nothing sent under it could
    still be on its way. The key is as good as new then: the gateway had nothing to forget.
    """
    arrived = sent_at is None or asked_at - sent_at >= ARRIVED_WITHIN
    old = known_unused is not None and asked_at - known_unused >= RESEND_WITHIN
    return word == LastWord.NOT_FOUND and arrived and old


def ask_after(asked: int) -> float:
    """Seconds until the next question about an unknown payout that was asked about so often."""
    return ASK_AFTER_SECONDS[min(asked, len(ASK_AFTER_SECONDS) - 1)]


def poll_after(asked: int, *, at_bank: bool) -> float:
    """Seconds until the next question about a pending payout."""
    waits = POLL_BANK_AFTER_SECONDS if at_bank else POLL_AFTER_SECONDS
    return waits[min(asked, len(waits) - 1)]


def ask_again_at(paid_at: datetime, now: datetime, *, at_bank: bool) -> datetime | None:
    """When to ask whether a paid payout has stayed paid; None once it can be relied upon.

    Each wait is as long as the time since the payment, so the questions to one payout are about
    as many as that time can be doubled.
    """
    age = now - paid_at
    first = BANK_OFTEN if at_bank else ASK_AGAIN_FIRST
    wait = first if at_bank and age < BANK_OFTEN_FOR else max(age, first)
    return now + wait if age + wait <= REVERSIBLE_FOR else None


def park_in_doubt(unknown_since: datetime | None, now: datetime) -> bool:
    """True once a payout has been unknown for so long that a person should look."""
    return unknown_since is not None and now - unknown_since >= PARK_IN_DOUBT_AFTER


def why_in_doubt(last_word: str) -> Attention:
    """What a person is told of a payout that is parked because its fate is not known."""
    ours = last_word in (LastWord.REFUSES_US, REFUSES_TO_TELL)
    return Attention.GATEWAY_REFUSES_US if ours else Attention.PAYOUT_IN_DOUBT


UNREAD = (Attention.CHARGE_UNREADABLE, Attention.GATEWAY_REFUSES_US)
"""Parked perhaps before anything was sent, for the gateway does not show the charge: it is read on.
"""


def why_unread(code: str) -> Attention:
    """What a person is told of a payout that waits for its charge to be read."""
    return UNREAD[1] if code == REFUSES_TO_TELL else UNREAD[0]


IN_DOUBT = (Attention.PAYOUT_IN_DOUBT, Attention.GATEWAY_REFUSES_US)
"""Parked for want of the gateway's answer, which unparks them."""


def may_be_settled_from(unknown_since: datetime, doubt_hours: int) -> datetime:
    """From when on two people may say what became of a payout that no gateway tells of."""
    return unknown_since + timedelta(hours=doubt_hours)


def look_again_at(settled_at: datetime, now: datetime) -> datetime | None:
    """When to ask again whether a payout settled by hand has left by the gateway all the same."""
    following = now + LOOK_AGAIN_EVERY
    return following if following - settled_at <= LOOK_AGAIN_FOR else None
