"""How Stripe counts money, where that is not how ISO 4217 does.

We count in the minor units of ISO 4217; Stripe counts in units of its own. Most currencies have
two digits on both sides. The others are here, once, as docs.stripe.com/currencies has them: whoever
sends an amount to Stripe or reads one of Stripe's goes through these functions. The bank party
speaks Stripe's manners, so it counts as Stripe does too. A currency's code may be in either case.

HUF and TWD are whole in Stripe's payouts to a shop's own account only: charges and refunds, which
is all that we ask for, have their two digits.
"""

from dataclasses import dataclass
from fractions import Fraction

from domain.money import EXPONENTS
from domain.refusals import Refusal, Why


@dataclass(frozen=True)
class _Unit:
    """Stripe's `amount`: with so many digits, and always a multiple of so many."""

    digits: int
    multiple_of: int = 1


_ZERO_DECIMAL = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
_TWO_DECIMAL_AND_WHOLE = "ISK UGX"  # for compatibility: 5 kr are sent as 500
_THREE_DECIMAL = "BHD JOD KWD OMR TND"  # the last digit has to be 0

_SPECIAL = {
    **dict.fromkeys(_ZERO_DECIMAL.split(), _Unit(digits=0)),
    **dict.fromkeys(_TWO_DECIMAL_AND_WHOLE.split(), _Unit(digits=2, multiple_of=100)),
    **dict.fromkeys(_THREE_DECIMAL.split(), _Unit(digits=3, multiple_of=10)),
}
_USUAL = _Unit(digits=2)


def step(currency: str) -> int | None:
    """The least amount that Stripe moves, in our minor units: it moves multiples of that. None for
    a currency that Stripe does not offer and whose unit there nobody can tell (IQD, LYD, CLF, ...).
    """
    unit = _unit(currency)
    return max(1, unit.multiple_of * _ours(currency) // _stripes(unit)) if unit else None


def expressible(amount: int, currency: str) -> bool:
    """True if Stripe can move this amount of our minor units."""
    least = step(currency)
    return amount == 0 or (least is not None and amount % least == 0)


def to_stripe(amount: int, currency: str) -> int:
    """Our minor units as Stripe's `amount`, exactly.

    Raises Refusal: amount-not-expressible.
    """
    unit = _unit(currency)
    if unit is None or not expressible(amount, currency):
        raise not_expressible(amount, currency)
    return amount * _stripes(unit) // _ours(currency)


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's `amount` in our minor units, exactly. Raises ValueError where no whole number of
    them is that much.
    """
    ours = in_minor_units(amount, currency)
    if ours.denominator != 1:
        raise ValueError(f"{amount} {currency} of Stripe's are no whole minor units")
    return int(ours)


def in_minor_units(amount: int, currency: str) -> Fraction:
    """The same, with whatever part of a minor unit there is: for comparing what another has done.
    Raises ValueError for a currency whose unit at Stripe nobody can tell.
    """
    unit = _unit(currency)
    if unit is None:
        raise ValueError(f"Stripe does not offer {currency}")
    return Fraction(amount * _ours(currency), _stripes(unit))


def not_expressible(amount: int, currency: str) -> Refusal:
    """The refusal of an amount, with the `step` whose multiples would pass."""
    least = step(currency)
    if least is None:
        detail = f"{currency} is not offered by the gateway"
    else:
        detail = f"the gateway moves {currency} in multiples of {least}, which {amount} is not"
    return Refusal(Why.AMOUNT_NOT_EXPRESSIBLE, detail, step=least)


def _unit(currency: str) -> _Unit | None:
    usual = _USUAL if _ours(currency) == 100 else None
    return _SPECIAL.get(currency.upper(), usual)


def _stripes(unit: _Unit) -> int:
    return int(10**unit.digits)


def _ours(currency: str) -> int:
    return int(10 ** EXPONENTS.get(currency.upper(), 2))
