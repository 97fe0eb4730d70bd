"""What is wrong with a request is said in one order: route, caller, role, key, form, resource."""

from tests.api.callers import Callers, new_key, slug
from tests.shop import request_body


def test_a_stranger_learns_nothing_of_the_form(api: Callers) -> None:
    for body in (b"{", b'{"no": 1}', b"x" * 2_000_000):
        answer = api.client.post("/v1/cases?no=1", content=body)
        assert slug(answer) == "unauthenticated"


def test_a_role_that_never_may_learns_nothing_of_key_and_form(api: Callers) -> None:
    assert slug(api.lead.raw("POST", "/v1/cases?no=1", b"{")) == "forbidden"
    assert slug(api.storefront.raw("POST", "/v1/cases/nothing/approve", b"{")) == "forbidden"


def test_the_key_comes_before_the_form(api: Callers) -> None:
    assert slug(api.storefront.raw("POST", "/v1/cases?no=1", b"{")) == "idempotency-key-required"


def test_the_form_comes_before_the_resource(api: Callers) -> None:
    assert slug(api.storefront.post("/v1/cases", {"no": 1}, key=new_key())) == "invalid"
    assert slug(api.lead.post("/v1/cases/nothing/approve", {"no": 1})) == "invalid"
    assert slug(api.lead.get("/v1/cases/nothing?no=1")) == "invalid"


def test_the_resource_comes_before_its_state(api: Callers) -> None:
    answer = api.storefront.post("/v1/cases", request_body((9, 9)), key=new_key())
    assert slug(answer) == "order-not-found"
