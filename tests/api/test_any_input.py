"""Whatever is sent, the answer is one of the documented ones: no input makes a 5xx."""

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.callers import Callers, new_key, slug
from tests.api.pictures import photo
from tests.shop import order_body

many = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

two = st.integers(0, 99).map("{:02}".format)
years = st.sampled_from(("0000", "0001", "1899", "1900", "2026", "2999", "3000", "9999"))
days = st.builds(
    "{}-{}-{}".format,
    years,
    st.sampled_from(("00", "01", "02", "12", "13")),
    st.sampled_from(("00", "01", "28", "29", "30", "31", "32")),
)
clocks = st.builds(
    "{}:{}:{}".format,
    st.sampled_from(("00", "23", "24", "25")) | two,
    st.sampled_from(("00", "59", "60")),
    st.sampled_from(("00", "59", "60", "61")),
)
fractions = st.just("") | st.text("0123456789", max_size=40).map(".{}".format)
offsets = st.sampled_from(("Z", "z", "", "-00:00", "+15:59", "-15:59", "+16:00", "-16:00")) | (
    st.builds("{}{}:{}".format, st.sampled_from("+-"), two, two)
)
stamps = st.builds("{}{}{}{}{}".format, days, st.sampled_from("Tt _"), clocks, fractions, offsets)
anything = stamps | days | st.text(max_size=30) | st.integers() | st.none()


@pytest.mark.parametrize("field", ["ordered_at", "shipped_at", "delivered_at", "warranty_until"])
@many
@given(at=anything)
def test_any_time_in_an_order(api: Callers, field: str, at: Any) -> None:
    body = order_body((1, 100))
    (body["lines"][0] if field == "warranty_until" else body)[field] = at
    answer = api.storefront.raw("PUT", "/v1/orders/o1", json.dumps(body).encode())
    assert answer.status_code in (200, 201) or slug(answer) == "invalid"


@pytest.mark.parametrize("route", ["reviews", "feedback", "cases", "auditors"])
@many
@given(first=anything, last=anything)
def test_any_days_of_figures(api: Callers, route: str, first: Any, last: Any) -> None:
    answer = api.lead.get(f"/v1/stats/{route}", **{"from": str(first), "to": str(last)})
    assert answer.status_code == 200 or slug(answer) == "invalid"


@many
@given(cursor=st.text(max_size=60) | st.binary(max_size=60).map(lambda b: b.decode("latin-1")))
def test_any_cursor(api: Callers, cursor: str) -> None:
    answer = api.lead.get("/v1/cases", cursor=cursor)
    assert answer.status_code == 200 or slug(answer) in ("bad-cursor", "invalid")


@many
@given(at=anything)
def test_any_time_of_a_carrier(api: Callers, at: Any) -> None:
    event = {"id": new_key(), "tracking_number": "T1", "status": "delivered", "occurred_at": at}
    body, signed = json.dumps(event).encode(), int(time.time())
    secret = api.client.app.state.context.settings.carrier_webhook_secret.get_secret_value()
    digest = hmac.new(secret.encode(), b"%d." % signed + body, hashlib.sha256).hexdigest()
    headers = {"Carrier-Signature": f"t={signed},v1={digest}", "Content-Type": "application/json"}
    answer = api.client.post("/v1/hooks/carriers/sandbox", content=body, headers=headers)
    assert answer.status_code == 200 or slug(answer) == "invalid"


HEADERS = (
    "Authorization",
    "Idempotency-Key",
    "Content-Type",
    "If-None-Match",
    "Accept",
    "Accept-Encoding",
    "Cookie",
    "Range",
    "Transfer-Encoding",
    "Expect",
    "X-Forwarded-For",
    "Stripe-Signature",
    "Carrier-Signature",
)
values = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60
) | st.sampled_from(("t=9" + "9" * 400 + ",v1=0", "t=,v1=", "t=-1,v1=" + "0" * 64, "Bearer \xff"))


@many
@given(name=st.sampled_from(HEADERS), value=values)
def test_any_header(api: Callers, name: str, value: str) -> None:
    latin = {name: value.encode("latin-1")}
    body = json.dumps(order_body((1, 100))).encode()
    for method, path, content in (
        ("PUT", "/v1/orders/o1", body),
        ("POST", "/v1/uploads", b"no image"),
        ("POST", "/v1/cases", b"{}"),
        ("POST", "/v1/hooks/payments/stripe", b"{}"),
        ("POST", "/v1/hooks/carriers/sandbox", b"{}"),
        ("GET", "/v1/cases", None),
    ):
        headers = {k.lower(): v.encode() for k, v in api.storefront.headers.items()}
        headers |= {"content-type": b"application/json", name.lower(): latin[name]}
        answer = api.client.request(method, path, headers=headers, content=content)
        assert answer.status_code < 500, (method, path, answer.text)


def test_a_photo_is_read_whatever_the_tag(api: Callers) -> None:
    headers = {**api.storefront.headers, "Idempotency-Key": new_key()}
    made = api.client.post("/v1/uploads", headers=headers, content=photo())
    for tag in ("", "*", '"', "\xff", '"' * 500):
        shown = {**api.storefront.headers, "If-None-Match": tag.encode("latin-1")}
        assert api.client.get(made.json()["url"], headers=shown).status_code == 200
