"""What an exchange costs: the price of what goes out, less the worth of what came in."""

from dataclasses import dataclass

from domain.money import half_up
from domain.units import Span


def price_of(price: int, quantity: int, units: Span) -> int:
    """What some units of a replacement cost whose `quantity` costs `price` in all.

    h(P*n/q) - h(P*m/q), as units of an order line are worth: however the units are parted, the
    parts sum to the price.
    """
    return half_up(price * units.last, quantity) - half_up(price * (units.first - 1), quantity)


@dataclass(frozen=True)
class Difference:
    """`price` of the units that go out against the `credit` for those that came in."""

    price: int
    credit: int

    @property
    def buyer_owes(self) -> int:
        return max(0, self.price - self.credit)

    @property
    def shop_owes(self) -> int:
        return max(0, self.credit - self.price)
