"""A request is of the documented form and size and means one thing, or it is refused clearly."""

from collections.abc import Iterator

import pytest

from tests.api.callers import Callers, new_key, slug
from tests.shop import order_body, request_body

GOOD = '{"kind": "refund", "order_id": "o1", "lines": [{"line": 1, "quantity": 1}], %s}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        "{}".encode("utf-16"),
        b"[" * 100_000,
        b'{"note": ' + b'{"a":' * 50_000,
        (GOOD % '"reason": "damaged", "amount": NaN').encode(),
        (GOOD % '"reason": "damaged", "amount": Infinity').encode(),
        (GOOD % '"reason": "damaged", "amount": 1e400').encode(),
        (GOOD % '"reason": "damaged", "amount": 1530.0').encode(),
        (GOOD % '"reason": "damaged", "amount": "1530"').encode(),
        (GOOD % '"reason": "damaged", "amount": true').encode(),
        (GOOD % '"reason": "damaged", "amount": -1').encode(),
        (GOOD % f'"reason": "damaged", "amount": {10**15 + 1}').encode(),
        (GOOD % f'"reason": "damaged", "amount": {"9" * 5000}').encode(),
        (GOOD % f'"reason": "damaged", "amount": {"9" * 4000}').encode(),
        (GOOD % '"reason": "damaged", "reason": "damaged"').encode(),
        (GOOD % '"reason": "damaged", "note": "\\ud800"').encode(),
        (GOOD % '"reason": "damaged", "\\ud800": 1').encode(),
        (GOOD % '"reason": "damaged", "note": "\\u0000"').encode(),
        (GOOD % '"reason": "damaged", "\\u0000": 1').encode(),
        (GOOD % f'"reason": "damaged", "note": "{"n" * 2001}"').encode(),
        (GOOD % '"reason": "damaged", "storefront": "other"').encode(),
        (GOOD % '"reason": "damaged", "include_shipping": 1').encode(),
    ],
    ids=lambda body: ascii(body[-40:]),
)
def test_a_body_of_another_form_is_invalid(api: Callers, body: bytes) -> None:
    api.sells()
    headers = {"Idempotency-Key": new_key()}
    answer = api.storefront.raw("POST", "/v1/cases", body, **headers)
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert answer.json()["errors"]


def test_the_fields_that_are_wrong_are_named(api: Callers) -> None:
    body = request_body((1, 0), colour="red")
    errors = api.storefront.post("/v1/cases", body, key=new_key()).json()["errors"]
    assert {error["field"] for error in errors} == {"lines.0.quantity", "colour"}


def test_unknown_and_repeated_query_fields_are_invalid(api: Callers) -> None:
    assert slug(api.lead.get("/v1/cases?colour=red")) == "invalid"
    assert slug(api.lead.get("/v1/cases?limit=1&limit=2")) == "invalid"
    assert slug(api.client.get("/healthz?verbose=1")) == "invalid"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "stage=lost", "overdue=often", "q=", "q=%00"]
)
def test_query_fields_of_another_form_are_invalid(api: Callers, query: str) -> None:
    assert slug(api.lead.get(f"/v1/cases?{query}")) == "invalid"


@pytest.mark.parametrize("order_id", ["a b", "%00", "é", "a" * 65])
def test_ids_from_outside_are_short_plain_words(api: Callers, order_id: str) -> None:
    assert slug(api.storefront.put(f"/v1/orders/{order_id}", order_body((1, 1)))) == "invalid"


@pytest.mark.parametrize(
    "time",
    [
        1,
        1e9,
        "1290000000",
        "2010-12-01",
        "2010-12-01T08:26Z",
        "2010-12-01 08:26:00Z",
        "2010-12-01T08:26:00",
        "2010-13-01T08:26:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
        "2010-12-01T08:26:00+16:00",
        "2010-12-01T08:26:00-23:59",
        "2010-12-01T24:00:00Z",
        "2016-12-31T23:59:60Z",
    ],
)
@pytest.mark.parametrize("field", ["ordered_at", "shipped_at", "delivered_at"])
def test_times_are_written_as_rfc_3339_has_them(api: Callers, field: str, time: object) -> None:
    body = order_body((1, 100)) | {field: time}
    assert slug(api.storefront.put("/v1/orders/o1", body)) == "invalid"


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2010-12-01T08:26:00.5+08:00", "2010-12-01T00:26:00.500000Z"),
        ("2010-12-01t00:26:00z", "2010-12-01T00:26:00Z"),
        ("2010-12-01T00:26:00+15:59", "2010-11-30T08:27:00Z"),
        ("2010-12-01T00:26:00.1234567890-15:59", "2010-12-01T16:25:00.123456Z"),
    ],
)
def test_times_of_other_zones_are_shown_in_utc(api: Callers, time: str, shown: str) -> None:
    body = order_body((1, 100)) | {"ordered_at": time}
    answer = api.storefront.put("/v1/orders/o1", body)
    assert answer.json()["ordered_at"] == shown


def test_a_body_said_to_be_something_else_is_invalid(api: Callers) -> None:
    typed = {"Content-Type": "text/plain", "Idempotency-Key": new_key()}
    answer = api.storefront.raw("POST", "/v1/cases", b"{}", **typed)
    assert slug(answer) == "invalid"
    assert answer.json()["errors"][0]["field"] == "Content-Type"


@pytest.mark.parametrize("currency", ["XCG", "SLE", "ZWG", "JPY", "KWD"])
def test_currencies_in_use_are_taken(api: Callers, currency: str) -> None:
    body = order_body((1, 100)) | {"currency": currency}
    assert api.storefront.put("/v1/orders/o1", body).status_code == 201


@pytest.mark.parametrize("currency", ["XXX", "XTS", "XAU", "DEM", "ZWL", "ANG", "gbp", "GB", ""])
def test_currencies_not_in_use_are_invalid(api: Callers, currency: str) -> None:
    body = order_body((1, 100)) | {"currency": currency}
    assert slug(api.storefront.put("/v1/orders/o1", body)) == "invalid"


def test_a_declared_body_above_the_limit_is_too_large(api: Callers) -> None:
    answer = api.storefront.raw("PUT", "/v1/orders/o1", b" " * 1_000_001)
    assert (answer.status_code, slug(answer)) == (413, "too-large")


def test_a_chunked_body_above_the_limit_is_too_large(api: Callers) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    answer = api.client.put("/v1/orders/o1", headers=api.storefront.headers, content=chunks())
    assert (answer.status_code, slug(answer)) == (413, "too-large")
