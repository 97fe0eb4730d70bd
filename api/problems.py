"""How does the API say no? Every refusal is an RFC 9457 problem document of a documented type."""

import logging
import traceback
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.refusals import Refusal, Why
from gateways.photos import Away

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1
MOST_ERRORS = 20
LONGEST_FIELD = 200

AWAY = (OperationalError, InterfaceError, TimeoutError, StaleDataError, Away)
"""PostgreSQL refuses, hangs up, has no connection left, or let us lose every race; or photos are
out of reach.
"""


class FieldError(BaseModel):
    field: str
    detail: str


class Problem(BaseModel):
    """An RFC 9457 problem document; some types have further members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None


class ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE


def problem(
    why: Why, detail: str | None = None, headers: Mapping[str, str] | None = None, **extra: Any
) -> ProblemResponse:
    """The answer that refuses for this reason."""
    document = {
        "type": f"/problems/{why.slug}",
        "title": why.title,
        "status": why.status,
        "detail": detail or why.title,
    }
    return ProblemResponse(document | extra, why.status, {**_headers(why), **(headers or {})})


def _headers(why: Why) -> dict[str, str]:
    match why:
        case Why.UNAUTHENTICATED:
            return {"WWW-Authenticate": "Bearer"}
        case Why.UNAVAILABLE:
            return {"Retry-After": str(RETRY_AFTER_SECONDS)}
        case _:
            return {}


def invalid(errors: Iterable[tuple[str, str]]) -> Refusal:
    """The refusal of a request whose named fields are not of the documented form."""
    listed = [
        {"field": field[:LONGEST_FIELD], "detail": detail}
        for field, detail in list(errors)[:MOST_ERRORS]
    ]
    return Refusal(Why.INVALID, errors=listed)


EVERYWHERE = (
    Why.UNAUTHENTICATED,
    Why.FORBIDDEN,
    Why.INVALID,
    Why.UNAVAILABLE,
    Why.INTERNAL,
)


def documented(*whys: Why) -> dict[int | str, dict[str, Any]]:
    """These refusals, by status, for a route's `responses`."""
    by_status: defaultdict[int | str, list[Why]] = defaultdict(list)
    for why in dict.fromkeys(whys):
        by_status[why.status].append(why)
    return {
        status: {
            "description": "; ".join(f"`{why.slug}`: {why.title}" for why in some),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {why.slug: {"value": _example(why)} for why in some},
                }
            },
        }
        for status, some in by_status.items()
    }


def refusals(*whys: Why) -> dict[int | str, dict[str, Any]]:
    """What a route that takes a token may refuse: `whys`, and what every one may."""
    return documented(*EVERYWHERE, *whys)


def _example(why: Why) -> dict[str, Any]:
    return {
        "type": f"/problems/{why.slug}",
        "title": why.title,
        "status": why.status,
        "detail": why.title,
    }


def schemas() -> dict[str, Any]:
    """Problem for the components of an OpenAPI document."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions: dict[str, Any] = schema.pop("$defs")
    return definitions | {"Problem": schema}


def handle(app: FastAPI) -> None:
    """Answer every exception that a request can meet with its problem document."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _not_of_the_form)
    app.add_exception_handler(HTTPException, _by_the_framework)
    for error in AWAY:
        app.add_exception_handler(error, _away)


def _refused(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, Refusal)
    return problem(error.why, error.detail, **error.extra)


def _not_of_the_form(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    refusal = invalid(
        (_field(one["loc"]), one["msg"].removeprefix("Value error, ")) for one in error.errors()
    )
    return problem(refusal.why, refusal.detail, **refusal.extra)


def _field(place: Iterable[Any]) -> str:
    """`("body", "lines", 0, "line")` as `lines.0.line`."""
    parts = [str(part) for part in place]
    return ".".join(parts[1:] or parts)


def _by_the_framework(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    match error.status_code:
        case 404:
            return problem(Why.NOT_FOUND)
        case 405:
            allow = ", ".join(request.app.methods_at(request.url.path))
            return problem(Why.METHOD_NOT_ALLOWED, headers={"Allow": allow})
        case status if status < 500:
            return problem(Why.INVALID)
        case _:
            return _internal(request.url.path, error)


def _away(_: Request, error: Exception) -> ProblemResponse:
    logger.warning("unavailable: %s", type(error).__name__)
    return problem(Why.UNAVAILABLE)


def _internal(path: str, error: BaseException) -> ProblemResponse:
    """Log the kind of error and its place. Its text may hold what customers wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
    logger.error("unexpected %s in %s", type(error).__name__, place or "no frame")
    return problem(Why.INTERNAL)


class Unexpected:
    """The outermost layer: whatever nobody foresaw becomes a 500 that tells nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001  the process's boundary: logged and answered
            answer = _internal(scope["path"], error)
            if not started:
                await answer(scope, receive, send)
