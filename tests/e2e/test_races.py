"""Many clients at the same moment, over HTTP: one wins, the others are told why by name."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from domain.cases import Kind
from tests.e2e.live import Live
from tests.shop import ADDRESS, request_body

ROUNDS = int(os.environ.get("AFTERSALES_RACE_ROUNDS", "20"))
"""Enough for a race to be lost by code that forgets a lock; more of them on demand."""
Said = tuple[int, str, dict[str, Any]]


@contextmanager
def clients(platform: Live, count: int) -> Iterator[Callable[[list[dict[str, Any]]], list[Said]]]:
    """`count` clients that send their requests at the same moment, each on a line of its own."""
    barrier = threading.Barrier(count)
    own = threading.local()

    def send(who: str, path: str, body: dict[str, Any], key: str | None = None) -> Said:
        if not hasattr(own, "line"):
            own.line = requests.Session()
        headers = {"Authorization": f"Bearer {platform.tokens[who]}"}
        if key:
            headers["Idempotency-Key"] = key
        barrier.wait(30)
        answer = own.line.post(platform.found.api + path, json=body, headers=headers, timeout=30)
        said = dict(answer.json())
        return answer.status_code, str(said.get("type", "")).rpartition("/")[2], said

    with ThreadPoolExecutor(count) as pool:
        yield lambda calls: list(pool.map(lambda call: send(**call), calls))


def test_one_unit_goes_to_one_of_eight_clients(platform: Live) -> None:
    orders = platform.many(lambda _: platform.sell((1, 1000), offline=True), ROUNDS)
    with clients(platform, 8) as at_once:
        for order_id in orders:
            body = request_body((1, 1), order_id=order_id)
            said = at_once(
                [
                    {"who": "shop", "path": "/v1/cases", "body": body, "key": f"{order_id}-key-{n}"}
                    for n in range(8)
                ]
            )
            assert Counter((status, slug) for status, slug, _ in said) == {
                (201, ""): 1,
                (409, "units-not-available"): 7,
            }


def asked_as(kind: str, order_id: str) -> dict[str, Any]:
    """A request for the order's one unit, as this kind."""
    body = request_body((1, 1), order_id=order_id, kind=kind, reason="defective")
    if kind == "exchange":
        body["replacement"] = [{"line": 1, "sku": "NEW1", "quantity": 1, "price": 1000}]
    return body if kind == "refund" else {**body, "address": ADDRESS}


def test_one_unit_asked_for_as_every_kind_at_once_becomes_one_case(platform: Live) -> None:
    orders = platform.many(lambda _: platform.sell((1, 1000), offline=True), ROUNDS)
    won: Counter[str] = Counter()
    with clients(platform, len(Kind)) as at_once:
        for order_id in orders:
            said = at_once(
                [
                    {
                        "who": "shop",
                        "path": "/v1/cases",
                        "body": asked_as(kind, order_id),
                        "key": f"{order_id}-{kind}",
                    }
                    for kind in Kind
                ]
            )
            refused = [slug for status, slug, _ in said if status != 201]
            assert refused == ["units-not-available"] * (len(Kind) - 1)
            won.update(answer["kind"] for status, _, answer in said if status == 201)
    assert len(won) > 1, "the kinds never raced"


def test_approve_reject_and_cancel_at_once_have_one_winner(platform: Live) -> None:
    orders = platform.many(lambda _: platform.sell((1, 1000), offline=True), ROUNDS)
    cases = platform.many(lambda n: platform.apply(orders[n]), ROUNDS)
    winners: Counter[str] = Counter()
    with clients(platform, 3) as at_once:
        for case_id in cases:
            path = f"/v1/cases/{case_id}"
            said = at_once(
                [
                    {"who": "lead", "path": f"{path}/approve", "body": {}},
                    {
                        "who": "other",
                        "path": f"{path}/reject",
                        "body": {"reason": "other", "note": ""},
                    },
                    {"who": "shop", "path": f"{path}/cancel", "body": {}},
                ]
            )
            won = [n for n, (status, _, _) in enumerate(said) if status == 200]
            assert len(won) == 1, said
            winner = ("approve", "reject", "cancel")[won[0]]
            winners[winner] += 1
            assert [slug for status, slug, _ in said if status != 200] == LOSERS[winner]
    assert len(winners) > 1, "the three never raced"


LOSERS = {
    "approve": ["already-decided", "too-late"],
    "reject": ["already-decided", "case-closed"],
    "cancel": ["case-closed", "case-closed"],
}
"""What the other two are told, in the order approve, reject, cancel."""


@pytest.mark.timeout(600)
def test_fifty_equal_keys_at_once_make_one_case(platform: Live) -> None:
    orders = platform.many(lambda _: platform.sell((1, 1000), offline=True), ROUNDS)
    with clients(platform, 50) as at_once:
        for order_id in orders:
            body = request_body((1, 1), order_id=order_id)
            call = {"who": "shop", "path": "/v1/cases", "body": body, "key": f"{order_id}-same"}
            said = at_once([call] * 50)
            assert {(status, slug) for status, slug, _ in said} <= {
                (201, ""),
                (409, "idempotency-key-in-use"),
            }
            assert len({answer["case_id"] for status, _, answer in said if status == 201}) == 1
