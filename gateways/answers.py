"""What is an answer in Stripe's manner worth? The one place where replies become verdicts.

- 2xx that echoes our amount, currency, order, payout and key: what its status says;
- 401, 403: NOT_AUTHORIZED, for it is our configuration that is wrong; the same key is tried on;
- 429, 409 with the key in use, no connection at all: NOT_EXECUTED;
- any other 4xx but 409: REFUSED, whatever its code and even if it cannot be read. It is a decline
  once the party's book, asked after its quiet time, has nothing under our key: "already refunded"
  is also what an earlier success of ours looks like once the gateway has forgotten its key;
- everything else, down to a 200 that cannot be read: AMBIGUOUS.

A question that goes wrong says nothing of the money, so it is never more than AMBIGUOUS.
"""

import json
import logging
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests
import stripe

from domain.payouts import REFUSES_TO_TELL
from domain.refusals import Refusal
from domain.stripe_amounts import in_minor_units, to_stripe
from gateways.testimony import Instruction, Testimony, Verdict

CONNECT_SECONDS = 1.0
READ_SECONDS = 4.0  # five in all, well below what the calling activity has
TIMEOUT = (CONNECT_SECONDS, READ_SECONDS)

# The SDK logs request bodies and the gateway's free texts at INFO and below, and would send
# measurements and a machine id along with every request.
logging.getLogger("stripe").setLevel(logging.WARNING)
stripe.enable_telemetry = False

OVER_REFUND = "refund_exceeds_charge"  # our name: Stripe gives this refusal no code
_OVER_REFUND = re.compile(r"greater than unrefunded amount")

_STATUSES = {
    "succeeded": Verdict.SUCCEEDED,
    "pending": Verdict.PENDING,
    "requires_action": Verdict.PENDING,
    "failed": Verdict.FAILED,
    "canceled": Verdict.FAILED,
}

