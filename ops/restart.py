"""How does an open case, review or feedback get a workflow again, when somebody terminated it or
Temporal lost it?
"""

from uuid import UUID

from ops.failures import Failed
from store.outbox import start_again
from store.session import Database


def restart(database: Database, one: str | None) -> None:
    """Have its workflow started where it stands, or those of all that is open.

    Harmless where one runs. Raises Failed if it is not open.
    """
    with database.begin() as session:
        told = start_again(session, _id(one) if one else None)
    if one and not told:
        raise Failed(f"{one} is no open case, review or feedback")
    print(f"{len(told)} to be started, unless they run already")


def _id(text: str) -> UUID:
    try:
        return UUID(text.rpartition("/")[2])  # also as Temporal names it, review/<review_id>
    except ValueError:
        raise Failed(f"{text} is not the id of a case, review or feedback") from None
