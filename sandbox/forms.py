"""What was asked, in Stripe's form encoding? `name=value`, `name[inner]=value`, and deeper."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.shapes import Refused

Params = dict[str, Any]

# As docs.stripe.com/currencies has them; all other currencies are taken in any whole number.
WHOLE_HUNDREDS = frozenset({"isk", "ugx"})
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
NOT_OFFERED = frozenset({"clf", "iqd", "lyd", "uyi", "uyw"})

_WORD = re.compile(r"[^\[\]]+")


def decode(form: bytes | str) -> Params:
    """A form or query as nested objects. A list is one too, by its numbers: `items[0][price]`."""
    text = form.decode("utf-8", "replace") if isinstance(form, bytes) else form
    params: Params = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *outer, last = _WORD.findall(name) or [name]
        holder = params
        for step in outer:
            holder = holder.setdefault(step, {})
            if not isinstance(holder, dict):
                raise Refused(400, f"Invalid {outer[0]}", param=outer[0])
        holder[last] = value
    return params


def required(params: Params, name: str) -> str:
    value = params.get(name)
    if not value or not isinstance(value, str):
        raise Refused(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    return value


def expanded(params: Params) -> set[str]:
    """What is to be shown in full where it is named: `expand[]=a`, or `expand[0]=a`."""
    asked = params.get("expand", {})
    return set(asked.values()) if isinstance(asked, dict) else {asked}


def number(params: Params, name: str) -> int:
    """An amount, a quantity or a time: a whole number above zero."""
    text = required(params, name)
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0):
        raise Refused(400, "Invalid positive integer", code="parameter_invalid_integer", param=name)
    return int(text)


def money(params: Params, name: str, currency: str) -> int:
    """An amount that Stripe moves in this currency, as Stripe counts it."""
    amount = number(params, name)
    if currency in WHOLE_HUNDREDS and amount % 100:
        raise Refused(
            400,
            f"Invalid amount. Currency {currency.upper()} has become effectively zero-decimal and "
            "amounts must be evenly divisible by 100.",
            code="invalid_charge_amount_no_decimal_compatible",
            param=name,
        )
    if currency in THREE_DECIMAL and amount % 10:
        # Stripe gives this refusal no code.
        raise Refused(400, "Invalid amount: the last digit must be 0.", param=name)
    return amount


def currency_of(params: Params) -> str:
    currency = required(params, "currency").lower()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise Refused(400, "Invalid currency", code="parameter_invalid_empty", param="currency")
    if currency in NOT_OFFERED:
        raise Refused(400, f"Invalid currency: {currency}. It is not supported.", param="currency")
    return currency
