"""Alive, ready, away, broken: what the API says of itself when things go wrong around it."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from api import judgement
from api.app import create_app
from runtime.postgres import Postgres, processes_in
from store.migrations import upgrade
from store.session import Database
from tests.api.callers import Callers, slug
from tests.api.conftest import SETTINGS
from tests.shop import Shop, order_body

SECONDS = 5
CALLERS = 30
"""At once; more than there are connections."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    """A server of the test's own, to be stopped."""
    with Postgres(tmp_path / "cluster", settings={"fsync": "off"}) as server:
        server.create_database("shop")
        upgrade(server.url("shop"))
        yield server


def test_it_is_alive_and_ready_with_its_database(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["parts"]) == (200, {"database": "ok"})


def test_with_the_database_away_it_lives_and_says_so_within_five_seconds(server: Postgres) -> None:
    database = Database(server.url("shop"))
    shop = Shop(database)
    with TestClient(create_app(database, shop.policy, SETTINGS)) as client:
        api = Callers(client, shop)
        assert api.storefront.get("/v1/cases").status_code == 200
        server.stop()
        for ask in (
            lambda: api.storefront.get("/v1/cases"),
            lambda: api.storefront.put("/v1/orders/o1", order_body((1, 1))),
        ):
            began = time.monotonic()
            answer = ask()
            assert time.monotonic() - began < SECONDS
            assert (answer.status_code, slug(answer)) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) > 0
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["parts"]) == (503, {"database": "unavailable"})
        server.start()
        assert api.storefront.get("/v1/cases").status_code == 200


def test_a_frozen_database_is_unavailable_within_five_seconds(server: Postgres) -> None:
    database = Database(server.url("shop"))
    shop = Shop(database)
    with TestClient(create_app(database, shop.policy, SETTINGS)) as client:
        api = Callers(client, shop)
        assert api.storefront.get("/v1/cases").status_code == 200
        frozen = processes_in(server.cluster)
        for process in frozen:
            os.kill(process, signal.SIGSTOP)
        try:
            with ThreadPoolExecutor(CALLERS) as threads:
                began = time.monotonic()
                answers = list(
                    threads.map(lambda _: api.storefront.get("/v1/cases"), range(CALLERS))
                )
                assert time.monotonic() - began < SECONDS
            assert {slug(answer) for answer in answers} == {"unavailable"}
            assert client.get("/healthz").status_code == 200
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["parts"]) == (503, {"database": "unavailable"})
        finally:
            for process in frozen:
                os.kill(process, signal.SIGCONT)
        assert api.storefront.get("/v1/cases").status_code == 200


def test_a_lock_that_somebody_keeps_is_unavailable_within_five_seconds(api: Callers) -> None:
    api.sells()
    case_id = api.applies()["case_id"]
    with api.shop.database.begin() as session:
        session.execute(text("select * from cases for update"))
        began = time.monotonic()
        answer = api.lead.post(f"/v1/cases/{case_id}/approve", {})
        assert time.monotonic() - began < SECONDS
    assert (answer.status_code, slug(answer)) == (503, "unavailable")
    assert api.lead.get(f"/v1/cases/{case_id}").json()["stage"] == "awaiting_audit"


def test_a_word_that_got_no_answer_in_time_is_said_again_and_done_once(
    api: Callers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    api.sells()
    path, word = f"/v1/cases/{api.applies()['case_id']}", {"decision_id": "once-and-for-all"}
    with api.shop.database.begin() as session, monkeypatch.context() as hurried:
        session.execute(text("select * from orders for update"))
        hurried.setattr(judgement, "MOST_SECONDS", 1)  # before the lock's own time is over
        answer = api.lead.post(f"{path}/approve", word)
    assert (answer.status_code, slug(answer)) == (503, "unavailable")
    assert "no answer in 1 s" in caplog.text
    assert api.lead.post(f"{path}/approve", word).json()["stage"] == "paying"
    happened = [event["what"] for event in api.lead.get(f"{path}/events").json()["items"]]
    assert happened == ["opened", "approved"]


def test_what_nobody_foresaw_is_a_500_that_tells_nothing(
    api: Callers, caplog: pytest.LogCaptureFixture
) -> None:
    with api.shop.database.begin() as session:
        session.execute(text("alter table orders rename column customer_id to secret_column"))
    answer = api.storefront.put("/v1/orders/o1", order_body((1, 1), customer={"id": "buyer-77"}))
    assert (answer.status_code, slug(answer)) == (500, "internal")
    assert answer.json()["detail"] == answer.json()["title"]
    assert "ProgrammingError" in caplog.text
    assert "buyer-77" not in caplog.text
    assert "customer_id" not in caplog.text
