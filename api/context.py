"""What does an endpoint work with? The database, the policy, the settings and the photos."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from domain.policy import Policy
from gateways.photos import Photos
from runtime.settings import Settings
from store.session import Database


@dataclass(frozen=True)
class Context:
    database: Database
    policy: Policy
    settings: Settings
    photos: Photos


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


InContext = Annotated[Context, Depends(_context)]


def now() -> datetime:
    return datetime.now(UTC)
