"""What was asked, in Stripe's form encoding? `name=value`, `name[inner]=value`, and deeper."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.shapes import Refused

Params = dict[str, Any]

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


def number(params: Params, name: str) -> int:
    """An amount, a quantity or a time: a whole number above zero."""
    text = required(params, name)
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0):
        raise Refused(400, "Invalid positive integer", code="parameter_invalid_integer", param=name)
    return int(text)


def currency_of(params: Params) -> str:
    currency = required(params, "currency").lower()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise Refused(400, "Invalid currency", code="parameter_invalid_empty", param="currency")
    return currency
