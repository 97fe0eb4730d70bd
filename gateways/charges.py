"""How do we read a charge at Stripe, with the refunds and disputes that took of it?"""

import re
from datetime import UTC, datetime
from fractions import Fraction
from math import ceil, floor
from typing import Any

import stripe

from domain.card_numbers import holds_card_number
from domain.charges import ChargeFacts, NoSuchCharge, Reading, Unreadable, Withdrawal
from domain.stripe_amounts import in_minor_units
from gateways.answers import UNREADABLE, connect, refusal, unanswered
from gateways.paging import listed

_NAME = re.compile(r"[A-Za-z0-9._-]{1,128}")


class StripeCharges:
    """Charges by their own name, `ch_...` or `py_...`, or by their intent, `pi_...`."""

    def __init__(self, base: str, api_key: str) -> None:
        self._stripe = connect(base, api_key)

    def read(self, payment: str) -> Reading:
        """The charge that `payment` names. One HTTP request, and one more for many refunds or for
        disputes; never raises.
        """
        try:
            charge = self._charge(payment)
            return NoSuchCharge() if charge is None else self._facts(charge)
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return NoSuchCharge()
            return _unreadable(error)
        except stripe.StripeError as error:
            return _unreadable(error)
        except UNREADABLE:
            return Unreadable("unreadable")

    def _charge(self, payment: str) -> dict[str, Any] | None:
        """None for an intent that was never charged."""
        if not payment.startswith("pi_"):
            return self._named(payment)
        expand: Any = {"expand": ["latest_charge.refunds"]}
        intent = self._stripe.v1.payment_intents.retrieve(payment, expand).to_dict()
        latest = intent["latest_charge"]
        return self._named(latest) if isinstance(latest, str) else latest

    def _named(self, charge: str) -> dict[str, Any]:
        expand: Any = {"expand": ["refunds"]}
        found: dict[str, Any] = self._stripe.v1.charges.retrieve(charge, expand).to_dict()
        if found["id"] != charge:
            raise ValueError("another charge than asked for")
        return found

    def _facts(self, charge: dict[str, Any]) -> ChargeFacts:
        currency = charge["currency"].upper()
        captured = charge["amount_captured"] if charge["captured"] else 0
        refunds = [_refund(each) for each in self._refunds(charge)]
        unlisted = _taken(charge["amount_refunded"], currency)
        unlisted -= sum(refund.amount for refund in refunds if refund.took_money)
        if unlisted > 0:
            refunds.append(_unlisted(charge, unlisted))
        disputes = self._disputes(charge["id"]) if charge.get("disputed") else []
        return ChargeFacts(
            charge=charge["id"],
            intent=charge.get("payment_intent"),
            currency=currency,
            captured=floor(_amount(captured, currency)),
            storefront=_name((charge.get("metadata") or {}).get("storefront")),
            withdrawals=(*refunds, *disputes),
        )

    def _refunds(self, charge: dict[str, Any]) -> list[dict[str, Any]]:
        """As they came with the charge; listed where that was not all, or none came."""
        page = charge.get("refunds")
        if page and page["has_more"] is False:
            return list(page["data"])
        found = listed(self._stripe.v1.refunds.list, {"charge": charge["id"]})
        return [each.to_dict() for each in found]

    def _disputes(self, charge: str) -> list[Withdrawal]:
        found = listed(self._stripe.v1.disputes.list, {"charge": charge})
        return [withdrawal(each.to_dict(), "dispute") for each in found]


def _refund(refund: dict[str, Any]) -> Withdrawal:
    return withdrawal(refund, "original")


def withdrawal(money: dict[str, Any], way: str) -> Withdrawal:
    names = money.get("metadata") or {}
    id, status = _name(money["id"]), _name(money["status"])
    if id is None or status is None:
        raise TypeError("a refund or dispute without a name or a status")
    return Withdrawal(
        id=id,
        way=way,
        amount=_taken(money["amount"], money["currency"]),
        currency=money["currency"].upper(),
        status=status,
        created_at=datetime.fromtimestamp(money["created"], UTC),
        key=_name(names.get("key")),
        storefront=_name(names.get("storefront")),
        order_id=_name(names.get("order_id")),
        case_id=_name(names.get("case_id")),
        payout_id=_name(names.get("payout_id")),
    )


def _name(text: object) -> str | None:
    """A name as we write them. Metadata is open to everybody: what is none stays outside."""
    named = isinstance(text, str) and _NAME.fullmatch(text) and not holds_card_number(text)
    return str(text) if named else None


def _taken(amount: int, currency: str) -> int:
    """Stripe's amount of what left a charge, in our minor units: no part of one is forgotten."""
    return ceil(_amount(amount, currency))


def _amount(amount: int, currency: str) -> Fraction:
    try:
        return in_minor_units(amount, currency)
    except ValueError:  # nothing can be paid back in such a currency, only looked at
        return Fraction(amount)


def _unlisted(charge: dict[str, Any], amount: int) -> Withdrawal:
    """What the charge says was refunded beyond the refunds that it lists."""
    return Withdrawal(
        id=f"{charge['id']}-unlisted",
        way="original",
        amount=amount,
        currency=charge["currency"].upper(),
        status="unlisted",
        created_at=datetime.fromtimestamp(charge["created"], UTC),
    )


def _unreadable(error: stripe.StripeError) -> Unreadable:
    why = unanswered(refusal(error))
    return Unreadable(why.code, why.retry_after)
