"""How do we send money to a bank card, and how do we ask what became of it?

The bank party speaks Stripe's manners at `/v1/transfers`, so Stripe's SDK serves it too. Beyond
Stripe, its transfers carry a `status` and are listed by the metadata they were made with. Amounts
are counted as Stripe counts them (`domain.stripe_amounts`).
"""

from typing import Any

import stripe

from domain.charges import Transfers, Unreadable
from gateways.answers import UNREADABLE, asked, connect, names_of, refusal, sent
from gateways.charges import withdrawal
from gateways.paging import listed
from gateways.testimony import Instruction, Testimony


class BankTransfers:
    """Transfers to `instruction.token`, the card as the shop's vault names it."""

    def __init__(self, base: str, api_key: str) -> None:
        self._bank = connect(base, api_key)

    def send(self, instruction: Instruction) -> Testimony:
        """Ask for the transfer, under `instruction.key`. At most one HTTP request; never raises."""

        def call(amount: int) -> stripe.Transfer:
            params: Any = {
                "destination": instruction.token,
                "amount": amount,
                "currency": instruction.currency.lower(),
                "metadata": names_of(instruction),
            }
            options: Any = {"idempotency_key": instruction.key}
            return self._bank.v1.transfers.create(params, options)

        return sent(call, instruction)

    def ask(self, instruction: Instruction) -> Testimony:
        """Find the transfer by its id where known, else by our key; never raises."""
        return asked(lambda: self._find(instruction), instruction)

    def of_order(self, order_id: str) -> Transfers | Unreadable:
        """All that was sent for an order, whoever has it in their books; never raises."""
        try:
            found = listed(self._bank.v1.transfers.list, {"metadata": {"order_id": order_id}})
            return Transfers(tuple(withdrawal(each.to_dict(), "bank_card") for each in found))
        except stripe.StripeError as error:
            why = refusal(error)
            return Unreadable(why.code, why.retry_after)
        except UNREADABLE:
            return Unreadable("unreadable")

    def _find(self, instruction: Instruction) -> list[stripe.Transfer]:
        if instruction.reference:
            return [self._bank.v1.transfers.retrieve(instruction.reference)]
        params: Any = {"metadata": {"key": instruction.key}}
        page = self._bank.v1.transfers.list(params)
        if page.has_more and not page.data:
            raise ValueError("an empty page that has more")
        return list(page.data)
