"""A case that cannot go on by itself is handed to an operator."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.cases import Attention, Stage
from domain.people import SYSTEM
from domain.policy import Policy
from store import events
from store.tables import Case


def park(
    session: Session,
    case: Case,
    why: Attention,
    policy: Policy,
    now: datetime,
    code: str = "",
) -> None:
    """Hand the case to an operator."""
    events.record(
        session,
        case,
        "parked",
        SYSTEM,
        now,
        to=Stage.NEEDS_ATTENTION,
        attention=why,
        deadlines=policy.deadlines,
        detail=" ".join(filter(None, (why, code))),
    )
