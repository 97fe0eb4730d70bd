"""How does the shop hear of it? By signed events, repeated until the receiver says 2xx."""

import asyncio
import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from sandbox.book import Row

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 4.0
TIMEOUT_SECONDS = (1.0, 5.0)  # connect, read
AT_ONCE = 8


class Webhooks:
    """Delivers one party's events to one address, at least once and in no promised order.

    `header` carries the signature, which is made in Stripe's manner. It has threads of its own, so
    a receiver that hangs holds up no answer.
    """

    def __init__(self, url: str, secret: str, header: str = "Stripe-Signature") -> None:
        self._url = url
        self._header = header
        self._secret = secret.encode()
        self._threads = ThreadPoolExecutor(AT_ONCE, "webhooks")
        self._session = requests.Session()
        self._session.trust_env = False

    async def deliver(self, event: Row) -> None:
        """Return once the receiver has taken the event."""
        body = json.dumps(event).encode()
        pause = FIRST_PAUSE_SECONDS
        loop = asyncio.get_running_loop()
        while not await loop.run_in_executor(self._threads, self._taken, body):
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _taken(self, body: bytes) -> bool:
        headers = {"Content-Type": "application/json", self._header: self._sign(body)}
        try:
            answer = self._session.post(
                self._url,
                data=body,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException:
            return False
        return 200 <= answer.status_code < 300

    def _sign(self, body: bytes) -> str:
        at = str(int(time.time()))
        digest = hmac.new(self._secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return f"t={at},v1={digest}"
