"""What are auditors told of a text beside the text itself? Advice, for nobody else to see."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.instants import Instant
from domain.advice import (
    Alike,
    Contact,
    Language,
    LikelyReason,
    SamePhoto,
    Sentiment,
    Subject,
)
from domain.people import MAY_DECIDE, Actor
from store.advice import Given, given


class AdviceAnswer(BaseModel):
    """What models make of the text: it decides nothing. `failed` names what they could not say,
    `models` what they are.
    """

    language: Language | None
    sentiment: Sentiment | None
    reason: LikelyReason | None
    duplicates: list[Alike]
    similar: list[Alike]
    contacts: list[Contact]
    photos: list[SamePhoto]
    failed: list[str]
    computed_at: Instant
    models: dict[str, str]

    @classmethod
    def of(cls, advice: Given) -> Self:
        return cls(**vars(advice.said), computed_at=advice.computed_at, models=advice.models)


def advice_for(
    session: Session, reader: Actor, kind: Subject, subject_id: UUID, version: int
) -> AdviceAnswer | None:
    """What was said of this version of the text, if anything was and the reader judges texts."""
    if reader.role not in MAY_DECIDE:
        return None
    found = given(session, kind, subject_id, version)
    return AdviceAnswer.of(found) if found else None
