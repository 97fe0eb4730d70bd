"""What does the history of a case look like from outside, and who did it to whom?"""

from typing import Annotated

from pydantic import BaseModel, Field

from api.instants import Instant
from domain.cases import Stage
from domain.people import Actor, Channel, Role
from store.tables import CaseEvent


class EventAnswer(BaseModel):
    seq: int
    at: Instant
    actor: str
    actor_kind: str
    from_: Annotated[Stage | None, Field(serialization_alias="from")]
    to: Stage
    what: str
    detail: str
    channel: Channel | None
    """How a person's message came; null for what nobody sent."""


class EventList(BaseModel):
    items: list[EventAnswer]
    next: str | None


def event_answer(event: CaseEvent, reader: Actor) -> EventAnswer:
    """An event as this reader may see it."""
    return EventAnswer(
        seq=event.seq,
        at=event.at,
        actor=shown_actor(event.actor, event.actor_kind, reader),
        actor_kind=event.actor_kind,
        channel=Channel(event.channel) if event.channel else None,
        from_=Stage(event.from_stage) if event.from_stage else None,
        to=Stage(event.to_stage),
        what=event.what,
        detail=event.detail,
    )


STAFF = frozenset(role.value for role in Role if role.staff)


def shown_actor(actor: str, kind: str, reader: Actor) -> str:
    """A storefront learns what kind of staff acted, not who."""
    return kind if kind in STAFF and not reader.role.staff else actor
