"""Which role may call which route: the whole matrix, with a token of each role."""

import pytest

from domain.people import Role
from tests.api.callers import Callers, new_key, slug
from tests.shop import Shop

CASE = "/v1/cases/019adf2a-0c00-7000-8000-000000000000"
REVIEW = CASE.replace("cases", "reviews")
FEEDBACK = CASE.replace("cases", "feedback")
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
    ("POST", f"{CASE}/effects/e1/resolve"): {Role.OPERATOR, Role.LEAD},
    ("POST", f"{CASE}/shipment"): {Role.STOREFRONT, Role.LEAD},
    ("POST", f"{CASE}/arrival"): {Role.WAREHOUSE, Role.LEAD},
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
    ("POST", "/v1/charges/ch_1/assign"): {Role.OPERATOR, Role.LEAD},
    ("PUT", "/v1/stock/s1"): {Role.WAREHOUSE, Role.OPERATOR},
    ("GET", "/v1/stock/s1"): set(Role),
    ("GET", "/v1/products/s1/rating"): set(Role),
    ("GET", "/v1/stats/reviews"): set(Role),
    ("GET", "/v1/stats/feedback"): set(Role),
    ("GET", "/v1/stats/cases"): set(Role),
    ("GET", "/v1/stats/auditors"): STAFF,
    ("POST", "/v1/uploads"): {Role.STOREFRONT, Role.WAREHOUSE},
    ("GET", "/v1/uploads/u1"): set(Role),
    ("POST", f"{CASE}/satisfaction"): {Role.STOREFRONT},
    ("POST", "/v1/reviews"): {Role.STOREFRONT},
    ("GET", "/v1/reviews"): set(Role),
    ("GET", "/v1/products/s1/reviews"): set(Role),
    ("GET", REVIEW): set(Role),
    ("PUT", REVIEW): {Role.STOREFRONT},
    ("GET", f"{REVIEW}/events"): set(Role),
    ("POST", f"{REVIEW}/withdraw"): {Role.STOREFRONT},
    ("POST", f"{REVIEW}/appeal"): {Role.STOREFRONT},
    ("POST", f"{REVIEW}/approve"): {Role.AUDITOR, Role.LEAD},
    ("POST", f"{REVIEW}/reject"): {Role.AUDITOR, Role.LEAD},
    ("POST", f"{REVIEW}/reply"): {Role.AUDITOR, Role.LEAD},
    ("POST", f"{REVIEW}/helpful"): {Role.STOREFRONT},
    ("DELETE", f"{REVIEW}/helpful/c1"): {Role.STOREFRONT},
    ("POST", "/v1/feedback"): {Role.STOREFRONT},
    ("GET", "/v1/feedback"): set(Role),
    ("GET", FEEDBACK): set(Role),
    ("GET", f"{FEEDBACK}/events"): set(Role),
    ("POST", f"{FEEDBACK}/approve"): {Role.AUDITOR, Role.LEAD},
    ("POST", f"{FEEDBACK}/reject"): {Role.AUDITOR, Role.LEAD},
    ("POST", f"{FEEDBACK}/answer"): {Role.AUDITOR, Role.LEAD},
    ("POST", f"{FEEDBACK}/message"): {Role.STOREFRONT},
    ("POST", f"{FEEDBACK}/close"): {Role.AUDITOR, Role.LEAD, Role.STOREFRONT},
    ("POST", f"{FEEDBACK}/convert"): {Role.STOREFRONT},
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
    known = {(method, _templated(path)): allowed for (method, path), allowed in ROUTES.items()}
    assert documented == known


def _templated(path: str) -> str:
    """The route that a path of the matrix stands for."""
    names = {
        "/v1/orders/o1": "/v1/orders/{order_id}",
        "/v1/customers/c1": "/v1/customers/{customer_id}",
        "/v1/charges/ch_1": "/v1/charges/{charge}",
        "/v1/stock/s1": "/v1/stock/{sku}",
        "/v1/products/s1": "/v1/products/{sku}",
        "/v1/uploads/u1": "/v1/uploads/{upload_id}",
        "/helpful/c1": "/helpful/{customer_id}",
        "/effects/e1": "/effects/{effect_id}",
        CASE: "/v1/cases/{case_id}",
        REVIEW: "/v1/reviews/{review_id}",
        FEEDBACK: "/v1/feedback/{feedback_id}",
    }
    for said, meant in names.items():
        path = path.replace(said, meant)
    return path
