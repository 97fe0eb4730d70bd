"""What is an answer in Stripe's manner worth? The one place where replies become verdicts.

The rule is a closed table with AMBIGUOUS as its default:

- 2xx that echoes our amount, currency, order, payout and key: what its status says;
- a refusal on the list below: FAILED, no money moved and none will under this key;
- 401, 403, 409 with the key in use, 429, no connection at all: NOT_EXECUTED;
- everything else, down to a 200 that cannot be read: AMBIGUOUS.

Two refusals need a second look. "Already refunded" and "more than is left" are also what an earlier
success of ours looks like once the gateway has forgotten its key, so they are AMBIGUOUS, to be
resolved by asking. Only the caller knows both answers: where the send was refused with a code of
`REFUSED_UNLESS_FOUND` and `ask` then says NOT_FOUND, nothing of ours moved, and the payout failed.
"""

import logging
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any

import requests
import stripe

from domain.refusals import Refusal
from domain.stripe_amounts import in_minor_units, to_stripe
from gateways.testimony import Instruction, Testimony, Verdict

CONNECT_SECONDS = 1.0
READ_SECONDS = 4.0  # five in all, well below the eight that the calling activity has
TIMEOUT = (CONNECT_SECONDS, READ_SECONDS)

# The SDK logs request bodies and the gateway's free texts at INFO and below, and would send
# measurements and a machine id along with every request.
logging.getLogger("stripe").setLevel(logging.WARNING)
stripe.enable_telemetry = False

OVER_REFUND = "refund_exceeds_charge"  # our name: Stripe gives this refusal no code
REFUSED_UNLESS_FOUND = frozenset({"charge_already_refunded", OVER_REFUND})

# Refusals (HTTP 400, 402, 404) after which this key will never move money.
REFUSED = frozenset(
    {
        "account_closed",
        "account_invalid",
        "account_number_invalid",
        "amount_too_large",
        "amount_too_small",
        "balance_insufficient",
        "bank_account_declined",
        "bank_account_restricted",
        "bank_account_unusable",
        "card_declined",
        "charge_disputed",
        "charge_not_refundable",
        "expired_card",
        "expired_or_canceled_card",
        "insufficient_funds",
        "no_account",
        "parameter_invalid_empty",
        "parameter_invalid_integer",
        "parameter_missing",
        "parameter_unknown",
        "payment_intent_unexpected_state",
        "payouts_not_allowed",
        "refund_disputed_payment",
        "resource_missing",
        "transfers_not_allowed",
    }
)

_STATUSES = {
    "succeeded": Verdict.SUCCEEDED,
    "pending": Verdict.PENDING,
    "requires_action": Verdict.PENDING,
    "failed": Verdict.FAILED,
    "canceled": Verdict.FAILED,
}

# No digits: a code travels into logs and events, and no card or account number may with it.
_CODE = re.compile(r"[a-z][a-z_]{1,63}")
# What reading an answer raises that is not of the shape it should have.
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)


def connect(base: str, api_key: str) -> stripe.StripeClient:
    """A client for one party at `base` (without `/v1`), safe to share between threads.

    It makes one request per call: no retry, no redirect, no proxy from the environment.
    """
    client = stripe.RequestsClient(timeout=TIMEOUT, session=session())
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": base.rstrip("/")},
        max_network_retries=0,
        http_client=client,
    )


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

    A question that went wrong says nothing of the money, so an error is never more than AMBIGUOUS.
    """
    try:
        found = call()
        if not found:
            return Testimony(verdict=Verdict.NOT_FOUND)
        if len(found) > 1:  # the gateway forgot our key in between: a person has to look
            return Testimony(verdict=Verdict.AMBIGUOUS, code="found_twice")
        return weigh(found[0].to_dict(), instruction)
    except stripe.StripeError as error:
        why = refusal(error)
        return Testimony(verdict=Verdict.AMBIGUOUS, code=why.code, retry_after=why.retry_after)
    except UNREADABLE:
        return Testimony(verdict=Verdict.AMBIGUOUS, code="unreadable")


def weigh(answer: dict[str, Any], instruction: Instruction) -> Testimony:
    """Believe an answer's status only when it is about our money: amount, currency and names."""
    names = answer["metadata"]
    ours = (
        in_minor_units(answer["amount"], answer["currency"]) == instruction.amount
        and answer["currency"].lower() == instruction.currency.lower()
        and names.get("order_id") == instruction.order_id
        and names.get("payout_id") == instruction.payout_id
        and names.get("key") == instruction.key
    )
    if not ours or not isinstance(answer["id"], str):
        return Testimony(verdict=Verdict.AMBIGUOUS, code="echo_mismatch")
    verdict = _STATUSES.get(answer["status"])
    if verdict is None:
        return Testimony(verdict=Verdict.AMBIGUOUS, code="unlisted_status")
    code = _code(answer.get("failure_reason")) if verdict is Verdict.FAILED else ""
    return Testimony(verdict=verdict, reference=answer["id"], code=code)


def refusal(error: stripe.StripeError) -> Testimony:
    """What an error says of the request that met it, by the table above."""
    if isinstance(error, stripe.APIConnectionError):
        return disconnected(error.__cause__)
    return refused(error.http_status, error.json_body, (error.headers or {}).get("Retry-After"))


def refused(
    status: int | None,
    body: object,
    retry_after: str | None,
    refusals: frozenset[str] = REFUSED,
) -> Testimony:
    """What an answer other than 2xx is worth, by the table above; `refusals` are its list."""
    details = body.get("error") if isinstance(body, dict) else None
    if not isinstance(details, dict):
        return Testimony(verdict=Verdict.AMBIGUOUS, code=f"http_{status}")
    code = _code(details.get("code") or details.get("type"))
    return Testimony(
        verdict=_verdict(status, details, code, refusals),
        code=OVER_REFUND if _over_refund(status, details) else code,
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


def _verdict(
    status: int | None, details: dict[str, Any], code: str, refusals: frozenset[str]
) -> Verdict:
    if status in (401, 403, 429) or (status, code) == (409, "idempotency_key_in_use"):
        return Verdict.NOT_EXECUTED
    if status in (400, 402, 404) and code in refusals:
        return Verdict.FAILED
    if status == 402 and details.get("type") == "card_error":
        return Verdict.FAILED
    return Verdict.AMBIGUOUS


def _over_refund(status: int | None, details: dict[str, Any]) -> bool:
    return status == 400 and details.get("param") == "amount" and not details.get("code")


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
    return text if isinstance(text, str) and _CODE.fullmatch(text) else "unlisted"
