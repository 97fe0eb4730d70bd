"""What has a gateway moved since a moment? Its own list, page by page, newest first.

Only what compares with our books is kept of a row: ids, amounts, a status, times, and the metadata
that we write ourselves, each in the form that we write it.
"""

import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

import stripe

from domain.stripe_amounts import in_minor_units
from gateways.answers import UNREADABLE, connect, refusal
from gateways.paging import PAGE

WAITS = (1.0, 2.0, 4.0)
"""Seconds before a page that did not come is asked for again; then the reading is given up."""

LONGEST_WAIT = 20.0

KEY_REFUSED = "key_refused"
"""Why a list is not shown to who has another key, or none."""

T = TypeVar("T")

_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Unlisted(Exception):
    """A gateway's list could not be read to its end. The message is a short code."""


@dataclass(frozen=True, kw_only=True)
class ListedRefund:
    """A refund or transfer as its gateway lists it. `amount` is in minor units of `currency`,
    `status` the gateway's own; `key` and the three ids are what we wrote into its metadata.
    """

    refund_id: str
    way: str
    charge: str | None
    amount: int
    currency: str
    status: str
    created_at: datetime
    key: str | None = None
    order_id: str | None = None
    case_id: UUID | None = None
    payout_id: UUID | None = None


class Statement(Protocol):
    """A party whose list of moved money can be read. Both calls raise Unlisted."""

    way: str
    base: str
    """Its address: whose list it is."""

    def pages(self, since: datetime) -> Iterator[list[ListedRefund]]:
        """All that was made at `since` or later, up to 100 at a time, newest first."""
        ...

    def one(self, refund_id: str) -> ListedRefund:
        """What a row says now."""
        ...


class RefundStatement:
    """The refunds of a Stripe account."""

    way = "original"

    def __init__(self, base: str, api_key: str) -> None:
        self.base = base.rstrip("/")
        self._refunds = connect(base, api_key).v1.refunds

    def pages(self, since: datetime) -> Iterator[list[ListedRefund]]:
        return _pages(self._refunds.list, since, self._read)

    def one(self, refund_id: str) -> ListedRefund:
        return _asked(lambda: self._read(self._refunds.retrieve(refund_id).to_dict()))

    def _read(self, row: dict[str, Any]) -> ListedRefund:
        return _listed(row, self.way, row["charge"])


class TransferStatement:
    """The transfers of the bank, which speaks Stripe's manners."""

    way = "bank_card"

    def __init__(self, base: str, api_key: str) -> None:
        self.base = base.rstrip("/")
        self._transfers = connect(base, api_key).v1.transfers

    def pages(self, since: datetime) -> Iterator[list[ListedRefund]]:
        return _pages(self._transfers.list, since, self._read)

    def one(self, refund_id: str) -> ListedRefund:
        return _asked(lambda: self._read(self._transfers.retrieve(refund_id).to_dict()))

    def _read(self, row: dict[str, Any]) -> ListedRefund:
        return _listed(row, self.way, None)


def _pages(
    page_of: Callable[[Any], Any],
    since: datetime,
    read: Callable[[dict[str, Any]], ListedRefund],
) -> Iterator[list[ListedRefund]]:
    query: dict[str, Any] = {"limit": PAGE, "created": {"gte": int(since.timestamp())}}
    while True:
        rows, more = _asked(partial(_page, page_of, query, read))
        yield rows
        if not more:
            return
        last = rows[-1].refund_id if rows else None
        if last is None or last == query.get("starting_after"):
            raise Unlisted("a_list_without_an_end")
        query = query | {"starting_after": last}


def _page(
    page_of: Callable[[Any], Any],
    query: dict[str, Any],
    read: Callable[[dict[str, Any]], ListedRefund],
) -> tuple[list[ListedRefund], bool]:
    page = page_of(query).to_dict()
    return [read(row) for row in page["data"]], bool(page["has_more"])


def _asked(ask: Callable[[], T]) -> T:
    """The answer, asked for again where none came. Raises Unlisted."""
    for wait in (*WAITS, None):
        try:
            return ask()
        except stripe.StripeError as error:
            why = refusal(error)
            if error.http_status in (401, 403):
                raise Unlisted(KEY_REFUSED) from error
            if wait is None or error.http_status in (400, 404):
                raise Unlisted(why.code or f"http_{error.http_status}") from error
            time.sleep(min(why.retry_after or wait, LONGEST_WAIT))
        except UNREADABLE as error:
            raise Unlisted("unreadable") from error
    raise AssertionError("unreachable")


def _listed(row: dict[str, Any], way: str, charge: object) -> ListedRefund:
    metadata = row.get("metadata") or {}
    amount, refund_id = row["amount"], row["id"]
    if (
        type(amount) is not int
        or not _ID.fullmatch(refund_id)
        or not _CURRENCY.fullmatch(row["currency"])
    ):
        raise ValueError("no refund")
    return ListedRefund(
        refund_id=refund_id,
        way=way,
        charge=_matching(_ID, charge),
        amount=_minor_units(amount, row["currency"]),
        currency=row["currency"].upper(),
        status=_matching(_NAME, row["status"]) or "unlisted",
        created_at=datetime.fromtimestamp(row["created"], UTC),
        key=_matching(_KEY, metadata.get("key")),
        order_id=_matching(_NAME, metadata.get("order_id")),
        case_id=_uuid(metadata.get("case_id")),
        payout_id=_uuid(metadata.get("payout_id")),
    )


def _minor_units(amount: int, currency: str) -> int:
    """A part of a minor unit counts as a whole one: too much left rather than too little."""
    try:
        return math.ceil(in_minor_units(amount, currency))
    except ValueError:
        return amount  # a currency that was never ours to send


def _matching(form: re.Pattern[str], text: object) -> str | None:
    return text if isinstance(text, str) and form.fullmatch(text) else None


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
