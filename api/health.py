"""Is the process alive, and can it do its work? Temporal is not asked: no request needs it."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api.context import InContext
from api.judgement import MOST_SECONDS, Route
from store.session import Database

router = APIRouter(route_class=Route, tags=["health"])

PROBE_SECONDS = MOST_SECONDS - 0.5
"""A frozen server keeps no timeout of its own: we name it before the request's time is up."""

State = Literal["ok", "unavailable"]


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    status: State
    parts: dict[str, State]


@router.get("/healthz")
async def healthz() -> Health:
    """200 while the process lives; waits for nothing."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "A part is away."}})
async def readyz(context: InContext, response: Response) -> Readiness:
    """200, or 503 naming the part that is away."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await run_in_threadpool(_probe, context.database)
    except (SQLAlchemyError, TimeoutError):
        response.status_code = 503
        return Readiness(status="unavailable", parts={"database": "unavailable"})
    return Readiness(status="ok", parts={"database": "ok"})


def _probe(database: Database) -> None:
    """Raises SQLAlchemyError if the database, or what we keep in it, is not there."""
    with database.begin() as session:
        session.execute(text("select 1 from cases limit 1"))
