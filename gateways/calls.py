"""How do we call a party that speaks JSON, and what is it worth when no good answer comes?

Errors are in Stripe's shape (`{"error": {"type", "code"}}`) and are judged by the table of
`gateways.answers`, with the refusals of the party in place of the payment gateway's.
"""

import re
from typing import Any

import requests

from gateways.answers import TIMEOUT, UNREADABLE, disconnected, refused, session
from gateways.testimony import Testimony, Verdict

_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")


class NoAnswer(Exception):
    """The call came to nothing that could be read; `testimony` says what is known all the same."""

    def __init__(self, testimony: Testimony) -> None:
        super().__init__(testimony.code)
        self.testimony = testimony


class JsonParty:
    """One party at `base` (without `/v1`), safe to share between threads.

    Every call is one HTTP request: no retry, no redirect, no proxy from the environment.
    """

    def __init__(self, base: str, api_key: str) -> None:
        self._base = base.rstrip("/")
        self._session = session()
        self._session.headers["Authorization"] = f"Bearer {api_key}"

    def post(
        self, path: str, body: object, *, refusals: frozenset[str], key: str | None = None
    ) -> Any:
        """The JSON of a 2xx. Raises NoAnswer, FAILED only for a code among `refusals`.

        `key` is the idempotency key.
        """
        headers = {"Idempotency-Key": key} if key else {}
        return self._call("POST", path, refusals, json=body, headers=headers)

    def listed(self, path: str, query: dict[str, str]) -> list[Any]:
        """All that the party lists for `query`. Raises NoAnswer, never above AMBIGUOUS.

        A page that is not of the shape it should have raises one of `answers.UNREADABLE`.
        """
        try:
            page = self._call("GET", path, frozenset(), params=query)
        except NoAnswer as none:
            why = none.testimony
            raise NoAnswer(ambiguous(why.code, why.retry_after)) from None
        # What we ask for fits a page: one that has more, or does not say, is no answer.
        if page["has_more"] is not False or not isinstance(page["data"], list):
            raise NoAnswer(ambiguous("unreadable"))
        found: list[Any] = page["data"]
        return found

    def cancel(self, path: str, reference: str, *, refusals: frozenset[str]) -> Testimony:
        """Have `reference` of those at `path` cancelled; never raises.

        Without an idempotency key: it is done once by its nature, and a key would keep a 500.
        """
        if not is_id(reference):  # it would be another path
            return ambiguous("unknown_reference")
        try:
            cancelled = self.post(f"{path}/{reference}/cancel", {}, refusals=refusals)
            if cancelled["id"] != reference:
                return ambiguous("echo_mismatch")
            if cancelled["status"] != "cancelled":
                return ambiguous("unlisted_status")
            return Testimony(verdict=Verdict.SUCCEEDED, reference=reference)
        except NoAnswer as none:
            return none.testimony
        except UNREADABLE:
            return ambiguous("unreadable")

    def _call(self, method: str, path: str, refusals: frozenset[str], **asked: Any) -> Any:
        try:
            answer = self._session.request(
                method, self._base + path, timeout=TIMEOUT, allow_redirects=False, **asked
            )
        except requests.RequestException as error:
            raise NoAnswer(disconnected(error)) from None
        try:
            body = answer.json()
        except ValueError:
            raise NoAnswer(ambiguous(f"http_{answer.status_code}")) from None
        if 200 <= answer.status_code < 300:
            return body
        retry_after = answer.headers.get("Retry-After")
        raise NoAnswer(refused(answer.status_code, body, retry_after, refusals))


def ambiguous(code: str, retry_after: float | None = None) -> Testimony:
    """It may have been executed or not: ask."""
    return Testimony(verdict=Verdict.AMBIGUOUS, code=code, retry_after=retry_after)


def is_id(value: object) -> bool:
    """True of what a party may call a thing of ours: it becomes part of paths and of logs."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None
