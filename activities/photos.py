"""What becomes of photos that nothing names? Their rows go first, then their bytes."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from gateways.photos import Away, Photos
from store import uploads
from store.session import Database

AT_A_TIME = 50

log = logging.getLogger(__name__)


class UnusedPhotos:
    def __init__(
        self, database: Database, photos: Photos, kept_for: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._photos = photos
        self._kept_for = kept_for
        self._clock = clock

    def remove(self) -> int:
        """Remove photos that nothing named in time; how many went. Where they are kept may be
        away: the rest is for a later round.
        """
        before = self._clock() - self._kept_for
        struck = self._database.run(
            lambda session: uploads.discard_unused(session, before, AT_A_TIME)
        )
        for gone, upload_id in enumerate(struck):
            try:
                self._photos.forget(upload_id)
            except Away as away:
                log.warning("photos are not removed: %s", away)
                return gone
            with self._database.begin() as session:
                uploads.forgotten(session, upload_id)
        return len(struck)
