"""Which calls does the sandbox answer? Charges, refunds and transfers as Stripe, and its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from sandbox import parties
from sandbox.book import Book, Row
from sandbox.carrier import add_carrier
from sandbox.charges import add_charges
from sandbox.checkout import add_checkout
from sandbox.exchange import Exchange
from sandbox.faults import Fault, Party
from sandbox.forms import Params, decode
from sandbox.repair_shop import add_repair_shop
from sandbox.shapes import (
    Refused,
    list_object,
    missing,
    refund_object,
    transfer_object,
)
from sandbox.webhooks import Webhooks


def make_app(data: Path, webhooks: Mapping[Party, Webhooks]) -> FastAPI:
    """The sandbox over the book in `data`; `webhooks` by the party whose events they deliver.

    Raises BookInUse when another process holds the book.
    """
    exchange = Exchange(Book(data / "book.jsonl"), webhooks)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        exchange.resume()
        yield
        exchange.stop()

    app = FastAPI(lifespan=lifespan, openapi_url=None)
    app.add_exception_handler(Refused, exchange.refuse)
    app.add_exception_handler(404, _unrecognized)
    app.add_exception_handler(405, _unrecognized)
    add_charges(app, exchange)
    _add_refunds(app, exchange)
    _add_transfers(app, exchange)
    add_checkout(app, exchange)
    add_carrier(app, exchange)
    add_repair_shop(app, exchange)
    _add_controls(app, exchange)
    return app


def _add_refunds(app: FastAPI, exchange: Exchange) -> None:
    book = exchange.book

    def charge_metadata(params: Params) -> dict[str, str]:
        try:
            metadata: dict[str, str] = parties.charge_of(book, params)["metadata"]
        except Refused:
            return {}
        return metadata

    @app.post("/v1/refunds")
    async def create(request: Request) -> Response:
        params = decode(await request.body())
        subject = charge_metadata(params)
        return await exchange.create(request, params, parties.refund, "payments", subject)

    @app.get("/v1/refunds/{refund_id}")
    async def retrieve(request: Request, refund_id: str) -> Response:
        row = book.refunds.get(refund_id)
        subject = book.charges[row["charge"]]["metadata"] if row else {}

        def read() -> Row:
            if refund_id not in book.refunds:
                raise missing("refund", refund_id, "id")
            return refund_object(book.refunds[refund_id])

        return await exchange.read(request, read, "payments", "retrieve", subject)

    @app.get("/v1/refunds")
    async def listing(request: Request) -> Response:
        query = decode(request.url.query)

        def read() -> Row:
            if "charge" in query or "payment_intent" in query:
                ids = book.refunds_of[parties.charge_of(book, query)["id"]]
            else:
                ids = list(book.refunds)
            newest_first = (book.refunds[each] for each in reversed(ids))
            return list_object("/v1/refunds", newest_first, query, refund_object)

        subject = charge_metadata(query)
        return await exchange.read(request, read, "payments", "list", subject)


def _add_transfers(app: FastAPI, exchange: Exchange) -> None:
    book = exchange.book

    @app.post("/v1/transfers")
    async def create(request: Request) -> Response:
        params = decode(await request.body())
        subject = params.get("metadata", {})
        return await exchange.create(request, params, parties.transfer, "bank", subject)

    async def of_order(order_id: str, query: Params) -> Response:
        """A look before money moves, as at a charge: no fault meets it."""
        ids = reversed(book.transfers_for.get(order_id, []))
        newest_first = (book.transfers[each] for each in ids)
        page = list_object("/v1/transfers", newest_first, query, transfer_object)
        await book.durable()
        return JSONResponse(page)

    @app.get("/v1/transfers/{transfer_id}")
    async def retrieve(request: Request, transfer_id: str) -> Response:
        row = book.transfers.get(transfer_id)

        def read() -> Row:
            if transfer_id not in book.transfers:
                raise missing("transfer", transfer_id, "id")
            return transfer_object(book.transfers[transfer_id])

        subject = row["metadata"] if row else {}
        return await exchange.read(request, read, "bank", "retrieve", subject)

    @app.get("/v1/transfers")
    async def listing(request: Request) -> Response:
        query = decode(request.url.query)
        if order_id := query.get("metadata", {}).get("order_id"):
            return await of_order(order_id, query)
        key = query.get("metadata", {}).get("key")
        found = list(book.transfers) if key is None else book.transfers_under.get(key, [])
        subject = book.transfers[found[0]]["metadata"] if key and found else {}

        def read() -> Row:
            newest_first = (book.transfers[each] for each in reversed(found))
            return list_object("/v1/transfers", newest_first, query, transfer_object)

        return await exchange.read(request, read, "bank", "list", subject)


def _add_controls(app: FastAPI, exchange: Exchange) -> None:
    @app.post("/_sandbox/faults")
    async def arm(fault: Fault) -> Fault:
        exchange.faults.arm(fault)
        return fault

    @app.get("/_sandbox/faults")
    async def armed() -> list[Fault]:
        return exchange.faults.armed()

    @app.delete("/_sandbox/faults")
    async def clear() -> dict[str, bool]:
        exchange.faults.clear()
        return {"cleared": True}

    @app.get("/_sandbox/book")
    async def book() -> JSONResponse:
        published = exchange.book.published()
        await exchange.book.durable()
        return JSONResponse(published)


async def _unrecognized(request: Request, error: Exception) -> JSONResponse:
    message = f"Unrecognized request URL ({request.method}: {request.url.path})."
    return JSONResponse({"error": {"type": "invalid_request_error", "message": message}}, 404)
