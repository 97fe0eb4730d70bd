"""How do paths name things? Our own ids are UUIDs, those from outside are short plain words."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from domain.messages import OutsideId
from domain.refusals import Refusal, Why

CaseId = Annotated[str, Path(examples=["019adf2a-0c00-7000-8000-000000000000"])]
EffectId = Annotated[str, Path(examples=["019adf2a-0c00-5000-8000-000000000000"])]
OrderId = Annotated[OutsideId, Path(examples=["536365"])]
CustomerId = Annotated[OutsideId, Path(examples=["17850"])]
Sku = Annotated[OutsideId, Path(examples=["85123A"])]


UploadId = Annotated[str, Path(examples=["019adf2a-0c00-7000-8000-000000000000"])]
ReviewId = Annotated[str, Path(examples=["019adf2a-0c00-7000-8000-000000000000"])]
FeedbackId = Annotated[str, Path(examples=["019adf2a-0c00-7000-8000-000000000000"])]


def case_named(text: str) -> UUID:
    """The id that this text is. What is no UUID names no case: Refusal(case-not-found)."""
    return _named(text, Why.CASE_NOT_FOUND)


def effect_named(text: str) -> UUID:
    """Likewise: an effect that a case does not have is not found as one that is no UUID."""
    return _named(text, Why.CASE_NOT_FOUND)


def review_named(text: str) -> UUID:
    """Likewise: Refusal(review-not-found)."""
    return _named(text, Why.REVIEW_NOT_FOUND)


def feedback_named(text: str) -> UUID:
    """Likewise: Refusal(feedback-not-found)."""
    return _named(text, Why.FEEDBACK_NOT_FOUND)


def upload_named(text: str) -> UUID:
    """Likewise: Refusal(upload-not-found)."""
    return _named(text, Why.UPLOAD_NOT_FOUND)


def _named(text: str, why: Why) -> UUID:
    try:
        named = UUID(text)
    except ValueError:
        raise Refusal(why) from None
    if str(named) != text.lower():
        raise Refusal(why)
    return named
