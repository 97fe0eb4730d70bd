"""How do we ask a buyer for money, and how do we learn whether it was paid?

By a Checkout Session: a page at Stripe where one bill is paid by card, once, before it expires.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import stripe

from domain.bills import BillState
from domain.refusals import Refusal
from domain.stripe_amounts import in_minor_units, to_stripe
from gateways.answers import UNREADABLE, connect, inexpressible, refusal, unanswered
from gateways.paging import listed
from gateways.testimony import Testimony, Verdict

# How far ahead of its opening a bill may expire; Stripe refuses what is outside.
SHORTEST, LONGEST = timedelta(minutes=30), timedelta(hours=24)

EXPIRY_REFUSED = "expires_at_refused"  # our name: Stripe gives this refusal no code


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What a buyer owes: `amount` in minor units of `currency`, to be paid before `expires_at`.

    `key` is the gateway's idempotency key and the name by which the bill is found again; the same
    bill always carries the same one. `what` is shown to the buyer. A bill lives from `SHORTEST` to
    `LONGEST`: who waits longer opens the next one, under a key of its own, when one has expired.
    """

    key: str
    case_id: str
    order_id: str
    amount: int
    currency: str
    expires_at: datetime
    what: str


@dataclass(frozen=True, kw_only=True)
class BillAnswer(Testimony):
    """`reference` is the session's id. The rest is known only with SUCCEEDED.

    An OPEN bill has the `url` at which it is paid, a PAID one the `payment` to refund it by.
    """

    state: BillState | None = None
    url: str | None = None
    payment: str | None = None


class Billing(Protocol):
    """A party that takes money in. No call raises: what goes wrong is a verdict."""

    def open(self, bill: Bill) -> BillAnswer:
        """Ask for the money, under `bill.key`. Repeated, it may still say OPEN of a paid bill."""
        ...

    def ask(self, bill: Bill, reference: str | None) -> BillAnswer:
        """What became of it: by `reference` where known, else by our key."""
        ...

    def expire(self, bill: Bill, reference: str) -> BillAnswer:
        """Have it never be paid. AMBIGUOUS when it is not open any more: ask what it is."""
        ...


class StripeCheckout:
    """Bills at Stripe. `return_url` is the shop's page to which a buyer comes back from paying."""

    def __init__(self, base: str, api_key: str, return_url: str) -> None:
        self._sessions = connect(base, api_key).v1.checkout.sessions
        self._return_url = return_url

    def open(self, bill: Bill) -> BillAnswer:
        """Open a session under `bill.key`. At most one HTTP request; never raises."""
        try:
            params: Any = _session_for(bill) | {"success_url": self._return_url}
        except Refusal as why:
            return BillAnswer(verdict=Verdict.FAILED, code=inexpressible(why).code)
        options: Any = {"idempotency_key": bill.key}
        create = self._sessions.create
        return _said(lambda: _weigh(create(params, options).to_dict(), bill), _unopened)

    def ask(self, bill: Bill, reference: str | None) -> BillAnswer:
        """Find the session by its id where known, else by our key; never raises.

        One that is known by its id and no longer there is AMBIGUOUS, not NOT_FOUND: a gateway
        that forgets what it has named must not bring us to ask the buyer again.
        """
        return _said(lambda: self._found(bill, reference), _unanswered)

    def expire(self, bill: Bill, reference: str) -> BillAnswer:
        """Expire the session `reference`. At most one HTTP request; never raises.

        Without an idempotency key: it is done once by its nature, and a key would keep a 500.
        """
        expire = self._sessions.expire
        return _said(lambda: _weigh(expire(reference).to_dict(), bill), _unanswered)

    def _found(self, bill: Bill, reference: str | None) -> BillAnswer:
        if reference is not None:
            return _weigh(self._sessions.retrieve(reference).to_dict(), bill)
        found = list(self._opened_under(bill))
        if len(found) > 1:  # the gateway forgot our key in between: a person has to look
            return BillAnswer(verdict=Verdict.AMBIGUOUS, code="found_twice")
        if not found:
            return BillAnswer(verdict=Verdict.NOT_FOUND)
        return _weigh(found[0].to_dict(), bill)

    def _opened_under(self, bill: Bill) -> Iterable[stripe.checkout.Session]:
        # Stripe lists no sessions by their metadata. Ours can only be younger than the longest
        # life of a session, which bounds what there is to look through.
        since = bill.expires_at - LONGEST
        sessions = listed(self._sessions.list, {"created": {"gte": _epoch(since)}})
        return (each for each in sessions if _key(each) == bill.key)


