"""Which texts lack advice? They are taken from the books and advised on, beside all workflows.

No workflow waits for advice or knows of it, and it is written where no rule reads: so a wrong or
slow model can neither hold up a case nor change one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import advice
from activities.adviser import Adviser
from store import likenesses
from store.advice import keep, take
from store.session import Database


class Advising:
    def __init__(self, database: Database, adviser: Adviser, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._adviser = adviser
        self._clock = clock

    def look(self) -> int:
        """Have one text advised on; 0 if none lacks advice. One over which the models fail is
        tried a few times, a while apart.
        """
        taken = self._database.run(lambda session: take(session, self._clock()))
        if taken is None:
            return 0
        with self._database.snapshot() as session:
            question = likenesses.question(session, taken)
            photos = likenesses.same_photos(session, taken)
        said = self._adviser.ask(question)
        if said is not None:
            told, models = replace(said, photos=photos), advice.models()
            self._database.run(lambda session: keep(session, taken, told, models, self._clock()))
        return 1


def available() -> bool:
    """True if the extra `advice` is installed."""
    return advice.available()
