"""Which currencies are in use? ISO 4217 as published, less those that have no minor unit."""

from typing import Annotated

import iso4217
from pydantic import AfterValidator, Field

from domain.orders import CurrencyCode

IN_USE = frozenset(currency.code for currency in iso4217.Currency if currency.exponent is not None)
"""Precious metals, accounting units, XTS and XXX have no minor unit to count in."""


def _in_use(code: str) -> str:
    if code not in IN_USE:
        raise ValueError("must be a currency of ISO 4217 in use today")
    return code


Currency = Annotated[
    CurrencyCode, AfterValidator(_in_use), Field(json_schema_extra={"enum": sorted(IN_USE)})
]
