"""Which role may call which route: the whole matrix, with a token of each role."""

import pytest

from domain.people import Role
from tests.api.callers import Callers, new_key, slug
from tests.shop import Shop

CASE = "/v1/cases/019adf2a-0c00-7000-8000-000000000000"
STAFF = set(Role) - {Role.STOREFRONT}
ROUTES = {
    ("PUT", "/v1/orders/o1"): {Role.STOREFRONT},
    ("GET", "/v1/orders/o1"): set(Role),
    ("POST", "/v1/cases"): {Role.STOREFRONT},
    ("POST", "/v1/previews"): {Role.STOREFRONT},
    ("GET", "/v1/cases"): set(Role),
    ("GET", CASE): set(Role),
    ("GET", f"{CASE}/events"): set(Role),
    ("GET", f"{CASE}/label"): set(Role),
    ("POST", f"{CASE}/approve"): {Role.AUDITOR, Role.LEAD},
    ("POST", f"{CASE}/reject"): {Role.AUDITOR, Role.LEAD},
    ("POST", f"{CASE}/cancel"): {Role.STOREFRONT},
    ("POST", f"{CASE}/resume"): {Role.OPERATOR, Role.LEAD},
    ("POST", f"{CASE}/shipment"): {Role.STOREFRONT},
    ("POST", f"{CASE}/inspection"): {Role.WAREHOUSE},
    ("POST", f"{CASE}/offer"): {Role.AUDITOR, Role.LEAD},
    ("POST", f"{CASE}/offer/accept"): {Role.STOREFRONT},
    ("POST", f"{CASE}/offer/decline"): {Role.STOREFRONT},
    ("POST", f"{CASE}/lost"): {Role.OPERATOR, Role.LEAD},
    ("POST", f"{CASE}/diagnosis"): {Role.TECHNICIAN},
    ("POST", f"{CASE}/quote/accept"): {Role.STOREFRONT},
    ("POST", f"{CASE}/quote/decline"): {Role.STOREFRONT},
    ("POST", f"{CASE}/choice"): {Role.STOREFRONT},
    ("POST", f"{CASE}/repaired"): {Role.TECHNICIAN},
    ("GET", "/v1/customers/c1/credit"): set(Role),
    ("PUT", "/v1/stock/s1"): {Role.WAREHOUSE, Role.OPERATOR},
    ("GET", "/v1/stock/s1"): set(Role),
    ("GET", "/v1/products/s1/rating"): set(Role),
    ("GET", "/v1/stats/reviews"): set(Role),
    ("GET", "/v1/stats/feedback"): set(Role),
    ("GET", "/v1/stats/cases"): set(Role),
    ("GET", "/v1/stats/auditors"): STAFF,
}


@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_it_may_and_nothing_else(api: Callers, shop: Shop, role: Role) -> None:
    storefront = "demo" if role is Role.STOREFRONT else None
    shop.hire("someone", role, storefront=storefront)
    caller = api.named("someone")
    for (method, path), allowed in ROUTES.items():
        answer = caller.raw(method, path, b"{", **{"Idempotency-Key": new_key()})
        forbidden = answer.status_code == 403 and slug(answer) == "forbidden"
        assert forbidden == (role not in allowed), (method, path)
        assert answer.status_code not in (401, 500)


def test_the_matrix_knows_every_route_that_takes_a_token(api: Callers) -> None:
    paths = api.client.get("/openapi.json").json()["paths"]
    documented = {
        (method.upper(), path): set(operation["x-roles"])
        for path, operations in paths.items()
        for method, operation in operations.items()
        if "security" in operation
    }
    names = {
        "/v1/orders/o1": "/v1/orders/{order_id}",
        "/v1/customers/c1/credit": "/v1/customers/{customer_id}/credit",
        "/v1/stock/s1": "/v1/stock/{sku}",
        "/v1/products/s1/rating": "/v1/products/{sku}/rating",
    }
    known = {
        (method, names.get(path, path.replace(CASE, "/v1/cases/{case_id}"))): allowed
        for (method, path), allowed in ROUTES.items()
    }
    assert documented == known
