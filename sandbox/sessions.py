"""What becomes of a Checkout Session? Opened, paid, expired by the shop or by time: only once.

Unlike at Stripe, a session may be opened to expire within 30 minutes, so that a test sees it do so.
"""

import operator
import time
from functools import partial

from sandbox.book import Book, Row
from sandbox.faults import Fault, Kind
from sandbox.forms import Params, currency_of, money, number, required
from sandbox.parties import Executed
from sandbox.shapes import Refused, event_object, intent_of, missing, new_id

LONGEST_SECONDS = 24 * 60 * 60

_BOUNDS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


def open_session(
    book: Book, params: Params, key: str | None, fault: Fault | None, *, base: str
) -> Executed:
    required(params, "success_url")
    if required(params, "mode") != "payment":
        raise Refused(400, "Only the mode `payment` is served here.", param="mode")
    amount, currency = _total(params)
    now = int(time.time())
    expires_at = number(params, "expires_at") if "expires_at" in params else now + LONGEST_SECONDS
    # Stripe gives these refusals no code.
    if expires_at <= now:
        raise Refused(400, "The `expires_at` timestamp must be in the future.", param="expires_at")
    if expires_at > now + LONGEST_SECONDS:
        raise Refused(
            400,
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    if fault and fault.fault is Kind.DECLINE:
        raise Refused(
            400,
            "The Checkout Session's total amount due is too small.",
            code="amount_too_small",
            saved=True,
        )
    row = {
        "id": new_id("cs_test"),
        "key": key,
        "amount": amount,
        "currency": currency,
        "status": "open",
        "charge": None,
        "metadata": params.get("metadata", {}),
        "created": now,
        "expires_at": expires_at,
        "then": {"status": "expired", "at": expires_at},
    }
    return {"checkout": row}, session_object(row, base)


def pay_session(
    book: Book, params: Params, key: str | None, fault: Fault | None, *, session_id: str
) -> Executed:
    row = session_of(book, session_id)
    now = time.time()
    if row["status"] != "open" or row["expires_at"] <= now:
        raise Refused(400, f"This Checkout Session cannot be paid: it is {row['status']}.")
    charge = {name: row[name] for name in ("amount", "currency", "metadata")}
    charge |= {"id": new_id("ch"), "created": int(now)}
    paid = row | {"status": "complete", "charge": charge["id"], "then": None}
    return _told("checkout.session.completed", paid, key) | {"charge": charge}, session_object(paid)


def expire_session(
    book: Book, params: Params, key: str | None, fault: Fault | None, *, session_id: str
) -> Executed:
    row = session_of(book, session_id)
    if row["status"] != "open":
        raise Refused(
            400,
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{row['status']}`.",
            saved=True,
        )
    entry = session_expired(row, key)
    return entry, session_object(entry["checkout"])


def session_expired(row: Row, key: str | None = None) -> Row:
    """The entry for the end of a session that nobody paid: by time, or by a request under `key`."""
    return _told("checkout.session.expired", row | {"status": "expired", "then": None}, key)


def session_object(row: Row, base: str = "") -> Row:
    """A session as Stripe writes it. The page of an open one is at `base`: a POST there pays."""
    is_open = row["status"] == "open"
    return {
        "id": row["id"],
        "object": "checkout.session",
        "amount_subtotal": row["amount"],
        "amount_total": row["amount"],
        "created": row["created"],
        "currency": row["currency"],
        "expires_at": row["expires_at"],
        "livemode": False,
        "metadata": row["metadata"],
        "mode": "payment",
        "payment_intent": intent_of(row["charge"]) if row["charge"] else None,
        "payment_status": "paid" if row["status"] == "complete" else "unpaid",
        "status": row["status"],
        "url": f"{base}_sandbox/checkout/{row['id']}/pay" if is_open else None,
    }


def session_of(book: Book, session_id: str) -> Row:
    if session_id not in book.checkouts:
        raise missing("checkout.session", session_id, "session")
    return book.checkouts[session_id]


def asked_for(row: Row, query: Params) -> bool:
    """Whether a list by `status` and by `created[gte]`, `[lt]` and so on shows this session."""
    bounds = query.get("created", {})
    return query.get("status", row["status"]) == row["status"] and all(
        holds(row["created"], number(bounds, name))
        for name, holds in _BOUNDS.items()
        if name in bounds
    )


def _told(kind: str, row: Row, key: str | None) -> Row:
    event = event_object(kind, session_object(row), int(time.time()), key)
    return {"checkout": row, "events": [event]}


def _total(params: Params) -> tuple[int, str]:
    """Amount and currency of all line items, each with a price of its own making."""
    items = _object(params, "line_items")
    prices = [_object(item, "price_data") for item in map(partial(_object, items), items)]
    currencies = {currency_of(price) for price in prices}
    if len(currencies) != 1:
        raise Refused(400, "All line items need the same currency.", param="line_items")
    amounts = (
        money(price, "unit_amount", currency_of(price)) * number(item, "quantity")
        for price, item in zip(prices, items.values(), strict=True)
    )
    return sum(amounts), currencies.pop()


def _object(params: Params, name: str) -> Params:
    value = params.get(name)
    if not value or not isinstance(value, dict):
        raise Refused(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    return value
