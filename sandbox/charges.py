"""Which calls show and capture charges, by themselves or by their intents? And their disputes."""

import time
from typing import Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from sandbox import parties
from sandbox.book import Row
from sandbox.exchange import Exchange
from sandbox.forms import decode, expanded
from sandbox.shapes import (
    captured_of,
    charge_object,
    dispute_object,
    intent_object,
    list_object,
    missing,
    new_id,
    refund_object,
)


class Dispute(BaseModel):
    """What the buyer's bank says of a charge. `amount` is all that was captured if left out."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["warning_needs_response", "needs_response", "under_review", "won", "lost"] = (
        "needs_response"
    )
    amount: int | None = Field(default=None, gt=0)


def add_charges(app: FastAPI, exchange: Exchange) -> None:
    book = exchange.book

    def shape(row: Row, *, refunds: bool = False) -> Row:
        ids = book.refunds_of[row["id"]]
        return charge_object(
            row,
            book.refunded(row["id"]),
            disputed=bool(book.disputes_of[row["id"]]),
            refunds=[refund_object(book.refunds[i]) for i in reversed(ids)] if refunds else None,
        )

    def found(charge_id: str) -> Row:
        if charge_id not in book.charges:
            raise missing("charge", charge_id, "id")
        return book.charges[charge_id]

    @app.post("/v1/charges")
    async def create(request: Request) -> Response:
        params = decode(await request.body())
        return await exchange.create(request, params, parties.charge, "payments", None)

    @app.get("/v1/charges")
    async def listing(request: Request) -> JSONResponse:
        newest_first = reversed(book.charges.values())
        page = list_object("/v1/charges", newest_first, decode(request.url.query), shape)
        await book.durable()
        return JSONResponse(page)

    @app.get("/v1/charges/{charge_id}")
    async def retrieve(request: Request, charge_id: str) -> Response:
        full = "refunds" in expanded(decode(request.url.query))
        subject = book.charges.get(charge_id, {}).get("metadata", {})

        def read() -> Row:
            return shape(found(charge_id), refunds=full)

        return await exchange.read(request, read, "payments", "retrieve_charge", subject)

    @app.post("/v1/charges/{charge_id}/capture")
    async def capture(request: Request, charge_id: str) -> JSONResponse:
        book.record(parties.capture(book, charge_id, decode(await request.body())))
        await book.durable()
        return JSONResponse(shape(book.charges[charge_id]))

    @app.get("/v1/payment_intents/{intent_id}")
    async def retrieve_intent(request: Request, intent_id: str) -> Response:
        wanted = expanded(decode(request.url.query))

        def read() -> Row:
            row = parties.charge_of(book, {"payment_intent": intent_id})
            intent = intent_object(row)
            if wanted & {"latest_charge", "latest_charge.refunds"}:
                full = "latest_charge.refunds" in wanted
                intent["latest_charge"] = shape(row, refunds=full)
            return intent

        return await exchange.read(request, read, "payments", "retrieve_charge", {})

    @app.get("/v1/disputes")
    async def disputes(request: Request) -> JSONResponse:
        query = decode(request.url.query)
        ids = book.disputes_of[query["charge"]] if "charge" in query else list(book.disputes)
        newest_first = [dispute_object(book.disputes[each]) for each in reversed(ids)]
        await book.durable()
        return JSONResponse(list_object("/v1/disputes", newest_first, query))

    @app.post("/_sandbox/charges/{charge_id}/dispute")
    async def dispute(charge_id: str, said: Dispute) -> JSONResponse:
        """Open the charge's dispute, or say what became of it."""
        charge = found(charge_id)
        earlier = [book.disputes[each] for each in book.disputes_of[charge_id]]
        row = earlier[-1] if earlier else _dispute_of(charge)
        row = row | {"status": said.status} | ({"amount": said.amount} if said.amount else {})
        book.record({"dispute": row})
        await book.durable()
        return JSONResponse(dispute_object(row))


def _dispute_of(charge: Row) -> Row:
    return {
        "id": new_id("dp"),
        "amount": captured_of(charge),
        "charge": charge["id"],
        "created": int(time.time()),
        "currency": charge["currency"],
    }
