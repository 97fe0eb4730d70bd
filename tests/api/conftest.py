"""The API as its callers meet it: over HTTP, on a real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from runtime.settings import Settings
from store.session import Database
from tests.api.callers import Callers
from tests.shop import Shop

SETTINGS = Settings(temporal_ui_url="http://127.0.0.1:8233", stripe_webhook_secret="whsec_test")


@pytest.fixture
def client(database: Database, shop: Shop, tmp_path: Path) -> Iterator[TestClient]:
    settings = SETTINGS.model_copy(update={"data": tmp_path})
    app = create_app(database, shop.policy, settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def api(client: TestClient, shop: Shop) -> Callers:
    return Callers(client, shop)
