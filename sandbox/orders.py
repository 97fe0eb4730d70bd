"""How is an order taken that is placed once per key, found by key, and cancelled? In JSON.

Carrier and repair shop work alike. Bodies and answers are JSON, errors in Stripe's shape.
"""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response

from sandbox.book import Book, Row
from sandbox.exchange import Exchange
from sandbox.faults import Fault, Kind, Party
from sandbox.forms import Params, decode
from sandbox.parties import Executed
from sandbox.shapes import Refused, list_object, missing, new_id


def add_orders(
    app: FastAPI,
    exchange: Exchange,
    *,
    party: Party,
    kind: str,
    prefix: str,
    take: Callable[[Params, Fault | None], Row],
    begun: Callable[[Row, Fault | None], Refused | None],
) -> None:
    """The four calls for rows of one kind, at `/v1/<kind>s`.

    `take` makes the fields of a new row, or raises Refused; `begun` tells why a row can no longer
    be cancelled.
    """
    path, rows = f"/v1/{kind}s", exchange.book.kept[kind]

    def names(row_id: str) -> dict[str, str]:
        return _names(rows.get(row_id, {}))

    def place(book: Book, params: Params, key: str | None, fault: Fault | None) -> Executed:
        fixed = {"id": new_id(prefix), "key": key}
        row = fixed | take(params, fault) | {"metadata": _names(params), "created": _now()}
        return {kind: row}, _shape(kind, row)

    def cancel(
        book: Book, params: Params, key: str | None, fault: Fault | None, *, row_id: str
    ) -> Executed:
        row = _of(rows, kind, row_id)
        if row["status"] == "cancelled":
            return {}, _shape(kind, row)
        if refusal := begun(row, fault):
            raise refusal
        cancelled = row | {"status": "cancelled"}
        return {kind: cancelled}, _shape(kind, cancelled)

    @app.post(path)
    async def create(request: Request) -> Response:
        params = _object(await request.body())
        return await exchange.create(request, params, place, party, _names(params))

    @app.get(path)
    async def listing(request: Request) -> Response:
        query = decode(request.url.query)
        key = query.get("key")
        found = [row for row in rows.values() if key is None or row["key"] == key]

        def read() -> Row:
            newest_first = [_shape(kind, rows[row["id"]]) for row in reversed(found)]
            return list_object(path, newest_first, query)

        subject = _names(found[0]) if key and found else {}
        return await exchange.read(request, read, party, "list", subject)

    @app.get(path + "/{row_id}")
    async def retrieve(request: Request, row_id: str) -> Response:
        def read() -> Row:
            return _shape(kind, _of(rows, kind, row_id))

        return await exchange.read(request, read, party, "retrieve", names(row_id))

    @app.post(path + "/{row_id}/cancel")
    async def cancelling(request: Request, row_id: str) -> Response:
        execute = partial(cancel, row_id=row_id)
        return await exchange.create(request, {}, execute, party, names(row_id))


def declined(fault: Fault | None) -> bool:
    return fault is not None and fault.fault is Kind.DECLINE


def text(params: Params, name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(400, f"Missing {name}", code="parameter_missing", param=name)
    return value


def _shape(kind: str, row: Row) -> Row:
    return {"object": kind} | row


def _of(rows: dict[str, Row], kind: str, row_id: str) -> Row:
    if row_id not in rows:
        raise missing(kind, row_id, "id")
    return rows[row_id]


def _names(params: Params) -> dict[str, str]:
    names = params.get("metadata", {})
    return names if isinstance(names, dict) else {}


def _object(body: bytes) -> dict[str, Any]:
    try:
        params = json.loads(body)
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise Refused(400, "The body has to be a JSON object.")
    return params


def _now() -> int:
    return int(time.time())
