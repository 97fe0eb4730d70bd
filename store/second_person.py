"""What one person asks for and another confirms, by giving the same order."""

from typing import Any

from sqlalchemy import and_, func, select, true
from sqlalchemy.orm import InstrumentedAttribute

from domain.people import Channel
from domain.refusals import Refusal, Why
from store.ordered import Ordered
from store.tables import CaseEvent, Resume, Token

PARKED = ("parked", "payout_reversed")
"""Events that park a case: an order given before them was about something else."""


def asked_before(ordered: Ordered, *same: InstrumentedAttribute[Any]) -> bool:
    """True if somebody else, whose token still holds, has given the same order since the case was
    parked: the same action, with the same values in the columns `same` of `resumes`. To be asked
    before the order itself is written down.

    Raises Refusal: four-eyes (it was this very person).
    """
    case, order = ordered.case, ordered.order
    # By the order of events, not by their times: those come from the clocks of two machines.
    parked = select(func.max(CaseEvent.seq)).where(
        CaseEvent.case_id == case.case_id, CaseEvent.what.in_(PARKED)
    )
    asked = (
        select(Resume.actor)
        .join(Token, Token.name == Resume.actor)
        .join(
            CaseEvent,
            and_(CaseEvent.case_id == Resume.case_id, CaseEvent.message_id == Resume.resume_id),
        )
        .where(
            Resume.case_id == case.case_id,
            Resume.action == order.action,
            *(column.is_not_distinct_from(getattr(order, column.key)) for column in same),
            CaseEvent.seq > parked.scalar_subquery(),
            Token.revoked_at.is_(None),
            true()
            if ordered.policy.raw_signals
            else Resume.channel.is_distinct_from(Channel.TEMPORAL),
        )
    )
    askers = set(ordered.session.scalars(asked))
    if askers == {order.actor}:
        raise Refusal(Why.FOUR_EYES)
    return bool(askers)