def _session_for(bill: Bill) -> dict[str, Any]:
    price = {
        "currency": bill.currency.lower(),
        "unit_amount": to_stripe(bill.amount, bill.currency),
        "product_data": {"name": bill.what},
    }
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        # Of cards alone, a completed session has been paid; other ways pay days later, or never.
        "allowed_payment_method_types": ["card"],
        "expires_at": _epoch(bill.expires_at),
        "metadata": _names_of(bill),
        "payment_intent_data": {"metadata": _names_of(bill)},
    }


def _names_of(bill: Bill) -> dict[str, str]:
    """The metadata by which our bill is found again. Nothing else leaves the house."""
    return {"order_id": bill.order_id, "case_id": bill.case_id, "key": bill.key}


def _weigh(session: dict[str, Any], bill: Bill) -> BillAnswer:
    """Believe a session's status only when it is about our bill: amount, currency and names."""
    names = session["metadata"]
    ours = (
        in_minor_units(session["amount_total"], session["currency"]) == bill.amount
        and session["currency"].lower() == bill.currency.lower()
        and all(names.get(name) == value for name, value in _names_of(bill).items())
    )
    reference = session["id"]
    if not ours or not isinstance(reference, str):
        return BillAnswer(verdict=Verdict.AMBIGUOUS, code="echo_mismatch")
    url, payment = session["url"], session["payment_intent"]
    match session["status"], session["payment_status"]:
        case "open", "unpaid" if isinstance(url, str):
            return _known(reference, BillState.OPEN, url=url)
        case "complete", "paid" if isinstance(payment, str):
            return _known(reference, BillState.PAID, payment=payment)
        case "expired", "unpaid":
            return _known(reference, BillState.EXPIRED)
    return BillAnswer(verdict=Verdict.AMBIGUOUS, code="unlisted_status")


def _known(
    reference: str, state: BillState, *, url: str | None = None, payment: str | None = None
) -> BillAnswer:
    return BillAnswer(
        verdict=Verdict.SUCCEEDED, reference=reference, state=state, url=url, payment=payment
    )


def _said(
    call: Callable[[], BillAnswer], refused: Callable[[stripe.StripeError], BillAnswer]
) -> BillAnswer:
    """What came of a call; `refused` tells what Stripe's error is worth."""
    try:
        return call()
    except stripe.StripeError as error:
        return refused(error)
    except UNREADABLE:
        return BillAnswer(verdict=Verdict.AMBIGUOUS, code="unreadable")


def _unopened(error: stripe.StripeError) -> BillAnswer:
    # Too near or too far ahead, which is checked before anything is opened.
    if isinstance(error, stripe.InvalidRequestError) and error.param == "expires_at":
        return BillAnswer(verdict=Verdict.FAILED, code=EXPIRY_REFUSED)
    why = refusal(error)
    return BillAnswer(verdict=why.verdict, code=why.code, retry_after=why.retry_after)


def _unanswered(error: stripe.StripeError) -> BillAnswer:
    """A question or an expiry that went wrong says nothing of the money: never above AMBIGUOUS."""
    why = unanswered(refusal(error))
    return BillAnswer(verdict=why.verdict, code=why.code, retry_after=why.retry_after)


def _key(session: stripe.checkout.Session) -> str | None:
    return session.metadata.to_dict().get("key") if session.metadata else None


def _epoch(at: datetime) -> int:
    return int(at.timestamp())
