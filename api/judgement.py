"""In what order is a request judged? Caller, role, key and form, before any rule of the business.

FastAPI reads and checks the body before its dependencies are asked, so that a stranger would learn
what is wrong with the form. This route class judges the rest first.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from fnmatch import fnmatchcase
from time import monotonic
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from api.auth import By
from api.bodies import MOST_BYTES, Raw, limited, parse
from api.context import Context
from api.problems import invalid
from domain.refusals import Refusal, Why

T = TypeVar("T")

logger = logging.getLogger(__name__)

MOST_SECONDS = 4.5
"""An outage is answered with 503 within 5 s."""

JSON = "application/json"
KEY = r"^[!-~]{8,255}$"


async def _key(key: Annotated[str, Header(alias="Idempotency-Key", pattern=KEY)]) -> str:
    return key


async def _document(request: Request) -> dict[str, Any]:
    document: dict[str, Any] = request.state.document
    return document


IdempotencyKey = Annotated[str, Depends(_key)]
Document = Annotated[dict[str, Any], Depends(_document)]
"""The body as JSON, before defaults were filled in."""


class Parsed(Request):
    """A request whose body was parsed by our rules."""

    def __init__(self, request: Request, body: bytes) -> None:
        super().__init__(request.scope, request.receive)
        self._bytes = body
        self.state.document = parse(body) if body else {}

    async def body(self) -> bytes:
        return self._bytes

    async def json(self) -> Any:
        return self.state.document


class Patience:
    """How long one request may wait for us, not counting the time its sender takes for the body.

    PostgreSQL's own timeouts come first, if it still keeps them. A server that is frozen does not,
    and a thread cannot be stopped: it is left alone, and what it was about may yet be committed.
    """

    def __init__(self) -> None:
        self._left = MOST_SECONDS

    async def with_(self, work: Awaitable[T]) -> T:
        """The result of `work`, or Refusal(unavailable) once patience is at its end."""
        began = monotonic()
        try:
            async with asyncio.timeout(self._left):
                return await work
        except TimeoutError:
            logger.warning("unavailable: no answer in %s s", MOST_SECONDS)
            raise Refusal(Why.UNAVAILABLE) from None
        finally:
            self._left -= monotonic() - began


class Route(APIRoute):
    """Judges each request in the contract's order before FastAPI looks at it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()
        takes = list(_calls(self.dependant))
        door = next((call for call in takes if isinstance(call, By)), None)
        raw = next((call for call in takes if isinstance(call, Raw)), None)
        keyed = _key in takes
        queries = {field.alias for field in self.dependant.query_params}
        has_body = bool(self.dependant.body_params)
        if door:
            self.openapi_extra = {**(self.openapi_extra or {}), "x-roles": sorted(door.roles)}

        async def judged(request: Request) -> Response:
            most = raw.most if raw else MOST_BYTES
            request = Request(request.scope, limited(request.receive, most))
            patience = Patience()
            if door:
                context: Context = request.app.state.context
                authorization = request.headers.get("authorization")
                request.state.caller = await patience.with_(
                    run_in_threadpool(door.judge, context.database, authorization)
                )
            if keyed:
                _judge_key(request.headers.getlist("idempotency-key"))
            _judge_query(request, queries)
            if has_body:
                _judge_type(request, JSON)
                request = Parsed(request, await request.body())
            if raw:
                _judge_type(request, raw.media_type)
                request.state.content = await request.body()
            return await patience.with_(answer(request))

        return judged


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for inner in dependant.dependencies:
        if inner.call:
            yield inner.call
        yield from _calls(inner)


def _judge_type(request: Request, taken: str) -> None:
    given = request.headers.get("content-type", taken).partition(";")[0].strip().lower()
    if not fnmatchcase(given, taken):
        raise invalid([("Content-Type", f"must be {taken}")])


def _judge_key(keys: list[str]) -> None:
    if len(keys) != 1 or not re.fullmatch(KEY, keys[0]):
        raise Refusal(Why.KEY_REQUIRED)


def _judge_query(request: Request, known: set[str]) -> None:
    names = [name for name, _ in request.query_params.multi_items()]
    wrong = [(name, "unknown query parameter") for name in set(names) - known]
    wrong += [(name, "given more than once") for name in known if names.count(name) > 1]
    if wrong:
        raise invalid(sorted(wrong))
