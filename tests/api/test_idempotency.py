"""The same key is the same request: one case, and the first answer again."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from domain.people import Role
from store.idempotency import earlier_answer
from store.tables import Case, IdempotencyKey
from tests.api.callers import Callers, new_key, slug
from tests.shop import request_body


def test_the_first_answer_is_given_again_whatever_became_of_the_case(api: Callers) -> None:
    api.sells()
    key, body = new_key(), request_body((1, 2), note="cracked")
    first = api.storefront.post("/v1/cases", body, key=key)
    api.lead.post(f"{first.headers['location']}/approve", {})
    again = api.storefront.post("/v1/cases", body, key=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


def test_another_spelling_of_the_same_json_is_the_same_body(api: Callers) -> None:
    api.sells()
    key, body = new_key(), request_body((1, 2))
    first = api.storefront.post("/v1/cases", body, key=key)
    spelt = json.dumps(dict(reversed(body.items())), indent=2).encode()
    again = api.storefront.raw("POST", "/v1/cases", spelt, **{"Idempotency-Key": key})
    assert again.content == first.content


def test_another_body_under_the_same_key_is_refused(api: Callers) -> None:
    api.sells()
    key = new_key()
    api.storefront.post("/v1/cases", request_body((1, 2)), key=key)
    answer = api.storefront.post("/v1/cases", request_body((1, 1)), key=key)
    assert (answer.status_code, slug(answer)) == (422, "idempotency-key-reused")


@pytest.mark.parametrize("key", [None, "short", "with space in it", "x" * 256, "ключ-ключ"])
def test_a_key_is_eight_to_255_visible_ascii_characters(api: Callers, key: str | None) -> None:
    headers = [(name.encode(), value.encode()) for name, value in api.storefront.headers.items()]
    if key is not None:
        headers.append((b"Idempotency-Key", key.encode()))
    answer = api.client.post("/v1/cases", headers=headers, json=request_body((1, 1)))
    assert (answer.status_code, slug(answer)) == (400, "idempotency-key-required")


def test_a_refusal_is_not_kept(api: Callers) -> None:
    key, body = new_key(), request_body((1, 2))
    assert slug(api.storefront.post("/v1/cases", body, key=key)) == "order-not-found"
    api.sells()
    assert api.storefront.post("/v1/cases", body, key=key).status_code == 201


def test_two_storefronts_may_use_the_same_key(api: Callers) -> None:
    api.shop.hire("other", Role.STOREFRONT, storefront="other")
    api.sells()
    key, body = new_key(), request_body((1, 2))
    assert api.storefront.post("/v1/cases", body, key=key).status_code == 201
    assert slug(api.named("other").post("/v1/cases", body, key=key)) == "order-not-found"


def test_fifty_at_once_under_one_key_make_one_case(api: Callers) -> None:
    api.sells("o1", (100, 10_000))
    key, body, together = new_key(), request_body((1, 1)), Barrier(50)

    def send(_: int) -> tuple[int, bytes, str | None]:
        together.wait(timeout=30)
        answer = api.storefront.post("/v1/cases", body, key=key)
        return answer.status_code, answer.content, answer.headers.get("idempotency-replayed")

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(send, range(50)))
    created = [body for status, body, _ in answers if status == 201]
    assert len(set(created)) == 1
    assert len([1 for status, _, replayed in answers if status == 201 and not replayed]) == 1
    refused = [json.loads(body)["type"] for status, body, _ in answers if status != 201]
    assert set(refused) <= {"/problems/idempotency-key-in-use"}
    with api.shop.session() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1
        assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1


def test_a_key_whose_request_still_runs_is_in_use(api: Callers) -> None:
    api.sells()
    key = new_key()
    with api.shop.database.begin() as session:
        earlier_answer(session, "demo", "POST /v1/cases", key, {})
        answer = api.storefront.post("/v1/cases", request_body((1, 1)), key=key)
    assert (answer.status_code, slug(answer)) == (409, "idempotency-key-in-use")