# No digits: a code travels into logs and events, and no card or account number may with it.
_CODE = re.compile(r"[a-z][a-z_]{1,63}")
ECHO_MISMATCH = "echo_mismatch"
"""It answered about money, but not about ours as we sent it."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
# What reading an answer raises that is not of the shape it should have.
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)


def connect(base: str, api_key: str) -> stripe.StripeClient:
    """A client for one party at `base` (without `/v1`), safe to share between threads.

    It makes one request per call: no retry, no redirect, no proxy from the environment.
    """
    client = _Client(timeout=TIMEOUT, session=session())
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": base.rstrip("/")},
        max_network_retries=0,
        http_client=client,
    )


class _Client(stripe.RequestsClient):
    """The SDK's, but for errors that are not of Stripe's shape: it fails on some of them before it
    has told their status, which is what counts.
    """

    def request(self, *asked: Any, **more: Any) -> tuple[Any, int, Mapping[str, str]]:
        body, status, headers = super().request(*asked, **more)
        return (body if status < 400 or _is_error(body) else NO_DETAILS), status, headers


NO_DETAILS = b'{"error": {}}'


def _is_error(body: bytes) -> bool:
    try:
        said = json.loads(body)
    except ValueError:
        return False
    return isinstance(said, dict) and isinstance(said.get("error"), dict)


def session() -> requests.Session:
    """Connections for one party, each used again: no retry, no redirect, no proxy."""
    made = requests.Session()
    made.trust_env = False
    made.max_redirects = 0
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=64)
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    return made


def sent(call: Callable[[int], Any], instruction: Instruction) -> Testimony:
    """What came of asking for money to move; `call` makes the one request, for the amount as Stripe
    counts it. There is none where Stripe cannot express the amount: FAILED.
    """
    try:
        counted = to_stripe(instruction.amount, instruction.currency)
        return weigh(call(counted).to_dict(), instruction)
    except Refusal as why:
        return inexpressible(why)
    except stripe.StripeError as error:
        return refusal(error)
    except UNREADABLE:
        return Testimony(verdict=Verdict.AMBIGUOUS, code="unreadable")


def asked(call: Callable[[], list[Any]], instruction: Instruction) -> Testimony:
    """What became of it. `call` finds our refund or transfer, if there is one.

    A question that went wrong says nothing of the money: see `unanswered`.
    """
    try:
        found = call()
        if not found:
            return Testimony(verdict=Verdict.NOT_FOUND)
        if len(found) > 1:  # the gateway forgot our key in between: a person has to look
            return Testimony(verdict=Verdict.AMBIGUOUS, code="found_twice")
        return weigh(found[0].to_dict(), instruction)
    except stripe.StripeError as error:
        return unanswered(refusal(error))
    except UNREADABLE:
        return Testimony(verdict=Verdict.AMBIGUOUS, code="unreadable")


def unanswered(why: Testimony) -> Testimony:
    """What is known after a question that went wrong: nothing, but whether our key was taken."""
    code = REFUSES_TO_TELL if why.verdict is Verdict.NOT_AUTHORIZED else why.code
    return Testimony(verdict=Verdict.AMBIGUOUS, code=code, retry_after=why.retry_after)


def weigh(answer: dict[str, Any], instruction: Instruction) -> Testimony:
    """Believe an answer's status only when it is about our money: amount, currency and names.

    What is not believed keeps the id that the gateway gave it: so it can be looked at there.
    """
    names = answer.get("metadata") or {}
    named = answer["id"]
    if not isinstance(named, str) or not _ID.fullmatch(named):
        return Testimony(verdict=Verdict.AMBIGUOUS, code=ECHO_MISMATCH)
    ours = (
        answer["currency"].lower() == instruction.currency.lower()
        and in_minor_units(answer["amount"], answer["currency"]) == instruction.amount
        and names.get("order_id") == instruction.order_id
        and names.get("payout_id") == instruction.payout_id
        and names.get("key") == instruction.key
    )
    if not ours:
        return Testimony(verdict=Verdict.AMBIGUOUS, reference=named, code=ECHO_MISMATCH)
    verdict = _STATUSES.get(answer["status"])
    if verdict is None:
        return Testimony(verdict=Verdict.AMBIGUOUS, reference=named, code="unlisted_status")
    code = _code(answer.get("failure_reason")) if verdict is Verdict.FAILED else ""
    return Testimony(verdict=verdict, reference=named, code=code)


def refusal(error: stripe.StripeError) -> Testimony:
    """What an error says of the request that met it, by the table above."""
    if isinstance(error, stripe.APIConnectionError):
        return disconnected(error.__cause__)
    return refused(error.http_status, error.json_body, (error.headers or {}).get("Retry-After"))


def refused(status: int | None, body: object, retry_after: str | None) -> Testimony:
    """What an answer other than 2xx is worth, by the table above."""
    error = body.get("error") if isinstance(body, dict) else None
    details = error if isinstance(error, dict) else {}
    return Testimony(
        verdict=_verdict(status, details.get("code")),
        code=_readable(status, details),
        retry_after=_seconds(retry_after),
    )


def inexpressible(why: Refusal) -> Testimony:
    """Nothing was sent, and nothing will be: the party has no such amount of this currency."""
    return Testimony(verdict=Verdict.FAILED, code=why.why.slug.replace("-", "_"))


def names_of(instruction: Instruction) -> dict[str, str]:
    """The metadata by which our money is found again. Nothing else leaves the house."""
    return {
        "order_id": instruction.order_id,
        "case_id": instruction.case_id,
        "payout_id": instruction.payout_id,
        "key": instruction.key,
    }


def _verdict(status: int | None, code: object) -> Verdict:
    if status in (401, 403):
        return Verdict.NOT_AUTHORIZED
    if status == 429 or (status, code) == (409, "idempotency_key_in_use"):
        return Verdict.NOT_EXECUTED
    if status is not None and status != 409 and 400 <= status < 500:
        return Verdict.REFUSED
    return Verdict.AMBIGUOUS


def _readable(status: int | None, details: dict[str, Any]) -> str:
    """The code of a refusal, else its type, else its status: an operator can look each of them up.
    Its free text is looked at and goes nowhere.
    """
    if not details.get("code") and _OVER_REFUND.search(str(details.get("message"))):
        return OVER_REFUND
    words = (details.get("code"), details.get("type"))
    return next((str(word) for word in words if _is_code(word)), f"http_{status}")


def disconnected(cause: BaseException | None) -> Testimony:
    """Not executed is certain only where no connection came about; later the bytes may be there."""
    if isinstance(cause, requests.ConnectTimeout):
        return Testimony(verdict=Verdict.NOT_EXECUTED, code="connect_timeout")
    if any(isinstance(each, ConnectionRefusedError | socket.gaierror) for each in _chain(cause)):
        return Testimony(verdict=Verdict.NOT_EXECUTED, code="no_connection")
    if isinstance(cause, requests.Timeout):
        return Testimony(verdict=Verdict.AMBIGUOUS, code="timeout")
    return Testimony(verdict=Verdict.AMBIGUOUS, code="connection_lost")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _seconds(retry_after: str | None) -> float | None:
    text = retry_after or ""
    return float(text) if re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text) else None


def _code(text: object) -> str:
    return str(text) if _is_code(text) else "unlisted"


def _is_code(text: object) -> bool:
    return isinstance(text, str) and _CODE.fullmatch(text) is not None
