"""What do reviews and feedback look like from outside in what they share: verdicts and events?"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from api.event_answers import shown_actor
from api.instants import Instant
from domain.people import Actor, Channel
from domain.submissions import SubmissionStage
from store.tables import SubmissionDecision, SubmissionEvent


class Verdict(BaseModel):
    """`reason` and `note` of a refusal are for its author to read."""

    decision_id: str
    verdict: Literal["approve", "reject"]
    actor: str
    reason: str | None
    note: str
    at: Instant

    @classmethod
    def of(cls, decision: SubmissionDecision, reader: Actor) -> Self:
        return cls(
            decision_id=decision.decision_id,
            verdict=decision.verdict,
            actor=shown_actor(decision.actor, decision.actor_role, reader),
            reason=decision.reason,
            note=decision.note,
            at=decision.at,
        )


class SubmissionEventAnswer(BaseModel):
    seq: int
    at: Instant
    actor: str
    actor_kind: str
    from_: Annotated[SubmissionStage | None, Field(serialization_alias="from")]
    to: SubmissionStage
    what: str
    detail: str
    channel: Channel | None
    """How a person's message came; null for what nobody sent."""

    @classmethod
    def of(cls, event: SubmissionEvent, reader: Actor) -> Self:
        return cls(
            seq=event.seq,
            at=event.at,
            actor=shown_actor(event.actor, event.actor_kind, reader),
            actor_kind=event.actor_kind,
            channel=Channel(event.channel) if event.channel else None,
            from_=SubmissionStage(event.from_stage) if event.from_stage else None,
            to=SubmissionStage(event.to_stage),
            what=event.what,
            detail=event.detail,
        )


class SubmissionEventList(BaseModel):
    items: list[SubmissionEventAnswer]
    next: str | None
