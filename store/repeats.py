"""Has this been said before? An id that a client gave names one message of one case, for good."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.refusals import Refusal, Why
from store import events
from store.tables import Arrival, Decision, Diagnosis, Inspection, Offer, Resume


def repeats(
    session: Session,
    message: Arrival | Decision | Diagnosis | Inspection | Offer | Resume,
    named: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    said: Sequence[str],
    reused: Why,
) -> bool:
    """True if this message about a locked case stands already: under its id `named`, by the same
    person, with the same in all the columns `said`.

    Raises Refusal(`reused`) if its id names anything else: another message of its kind, whatever
    case that is about, or any other message to this case.
    """
    message_id = getattr(message, named.key)
    before = session.scalars(select(type(message)).where(named == message_id)).one_or_none()
    if before is None:
        if events.known(session, message.case_id, message_id):
            raise Refusal(reused)
        return False
    compared = ("case_id", "actor", *said)
    if any(getattr(before, name) != getattr(message, name) for name in compared):
        raise Refusal(reused)
    return True
