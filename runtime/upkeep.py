"""What happens when a server dies although nobody asked it to?"""

import time

from runtime.children import Child, NotStarted

FIRST_BACKOFF, LAST_BACKOFF = 0.2, 5.0  # seconds between a death and the next start
STEADY = 30.0  # seconds of life after which a death counts as the first one again


class Upkeep:
    """Starts one child again whenever it has died, the later the oftener it does so."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._launched_at = time.monotonic()
        self._launch_at: float | None = None
        self._backoff = FIRST_BACKOFF
        self._ready = True

    def died(self) -> int | None:
        """The exit code of a death not yet reported; plans the next start."""
        code = self.child.exit_code
        if code is None or self._launch_at is not None:
            return None
        now = time.monotonic()
        if now - self._launched_at > STEADY:
            self._backoff = FIRST_BACKOFF
        self._launch_at = now + self._backoff
        self._backoff = min(self._backoff * 2, LAST_BACKOFF)
        self._ready = False
        return code

    def came_back(self) -> bool:
        """Starts the child if it is time. True once, when it answers again."""
        if self._ready:
            return False
        try:
            if self._launch_at is None:
                self._ready = self.child.is_ready()
            elif time.monotonic() >= self._launch_at:
                self._launched_at = time.monotonic()
                self.child.launch()
                self._launch_at = None
        except NotStarted:
            # Without a process `died` does not see this try, so the next one is planned here.
            self._launch_at = time.monotonic() + self._backoff
            self._backoff = min(self._backoff * 2, LAST_BACKOFF)
        return self._ready
