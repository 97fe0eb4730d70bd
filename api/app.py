"""The HTTP API: what it is put together from, and whether it is alive and ready."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI

from api import cases, decisions, health, orders, problems
from api.bodies import BodyLimit
from api.context import Context
from domain.policy import Policy
from runtime import settings as configuration
from runtime.settings import Settings
from store.session import Database

CONNECTIONS = 20
"""As many as there are worker threads: no request ever waits for the pool."""

ROUTERS = (health.router, orders.router, cases.router, decisions.router)


def create_app(
    database: Database | None = None, policy: Policy | None = None, settings: Settings | None = None
) -> FastAPI:
    """The API over these parts; those not given are made from the environment when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = CONNECTIONS
        at_hand = settings or configuration.settings()
        opened = database or _database(at_hand)
        rules = policy or configuration.policy(at_hand.policy)
        app.state.context = Context(opened, rules, at_hand)
        yield
        if database is None:
            opened.close()

    app = FastAPI(
        title="After-sales",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.handle(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(problems.Unexpected)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _database(settings: Settings) -> Database:
    if settings.database_url is None:
        raise SystemExit("AFTERSALES_DATABASE_URL is not set")
    return Database(settings.database_url.get_secret_value(), pool=CONNECTIONS)


app = create_app()
