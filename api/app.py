"""The HTTP API and what it is put together from. `uvicorn api.app:app` serves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import anyio.to_thread
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import (
    cases,
    charges,
    customers,
    decisions,
    feedback,
    feedback_words,
    goods,
    health,
    hooks,
    labels,
    orders,
    problems,
    product_reviews,
    ratings,
    repairs,
    reviews,
    stats,
    stock,
    uploads,
)
from api.context import Context
from domain.policy import Policy
from gateways.photos import KeptPhotos
from runtime import startup
from runtime.settings import Settings
from store.session import Database

CONNECTIONS = 20
"""As many as there are worker threads: no request ever waits for the pool."""

ROUTERS = (
    health.router,
    orders.router,
    cases.router,
    decisions.router,
    charges.router,
    goods.router,
    repairs.router,
    labels.router,
    customers.router,
    stock.router,
    uploads.router,
    reviews.router,
    product_reviews.router,
    feedback.router,
    feedback_words.router,
    ratings.router,
    stats.router,
    hooks.router,
)


class Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["components"]["schemas"].update(problems.schemas())
        return document

    def methods_at(self, path: str) -> list[str]:
        """What a path may be asked for, over all the routes that share it."""
        routes = [route for router in ROUTERS for route in router.routes]
        return sorted(
            method
            for route in routes
            if isinstance(route, APIRoute) and route.path_regex.match(path)
            for method in route.methods or ()
        )


def create_app(database: Database, policy: Policy, settings: Settings) -> Api:
    """The API over these parts."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = CONNECTIONS
        yield
        database.close()

    app = Api(
        title="After-sales",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        strict_content_type=False,
        generate_unique_id_function=lambda route: route.name,
    )
    photos = KeptPhotos(settings.photos_place, settings.photos_s3)
    app.state.context = Context(database, policy, settings, photos)
    problems.handle(app)
    app.add_middleware(problems.Unexpected)
    for router in ROUTERS:
        app.include_router(router)
    return app


@cache
def _from_environment() -> Api:
    """The API of this process. Raises CannotStart, which says why in one line."""
    at_hand = startup.environment()
    startup.check_secrets(at_hand, "stripe_webhook_secret", "carrier_webhook_secret")
    rules = startup.policy(at_hand)
    database = startup.database(at_hand, connections=CONNECTIONS)
    return create_app(database, rules, at_hand)


def __getattr__(name: str) -> Api:
    """`app` is made when a server asks for it: importing this module reads no settings."""
    if name == "app":
        return _from_environment()
    raise AttributeError(name)
