"""How do we call a party that speaks JSON, and what is it worth when no good answer comes?

Errors are in Stripe's shape (`{"error": {"type", "code"}}`) and are judged by the table of
`gateways.answers`.
"""

import re
from dataclasses import replace
from typing import Any

import requests

from gateways.answers import TIMEOUT, UNREADABLE, disconnected, refused, session, unanswered
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

    def post(self, path: str, body: object, *, key: str | None = None) -> Any:
        """The JSON of a 2xx. `key` is the idempotency key. Raises NoAnswer."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._call("POST", path, json=body, headers=headers)

    def listed(self, path: str, query: dict[str, str]) -> list[Any]:
        """All that the party lists for `query`. Raises NoAnswer, never above AMBIGUOUS.

        A page that is not of the shape it should have raises one of `answers.UNREADABLE`.
        """
        try:
            page = self._call("GET", path, params=query)
        except NoAnswer as none:
            raise NoAnswer(unanswered(none.testimony)) from None
        # What we ask for fits a page: one that has more, or does not say, is no answer.
        if page["has_more"] is not False or not isinstance(page["data"], list):
            raise NoAnswer(ambiguous("unreadable"))
        found: list[Any] = page["data"]
        return found

    def cancel(self, path: str, reference: str) -> Testimony:
        """Have `reference` of those at `path` cancelled; never raises. Refused is FAILED: it stays.

        Without an idempotency key: it is done once by its nature, and a key would keep a 500.
        """
        if not is_id(reference):  # it would be another path
            return ambiguous("unknown_reference")
        try:
            cancelled = self.post(f"{path}/{reference}/cancel", {})
            if cancelled["id"] != reference:
                return ambiguous("echo_mismatch")
            if cancelled["status"] != "cancelled":
                return ambiguous("unlisted_status")
            return Testimony(verdict=Verdict.SUCCEEDED, reference=reference)
        except NoAnswer as none:
            why = none.testimony
            return replace(why, verdict=Verdict.FAILED) if why.verdict is Verdict.REFUSED else why
        except UNREADABLE:
            return ambiguous("unreadable")

    def _call(self, method: str, path: str, **asked: Any) -> Any:
        try:
            answer = self._session.request(
                method, self._base + path, timeout=TIMEOUT, allow_redirects=False, **asked
            )
        except requests.RequestException as error:
            raise NoAnswer(disconnected(error)) from None
        fine = 200 <= answer.status_code < 300
        try:
            body = answer.json()
        except ValueError:
            if fine:
                raise NoAnswer(ambiguous(f"http_{answer.status_code}")) from None
            body = None
        if fine:
            return body
        raise NoAnswer(refused(answer.status_code, body, answer.headers.get("Retry-After")))


def ambiguous(code: str) -> Testimony:
    """It may have been executed or not: ask."""
    return Testimony(verdict=Verdict.AMBIGUOUS, code=code)


def is_id(value: object) -> bool:
    """True of what a party may call a thing of ours: it becomes part of paths and of logs."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None
