"""How does a request become an answer? Idempotency keys by Stripe's rules, faults, durability."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from sandbox import wire
from sandbox.book import Answer, Book, Row, saved
from sandbox.faults import HANG_SECONDS, RETRY_AFTER_SECONDS, Fault, Faults, Kind, Operation, Party
from sandbox.forms import Params
from sandbox.parties import Executed, refund_turned, transfer_turned
from sandbox.sessions import session_expired
from sandbox.shapes import Refused, server_error
from sandbox.webhooks import Webhooks

LONGEST_KEY = 255

# What time makes of a row whose `then` has come: the entry for the book.
TURNS: dict[str, Callable[[Row], Row]] = {
    "refund": refund_turned,
    "transfer": transfer_turned,
    "checkout": session_expired,
}

Execute = Callable[[Book, Params, str | None, Fault | None], Executed]


class Exchange:
    """Takes requests to the book and answers back, through whatever fault lies in the way.

    Every answer, a refusal or a reading too, waits until all that it may tell of is on disk.
    """

    def __init__(self, book: Book, webhooks: Mapping[Party, Webhooks]) -> None:
        self.book = book
        self.faults = Faults()
        self._webhooks = webhooks
        self._in_flight: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def create(
        self,
        request: Request,
        params: Params,
        execute: Execute,
        party: Party,
        subject: dict[str, str] | None,
    ) -> Response:
        """Execute once per idempotency key. `subject` is the metadata that faults match on;
        None puts the request out of their reach."""
        key = request.headers.get("idempotency-key")
        asked = Answer(request.url.path, _digest(params), 200, "")
        known = self._known(party, key, asked)
        fault = None
        if subject is not None:
            fault = self.faults.take(party, "create", subject, replay=known is not None)
        with self._holding(party, key):
            await _meet_before(request, fault)
            answer = known or self._execute(execute, params, party, key, fault, asked)
            await self.book.durable()
        headers = {"Idempotent-Replayed": "true"} if known else {}
        return await _meet_after(request, fault, answer.status, answer.body, headers)

    async def read(
        self,
        request: Request,
        read: Callable[[], Row],
        party: Party,
        operation: Operation,
        subject: dict[str, str],
    ) -> Response:
        """Answer a question, which executes nothing."""
        fault = self.faults.take(party, operation, subject)
        await _meet_before(request, fault)
        body = json.dumps(read())
        await self.book.durable()
        return await _meet_after(request, fault, 200, body, {})

    async def refuse(self, request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refused)
        await self.book.durable()
        headers = {}
        if refusal.retry_after is not None:
            headers["Retry-After"] = f"{refusal.retry_after:g}"
        return JSONResponse(refusal.body, refusal.status, headers)

    def resume(self) -> None:
        """Take up what a stopped process left: rows that time still changes, events to deliver."""
        for kind, row in self.book.scheduled():
            self._spawn(self._turn(kind, row))
        for event in list(self.book.undelivered.values()):
            self._deliver(event)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _known(self, party: Party, key: str | None, asked: Answer) -> Answer | None:
        if key is None:
            return None
        if len(key) > LONGEST_KEY:
            raise Refused(400, f"Idempotency keys are up to {LONGEST_KEY} characters long.")
        if (party, key) in self._in_flight:
            raise Refused(
                409,
                "There is currently another in-progress request using this Idempotent Key.",
                kind="idempotency_error",
                code="idempotency_key_in_use",
                retry_after=RETRY_AFTER_SECONDS,
            )
        known = self.book.answers.get((party, key))
        if known and (known.path, known.params) != (asked.path, asked.params):
            raise Refused(
                400,
                "Keys for idempotent requests can only be used with the same parameters they "
                "were first used with.",
                kind="idempotency_error",
            )
        return known

    @contextmanager
    def _holding(self, party: Party, key: str | None) -> Iterator[None]:
        if key is None:
            yield
            return
        self._in_flight.add((party, key))
        try:
            yield
        finally:
            self._in_flight.discard((party, key))

    def _execute(
        self,
        execute: Execute,
        params: Params,
        party: Party,
        key: str | None,
        fault: Fault | None,
        asked: Answer,
    ) -> Answer:
        entry: Row
        try:
            entry, shape = execute(self.book, params, key, fault)
            answer = replace(asked, body=json.dumps(shape))
            if fault and fault.fault is Kind.STICKY_500:
                answer = replace(asked, status=500, body=json.dumps(server_error().body))
        except Refused as refusal:
            if not refusal.saved:
                raise
            entry = {}
            answer = replace(asked, status=refusal.status, body=json.dumps(refusal.body))
        if key is not None:
            entry = entry | {"answer": saved(party, key, answer)}
        self._commit(entry)
        return answer

    def _commit(self, entry: Row) -> None:
        told = entry.pop("events", [])
        events = [event for event in told if sender_of(event) in self._webhooks]
        self.book.record(entry | {"events": events})
        for event in events:
            self._deliver(event)
        for kind in TURNS:
            if kind in entry and entry[kind]["then"]:
                self._spawn(self._turn(kind, entry[kind]))

    async def _turn(self, kind: str, row: Row) -> None:
        await asyncio.sleep(max(0.0, row["then"]["at"] - time.time()))
        latest = self.book.kept[kind][row["id"]]
        if not latest["then"]:
            return  # somebody was quicker than time
        self._commit(TURNS[kind](latest))
        await self.book.durable()

    def _deliver(self, event: Row) -> None:
        if webhooks := self._webhooks.get(sender_of(event)):
            self._spawn(self._delivery(webhooks, event))

    async def _delivery(self, webhooks: Webhooks, event: Row) -> None:
        await self.book.durable()
        await webhooks.deliver(event.get("body", event))
        self.book.record({"delivered": event["id"]})
        await self.book.durable()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def sender_of(event: Row) -> Party:
    """Which party reports this: payments, whose events are Stripe's, unless it is enveloped."""
    sender: Party = event.get("from", "payments")
    return sender


