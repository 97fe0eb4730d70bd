"""How does Stripe write it? Objects, lists, events and errors in the JSON of its REST API."""

import secrets
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from operator import ge, gt, le, lt
from typing import Any

from sandbox.book import Row

API_VERSION = "2020-08-27"


class Refused(Exception):
    """An error answer. `saved` tells whether the idempotency key keeps it: only once execution
    had begun, so never for requests that were malformed or came at the wrong time."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        saved: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.saved = saved
        self.retry_after = retry_after
        fields = {"type": kind, "code": code, "message": message, "param": param}
        self.body = {"error": {name: value for name, value in fields.items() if value is not None}}


def missing(what: str, identifier: str, param: str) -> Refused:
    return Refused(
        404, f"No such {what}: '{identifier}'", code="resource_missing", param=param, saved=True
    )


def server_error() -> Refused:
    return Refused(500, "An unknown error occurred.", kind="api_error")


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def intent_of(charge_id: str) -> str:
    """Every charge is also known by a payment intent: the same name with another prefix."""
    return "pi_" + charge_id.removeprefix("ch_")


def captured_of(row: Row) -> int:
    """What was captured of a charge: all of it, unless it was made to wait for that."""
    captured: int = row["captured"] if "captured" in row else row["amount"]
    return captured


def charge_object(
    row: Row, refunded: int, *, disputed: bool = False, refunds: Iterable[Row] | None = None
) -> Row:
    """`refunds`, newest first, if they are to be shown in full: ten of them, as Stripe does."""
    captured = captured_of(row)
    shape = {
        "id": row["id"],
        "object": "charge",
        "amount": row["amount"],
        "amount_captured": captured,
        "amount_refunded": refunded,
        "captured": captured > 0,
        "created": row["created"],
        "currency": row["currency"],
        "disputed": disputed,
        "livemode": False,
        "metadata": row["metadata"],
        "paid": True,
        "payment_intent": intent_of(row["id"]),
        "refunded": refunded >= row["amount"],
        "status": "succeeded",
    }
    if refunds is None:
        return shape
    return shape | {"refunds": list_object(f"/v1/charges/{row['id']}/refunds", refunds, {})}


def dispute_object(row: Row) -> Row:
    names = ("id", "amount", "charge", "created", "currency", "status")
    shape = {name: row[name] for name in names}
    shape |= {"object": "dispute", "payment_intent": intent_of(row["charge"])}
    return shape | {"livemode": False, "metadata": {}, "reason": "general"}


def intent_object(row: Row) -> Row:
    return {
        "id": intent_of(row["id"]),
        "object": "payment_intent",
        "amount": row["amount"],
        "amount_received": captured_of(row),
        "created": row["created"],
        "currency": row["currency"],
        "latest_charge": row["id"],
        "livemode": False,
        "metadata": row["metadata"],
        "status": "succeeded" if captured_of(row) else "requires_capture",
    }


def refund_object(row: Row) -> Row:
    shape = {
        "id": row["id"],
        "object": "refund",
        "amount": row["amount"],
        "charge": row["charge"],
        "created": row["created"],
        "currency": row["currency"],
        "metadata": row["metadata"],
        "payment_intent": intent_of(row["charge"]),
        "reason": None,
        "receipt_number": None,
        "status": row["status"],
    }
    if row["status"] == "failed":
        shape["failure_reason"] = "expired_or_canceled_card"
    if row["status"] == "pending":
        shape["pending_reason"] = "processing"
    return shape


def transfer_object(row: Row) -> Row:
    shape = {name: row[name] for name in ("id", "amount", "currency", "metadata", "created")}
    shape |= {"object": "transfer", "status": row["status"], "livemode": False}
    if row["status"] == "failed":
        shape["failure_reason"] = "account_closed"
    return shape


def list_object(
    url: str,
    newest_first: Iterable[Row],
    query: dict[str, Any],
    shape: Callable[[Row], Row] = lambda row: row,
) -> Row:
    """One page, each row in its `shape`: `limit` 1 to 100 (default 10), `starting_after` the last
    id already seen, `created[gte]`, `[gt]`, `[lte]`, `[lt]` in epoch seconds.
    """
    limit = query.get("limit", "10")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= 100):
        raise Refused(400, "Invalid limit", code="parameter_invalid_integer", param="limit")
    bounds = _bounds(query.get("created", {}))
    rows = (row for row in newest_first if all(holds(row["created"]) for holds in bounds))
    after = query.get("starting_after")
    if after and all(row["id"] != after for row in rows):  # reads on to the last one seen
        raise missing("object", after, "starting_after")
    page = list(islice(rows, int(limit) + 1))
    more = len(page) > int(limit)
    data = [shape(row) for row in page[: int(limit)]]
    return {"object": "list", "url": url, "has_more": more, "data": data}


BOUNDS: dict[str, Callable[[int, int], bool]] = {"gte": ge, "gt": gt, "lte": le, "lt": lt}


def _bounds(created: Any) -> list[Callable[[int], bool]]:
    if not isinstance(created, dict) or not created.keys() <= BOUNDS.keys():
        raise Refused(400, "Invalid created", code="parameter_unknown", param="created")
    for text in created.values():
        if not (isinstance(text, str) and text.isascii() and text.isdigit()):
            raise Refused(400, "Invalid integer", code="parameter_invalid_integer", param="created")
    return [partial(_holds, BOUNDS[name], int(text)) for name, text in created.items()]


def _holds(bound: Callable[[int, int], bool], limit: int, at: int) -> bool:
    return bound(at, limit)


def event_object(kind: str, subject: Row, at: int, key: str | None) -> Row:
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": at,
        "data": {"object": subject},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": key},
        "type": kind,
    }
