"""Is the process alive, and can it do its work? Temporal is not asked: no request needs it."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.context import InContext
from api.judgement import Route

router = APIRouter(route_class=Route, tags=["health"])

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
def readyz(context: InContext, response: Response) -> Readiness:
    """200, or 503 naming the part that is away."""
    try:
        with context.database.begin() as session:
            session.execute(text("select 1 from cases limit 1"))
    except SQLAlchemyError:
        response.status_code = 503
        return Readiness(status="unavailable", parts={"database": "unavailable"})
    return Readiness(status="ok", parts={"database": "ok"})
