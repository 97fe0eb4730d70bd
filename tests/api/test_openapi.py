"""The OpenAPI document tells the truth: whatever any role sends is answered as it says."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import binary, just
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from domain.people import Role
from domain.refusals import Why
from tests.api.callers import Callers
from tests.api.pictures import photo

for media_type in ("image/jpeg", "image/png", "image/webp"):
    form = media_type.removeprefix("image/").upper()
    schemathesis.openapi.media_type(media_type, binary() | just(photo(form)))

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
TRIES = 15
TRIES_IN_VAIN = 3
"""By a role that the route never takes: whatever it sends, it is told so first."""


@pytest.fixture
def operations(client: TestClient) -> Iterator[Any]:
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.app)
    return (found.ok() for found in schema.get_all_operations())


@pytest.mark.parametrize("role", Role)
def test_whatever_is_sent_is_answered_as_documented(
    api: Callers, operations: Iterator[Any], role: Role
) -> None:
    api.shop.hire("someone", role, storefront="demo" if role is Role.STOREFRONT else None)
    headers = api.named("someone").headers
    for operation in operations:
        taken = operation.definition.raw.get("x-roles", list(Role))
        send_all(operation, headers, TRIES if role in taken else TRIES_IN_VAIN)


def send_all(operation: Any, headers: dict[str, str], tries: int) -> None:
    """Send what the document allows, and what it does not."""

    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    )
    @settings(
        max_examples=tries,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def send(case: schemathesis.Case) -> None:
        case.validate_response(case.call(headers=headers), checks=CHECKS)

    send()


def test_every_answer_says_which_fields_it_has(api: Callers) -> None:
    """A schema that allows whatever there is says nothing, and nothing could fail it."""
    document = api.client.get("/openapi.json").json()
    answers = [name for name in document["components"]["schemas"] if name.endswith("Answer")]
    assert "CaseAnswer" in answers
    unsaid = [n for n in answers if "properties" not in document["components"]["schemas"][n]]
    assert unsaid == []


def test_every_refusal_is_documented_on_some_route(api: Callers) -> None:
    paths = api.client.get("/openapi.json").json()["paths"]
    documented = {
        slug
        for operations in paths.values()
        for operation in operations.values()
        for answer in operation["responses"].values()
        for content in answer.get("content", {}).values()
        for slug in content.get("examples", {})
    }
    of_the_router = {Why.NOT_FOUND.slug, Why.METHOD_NOT_ALLOWED.slug}
    of_signals = {Why.RAW_SIGNALS_OFF.slug}
    assert documented == {why.slug for why in Why} - of_the_router - of_signals
