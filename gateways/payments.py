"""How do we refund a payment at Stripe, and how do we ask what became of it?

The sandbox speaks the same API, so this one client serves both.
"""

from typing import Any, Literal

import stripe

from domain.refusals import Refusal
from domain.stripe_amounts import to_stripe
from gateways.answers import UNREADABLE, asked, connect, inexpressible, names_of, refusal, sent
from gateways.paging import listed
from gateways.testimony import Instruction, Testimony, Verdict


class StripeRefunds:
    """Refunds to the payment that was captured: `ch_...`, or `pi_...` by its intent."""

    def __init__(self, base: str, api_key: str) -> None:
        self._stripe = connect(base, api_key)

    def send(self, instruction: Instruction) -> Testimony:
        """Ask Stripe to refund, under `instruction.key`. At most one HTTP request; never raises."""

        def call(amount: int) -> stripe.Refund:
            params: Any = {
                _parameter(instruction.payment): instruction.payment,
                "amount": amount,
                "metadata": names_of(instruction),
            }
            options: Any = {"idempotency_key": instruction.key}
            return self._stripe.v1.refunds.create(params, options)

        return sent(call, instruction)

    def ask(self, instruction: Instruction) -> Testimony:
        """Find the refund by its id where known, else by our key among the payment's refunds.

        A refund that is known by its id and no longer there is AMBIGUOUS, not NOT_FOUND: a gateway
        that forgets what it has named must not bring us to pay again.
        """
        return asked(lambda: self._find(instruction), instruction)

    def _find(self, instruction: Instruction) -> list[stripe.Refund]:
        if instruction.reference:
            return [self._stripe.v1.refunds.retrieve(instruction.reference)]
        try:
            of_payment: dict[str, Any] = {_parameter(instruction.payment): instruction.payment}
            refunds = listed(self._stripe.v1.refunds.list, of_payment)
            return [refund for refund in refunds if _key(refund) == instruction.key]
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing" or error.http_status == 404:
                return []  # of a payment that Stripe does not know, it refunded nothing
            raise


class Charges:
    """Charges made for a shop that has none yet: test data, and imports into the sandbox."""

    def __init__(self, base: str, api_key: str) -> None:
        self._stripe = connect(base, api_key)

    def make(
        self,
        key: str,
        *,
        order_id: str,
        amount: int,
        currency: str,
        source: str = "tok_visa",
        storefront: str | None = None,
    ) -> Testimony:
        """Charge `amount` minor units once per `key`; `reference` is the `ch_...`. `storefront` is
        whose it is.

        NOT_EXECUTED and AMBIGUOUS may be repeated under the same key. Never raises.
        """
        try:
            counted = to_stripe(amount, currency)
        except Refusal as why:
            return inexpressible(why)
        params: Any = {
            "amount": counted,
            "currency": currency.lower(),
            "source": source,
            "metadata": {"order_id": order_id} | ({"storefront": storefront} if storefront else {}),
        }
        options: Any = {"idempotency_key": key}
        try:
            charge = self._stripe.v1.charges.create(params, options).to_dict()
            ours = (charge["amount"], charge["currency"], charge["status"])
            if ours != (counted, currency.lower(), "succeeded"):
                return Testimony(verdict=Verdict.AMBIGUOUS, code="echo_mismatch")
            return Testimony(verdict=Verdict.SUCCEEDED, reference=charge["id"])
        except stripe.StripeError as error:
            return refusal(error)
        except UNREADABLE:
            return Testimony(verdict=Verdict.AMBIGUOUS, code="unreadable")


def _key(refund: stripe.Refund) -> str | None:
    return refund.metadata.to_dict().get("key") if refund.metadata else None


def _parameter(payment: str) -> Literal["payment_intent", "charge"]:
    return "payment_intent" if payment.startswith("pi_") else "charge"
