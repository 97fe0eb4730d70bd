"""How does an open case get a workflow again, when somebody terminated it or Temporal lost it?"""

from uuid import UUID

from ops.failures import Failed
from store.outbox import start_again
from store.session import Database


def restart(database: Database, case: str | None) -> None:
    """Have the workflow of this case started where the case stands, or those of all open cases.

    Harmless where one runs. Raises Failed if there is no such open case.
    """
    with database.begin() as session:
        told = start_again(session, _id(case) if case else None)
    if case and not told:
        raise Failed(f"{case} is not an open case")
    print(f"{len(told)} to be started, unless they run already")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Failed(f"{text} is not a case's id") from None