async def _meet_before(request: Request, fault: Fault | None) -> None:
    if fault is None:
        return
    match fault.fault:
        case Kind.TOO_MANY_REQUESTS:
            raise Refused(
                429,
                "Too many requests hit the API too quickly.",
                code="rate_limit",
                retry_after=RETRY_AFTER_SECONDS if fault.seconds is None else fault.seconds,
            )
        case Kind.REFUSE:
            raise Refused(400, "This is not possible.")
        case Kind.UNAUTHORIZED:
            raise Refused(401, "Invalid API Key provided.")
        case Kind.ERROR_BEFORE:
            raise server_error()
        case Kind.HANG_BEFORE:
            await _hang(request, fault)
            raise server_error()


async def _meet_after(
    request: Request, fault: Fault | None, status: int, body: str, headers: dict[str, str]
) -> Response:
    match fault and fault.fault:
        case Kind.ERROR_AFTER:
            raise server_error()
        case Kind.HANG_AFTER:
            assert fault is not None
            await _hang(request, fault)
        case Kind.RESET_AFTER:
            assert request.client is not None
            wire.reset((request.client.host, request.client.port))
            await request.receive()  # returns when the connection is gone
        case Kind.GARBAGE:
            return HTMLResponse("<html><body>It works!</body></html>")
        case Kind.WRONG_AMOUNT:
            body = json.dumps(_with_other_amounts(json.loads(body)))
    return Response(body, status, headers, media_type="application/json")


async def _hang(request: Request, fault: Fault) -> None:
    """Say nothing for the fault's seconds, or until the client has gone."""
    seconds = HANG_SECONDS if fault.seconds is None else fault.seconds
    with suppress(TimeoutError):
        await asyncio.wait_for(request.receive(), seconds)


def _with_other_amounts(shape: Row) -> Row:
    if shape.get("object") == "list":
        return shape | {"data": [_with_other_amounts(each) for each in shape["data"]]}
    others = {name: shape[name] + 1 for name in ("amount", "amount_total") if name in shape}
    return shape | others


def _digest(params: Params) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
