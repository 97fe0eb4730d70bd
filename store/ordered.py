"""An operator's order about a parked case, while it is carried out."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from domain.cases import Stage, WaitingFor
from domain.people import Actor
from domain.policy import Policy
from store import events
from store.tables import Case, Resume


@dataclass(frozen=True)
class Ordered:
    """The order as it is kept, the locked case it is about, and who gave it when."""

    session: Session
    case: Case
    order: Resume
    actor: Actor
    policy: Policy
    now: datetime

    def told(self, what: str) -> str:
        """What an event says of the order: what was done, and why its operator did it."""
        return ": ".join(filter(None, (what, self.order.note)))

    def record(
        self,
        what: str,
        detail: str,
        *,
        to: Stage | None = None,
        waiting_for: WaitingFor | None = None,
    ) -> None:
        """Append the event that stands for the order, and move the case on."""
        events.record(
            self.session,
            self.case,
            what,
            self.actor,
            self.now,
            to=to,
            waiting_for=waiting_for,
            deadlines=self.policy.deadlines,
            detail=self.told(detail),
            message_id=self.order.resume_id,
        )
