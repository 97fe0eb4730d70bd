"""How do paths name things? Our own ids are UUIDs, those from outside are short plain words."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from domain.messages import OutsideId
from domain.refusals import Refusal, Why

CaseId = Annotated[str, Path(examples=["019adf2a-0c00-7000-8000-000000000000"])]
OrderId = Annotated[OutsideId, Path(examples=["536365"])]
CustomerId = Annotated[OutsideId, Path(examples=["17850"])]
Sku = Annotated[OutsideId, Path(examples=["85123A"])]


def case_named(text: str) -> UUID:
    """The id that this text is. What is no UUID names no case: Refusal(case-not-found)."""
    try:
        case_id = UUID(text)
    except ValueError:
        raise Refusal(Why.CASE_NOT_FOUND) from None
    if str(case_id) != text.lower():
        raise Refusal(Why.CASE_NOT_FOUND)
    return case_id
