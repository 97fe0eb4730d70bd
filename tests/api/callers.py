"""Callers of the API: each token's holder by name, and what they usually send."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from httpx2 import Response
from starlette.testclient import TestClient

from domain.cases import Outcome, PayoutState
from store import payouts
from store.calls import Answer
from store.closing import complete
from tests.shop import Shop, order_body, request_body

_keys = count()


class Caller:
    """One token's holder."""

    def __init__(self, client: TestClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> Response:
        return self.client.get(path, headers=self.headers, params=query or None)

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

    def sells(
        self, order_id: str = "o1", *lines: tuple[int, int] | tuple[int, int, int], **fields: Any
    ) -> Response:
        answer = self.storefront.put(
            f"/v1/orders/{order_id}", order_body(*(lines or ((6, 1530, 255),)), **fields)
        )
        assert answer.status_code in (200, 201), answer.text
        return answer

    def approved(self, *lines: tuple[int, int], **fields: Any) -> str:
        """A case that was opened and approved by the lead: its id."""
        case_id: str = self.applies(*lines, **fields)["case_id"]
        answer = self.lead.post(f"/v1/cases/{case_id}/approve", {})
        assert answer.status_code == 200, answer.text
        return case_id

    def applies(self, *lines: tuple[int, int], **fields: Any) -> dict[str, Any]:
        """A case that was opened."""
        answer = self.storefront.post(
            "/v1/cases", request_body(*(lines or ((1, 2),)), **fields), key=new_key()
        )
        assert answer.status_code == 201, answer.text
        case: dict[str, Any] = answer.json()
        return case

    def declined(self, case_id: str) -> None:
        """The gateway refuses to pay an approved case: it is parked."""
        self._paid(case_id, Answer(PayoutState.FAILED, code="charge_disputed"))

    def unanswered(self, case_id: str) -> None:
        """The gateway's answer is lost, for so long that the case is parked."""
        self._paid(case_id, Answer(PayoutState.UNKNOWN))
        later = datetime.now(UTC) + timedelta(minutes=11)
        self._paid(case_id, Answer(PayoutState.UNKNOWN), later)

    def pays(self, case_id: str) -> None:
        """The gateway pays all that an approved case is owed, and the case is completed."""
        for _ in range(5):
            self._paid(case_id, Answer(PayoutState.PAID, reference="re_1"))
        self.shop.database.run(
            lambda s: complete(
                s, UUID(case_id), Outcome.REFUNDED, self.shop.policy, datetime.now(UTC)
            )
        )

    def _paid(self, case_id: str, answer: Answer, at: datetime | None = None) -> None:
        now, policy = at or datetime.now(UTC), self.shop.policy
        run = self.shop.database.run
        call = self.shop.next_payout_step(UUID(case_id), now)
        if isinstance(call, payouts.Call):
            run(lambda s: payouts.conclude(s, call, answer, policy, now))


def slug(answer: Response) -> str:
    """The type of a problem document, which says of itself what HTTP says of it."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["title"]
    assert document["detail"]
    return str(document["type"]).removeprefix("/problems/")


def new_key() -> str:
    return f"key-{next(_keys):08}"
