"""Which calls make up Stripe's Checkout? And one that is the buyer, who pays on order."""

from functools import partial

from fastapi import FastAPI, Request, Response

from sandbox.book import Row
from sandbox.exchange import Exchange
from sandbox.forms import decode
from sandbox.sessions import (
    asked_for,
    expire_session,
    open_session,
    pay_session,
    session_object,
    session_of,
)
from sandbox.shapes import list_object

PATH = "/v1/checkout/sessions"


def add_checkout(app: FastAPI, exchange: Exchange) -> None:
    book = exchange.book

    def names(session_id: str) -> dict[str, str]:
        row = book.checkouts.get(session_id, {})
        metadata: dict[str, str] = row.get("metadata", {})
        return metadata

    @app.post(PATH)
    async def create(request: Request) -> Response:
        params = decode(await request.body())
        execute = partial(open_session, base=str(request.base_url))
        subject = params.get("metadata", {})
        return await exchange.create(request, params, execute, "payments", subject)

    @app.get(PATH)
    async def listing(request: Request) -> Response:
        query = decode(request.url.query)

        def read() -> Row:
            rows = [row for row in reversed(book.checkouts.values()) if asked_for(row, query)]
            newest_first = [session_object(row, str(request.base_url)) for row in rows]
            return list_object(PATH, newest_first, query)

        return await exchange.read(request, read, "payments", "list", {})

    @app.get(PATH + "/{session_id}")
    async def retrieve(request: Request, session_id: str) -> Response:
        def read() -> Row:
            return session_object(session_of(book, session_id), str(request.base_url))

        return await exchange.read(request, read, "payments", "retrieve", names(session_id))

    @app.post(PATH + "/{session_id}/expire")
    async def expire(request: Request, session_id: str) -> Response:
        params = decode(await request.body())
        execute = partial(expire_session, session_id=session_id)
        return await exchange.create(request, params, execute, "payments", names(session_id))

    @app.post("/_sandbox/checkout/{session_id}/pay")
    async def pay(request: Request, session_id: str) -> Response:
        execute = partial(pay_session, session_id=session_id)
        return await exchange.create(request, {}, execute, "payments", None)
