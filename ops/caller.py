"""How does a command speak to the API? As any other caller: a token, problems, and patience."""

import json
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any

import requests

from ops.failures import Failed

TIMEOUT = (2, 30)  # seconds: connect, read
PAUSE = 0.5  # seconds before a call is repeated, unless the answer says otherwise
PAGE = 200  # the most that a list gives at once

Json = dict[str, Any]


class Refused(Failed):
    """The API refused: `slug` is the problem's type, the message its detail."""

    def __init__(self, status: int, slug: str, detail: str) -> None:
        super().__init__(f"{slug}: {detail}")
        self.status = status
        self.slug = slug


class Caller:
    """One token's holder at the API in `base`. May be shared by threads.

    Calls are repeated for `patience` seconds while the platform is away or busy with the same
    key: what is posted must be safe to post twice. `stop` ends the waiting at once.
    """

    def __init__(
        self, base: str, token: str, *, patience: float, stop: threading.Event | None = None
    ) -> None:
        self._base = base
        self._token = token
        self._patience = patience
        self._stop = stop or threading.Event()
        self._threads = threading.local()

    def get(self, path: str, **query: Any) -> Json:
        return self._call("GET", path, params=query)

    def post(self, path: str, body: Json, key: str | None = None) -> Json:
        headers = {"Idempotency-Key": key} if key else {}
        return self._call("POST", path, data=json.dumps(body), headers=headers)

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """Every item of a list, newest first."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, limit=PAGE, **query, **cursor)
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    def _call(self, method: str, path: str, headers: Json | None = None, **how: Any) -> Json:
        sent = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        until = monotonic() + self._patience
        while True:
            try:
                answer = self._session().request(
                    method,
                    self._base + path,
                    headers=sent | (headers or {}),
                    timeout=TIMEOUT,
                    **how,
                )
            except requests.RequestException:
                why = Failed(f"the API at {self._base} does not answer")
            else:
                if answer.ok:
                    body: Json = answer.json()
                    return body
                why = _refused(answer)
                if not _passes(why):
                    raise why
            if monotonic() > until or self._stop.wait(PAUSE):
                raise why

    def _session(self) -> requests.Session:
        if not hasattr(self._threads, "session"):
            session = requests.Session()
            session.trust_env = False  # a .netrc would replace the token
            self._threads.session = session
        found: requests.Session = self._threads.session
        return found


def _passes(why: Refused) -> bool:
    """Whether the same call may succeed in a moment."""
    return why.status >= 500 or why.slug == "idempotency-key-in-use"


def _refused(answer: requests.Response) -> Refused:
    try:
        problem = answer.json()
        slug, detail = str(problem["type"]).rpartition("/")[2], str(problem["detail"])
        detail += "".join(f"; {' '.join(map(str, e.values()))}" for e in problem.get("errors", ()))
    except (ValueError, KeyError, TypeError, AttributeError):
        slug, detail = "not-understood", f"HTTP {answer.status_code}"
    return Refused(answer.status_code, slug, detail)
