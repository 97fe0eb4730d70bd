"""Callers of the API: each token's holder by name, and what they usually send."""

from itertools import count
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from tests.shop import Shop, order_body, request_body

_keys = count()


class Caller:
    """One token's holder."""

    def __init__(self, client: TestClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> Response:
        return self.client.get(path, headers=self.headers, params=query)

    def put(self, path: str, body: Any) -> Response:
        return self.client.put(path, headers=self.headers, json=body)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Response:
        keyed = {"Idempotency-Key": key} if key else {}
        return self.client.post(path, headers=self.headers | keyed, json=body)

    def raw(self, method: str, path: str, body: bytes, **headers: str) -> Response:
        """A request whose body is these bytes, said to be JSON."""
        typed = {"Content-Type": "application/json"} | headers
        return self.client.request(method, path, headers=self.headers | typed, content=body)


class Callers:
    """The people of a shop, on the telephone."""

    def __init__(self, client: TestClient, shop: Shop) -> None:
        self.client = client
        self.shop = shop
        self.storefront = self.named("shop")
        self.auditor = self.named("alice")
        self.lead = self.named("lea")
        self.operator = self.named("otto")

    def named(self, name: str) -> Caller:
        return Caller(self.client, self.shop.tokens[name])

    def sells(self, order_id: str = "o1", *lines: tuple[int, ...], **fields: Any) -> Response:
        answer = self.storefront.put(
            f"/v1/orders/{order_id}", order_body(*(lines or ((6, 1530, 255),)), **fields)
        )
        assert answer.status_code in (200, 201), answer.text
        return answer

    def applies(self, *lines: tuple[int, int], **fields: Any) -> dict[str, Any]:
        """A case that was opened."""
        answer = self.storefront.post(
            "/v1/cases", request_body(*(lines or ((1, 2),)), **fields), key=new_key()
        )
        assert answer.status_code == 201, answer.text
        return answer.json()


def new_key() -> str:
    return f"key-{next(_keys):08}"
