"""Minor units: how they round and how a person reads them."""

# ISO 4217 currencies whose minor unit is not a hundredth; every other one in use has two digits.
EXPONENTS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}

MAX_AMOUNT = 10**15
"""The largest amount accepted anywhere, in minor units: far above any order, far below int8."""


def half_up(numerator: int, denominator: int) -> int:
    """Round numerator/denominator to the nearest integer, halves up. Both non-negative.

    The integer form of h(x) in the design: h(n/d) = (2n + d) // 2d.
    """
    return (2 * numerator + denominator) // (2 * denominator)


def readable(amount: int, currency: str) -> str:
    """`1530, GBP` -> `15.30 GBP`; `1530, JPY` -> `1530 JPY`."""
    digits = EXPONENTS.get(currency, 2)
    if digits == 0:
        return f"{amount} {currency}"
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d} {currency}"
