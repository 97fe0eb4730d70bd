"""Buyers whose feedback comes in over HTTP."""

from typing import Any

from httpx2 import Response

from tests.api.callers import Caller, Callers, new_key
from tests.correspondents import BUYER, feedback_body


def writes(caller: Caller, *, key: str | None = None, **fields: Any) -> Response:
    """Feedback about the courier, unless `fields` say otherwise."""
    return caller.post("/v1/feedback", feedback_body(**fields), key=key or new_key())


def written(api: Callers, **fields: Any) -> dict[str, Any]:
    """The same, taken in."""
    answer = writes(api.storefront, **fields)
    assert answer.status_code == 201, answer.text
    feedback: dict[str, Any] = answer.json()
    return feedback


def says(caller: Caller, feedback: dict[str, Any], verb: str, **body: Any) -> Response:
    return caller.post(path_of(feedback, verb), body)


def said(caller: Caller, feedback: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
    """The feedback as it stands after what had to succeed."""
    answer = says(caller, feedback, verb, **body)
    assert answer.status_code == 200, answer.text
    after: dict[str, Any] = answer.json()
    return after


def converts(
    caller: Caller, feedback: dict[str, Any], *, key: str | None = None, **wanted: Any
) -> Response:
    return caller.post(path_of(feedback, "convert"), wanted, key=key or new_key())


def closed_case(api: Callers, order_id: str = "o1") -> str:
    """A case of a new order that was refused: its id."""
    api.sells(order_id)
    case_id: str = api.applies(order_id=order_id)["case_id"]
    body = {"reason": "other", "note": ""}
    assert api.lead.post(f"/v1/cases/{case_id}/reject", body).status_code == 200
    return case_id


def rates(caller: Caller, case_id: str, **fields: Any) -> Response:
    """How content the case's buyer is: 4 of 5, unless `fields` say otherwise."""
    body = {"customer_id": BUYER, "score": 4, **fields}
    return caller.post(f"/v1/cases/{case_id}/satisfaction", body)


def path_of(feedback: dict[str, Any], verb: str = "") -> str:
    path = f"/v1/feedback/{feedback['feedback_id']}"
    return f"{path}/{verb}" if verb else path
