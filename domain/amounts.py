"""What a unit is worth, what a case pays, and how the order's payments share it.

Everything is integer minor units and starts from what was paid: no promotion and no tax is ever
computed again. With h = round half up, unit i of a line of Q units, paid G, is worth

    e(i) = h(G*i/Q) - h(G*(i-1)/Q),   its tax likewise from T,

so units sum to what was paid, whatever order and sizes the cases come in. A range of units is a
difference of two h; nothing here loops over units.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from domain.money import half_up
from domain.units import Span, readable


@dataclass(frozen=True)
class Line:
    """An order line as it was bought: `paid` for all of it, of which `tax` is tax."""

    line: int
    quantity: int
    paid: int
    tax: int = 0


@dataclass(frozen=True)
class Credit:
    """What was paid back for units that are free again. Credits of a line never overlap."""

    units: Span
    paid: int
    tax: int


@dataclass(frozen=True)
class Piece:
    """A range of units a case owns, of one line, lying within one credit or in none."""

    line: Line
    units: Span
    credit: Credit | None = None

    @property
    def entitled(self) -> int:
        """What the buyer paid for these units."""
        return worth(self.line, self.units)

    @property
    def worth(self) -> int:
        """What they are still worth: paid, less what earlier cases paid back."""
        return self.entitled - (self.credit.paid if self.credit else 0)

    @property
    def tax(self) -> int:
        """The tax still to be paid back with them. Units whose price rounds to nothing may carry
        some too: it goes with the case that settles them, never with a part payment.
        """
        return tax_worth(self.line, self.units) - (self.credit.tax if self.credit else 0)

    def tax_of(self, amount: int) -> int:
        """The tax in `amount` of these units, after what earlier cases paid back.

        h(T*(c+x)/E) less the tax given back before, so that the last payment brings the sum to T
        exactly; never negative, where a split credit had rounded its tax up.
        """
        if self.entitled == 0:
            return 0
        before = self.credit or Credit(self.units, 0, 0)
        tax = half_up(tax_worth(self.line, self.units) * (before.paid + amount), self.entitled)
        return max(0, tax - before.tax)


def worth(line: Line, units: Span) -> int:
    """What the buyer paid for these units of the line."""
    return _share_of(line.paid, line.quantity, units)


def tax_worth(line: Line, units: Span) -> int:
    """The tax within `worth`."""
    return _share_of(line.tax, line.quantity, units)


def _share_of(total: int, quantity: int, units: Span) -> int:
    return half_up(total * units.last, quantity) - half_up(total * (units.first - 1), quantity)


def split(line: Line, credit: Credit, at: int) -> tuple[Credit, Credit]:
    """Part a credit before unit `at`. Sums are kept and no part exceeds what its units are worth.

    The first part carries h(p*E1/E), the second the rest. Tax follows the money of each part, and
    is bent by a unit where rounding would leave the other part more tax than its units had.
    """
    first = Span(credit.units.first, at - 1)
    second = Span(at, credit.units.last)
    entitled = worth(line, credit.units)
    paid = half_up(credit.paid * worth(line, first), entitled) if entitled else 0
    tax = half_up(tax_worth(line, first) * paid, worth(line, first)) if worth(line, first) else 0
    lowest = max(0, credit.tax - tax_worth(line, second))
    tax = min(max(tax, lowest), credit.tax, max(tax_worth(line, first), lowest))
    return (
        Credit(first, paid, tax),
        Credit(second, credit.paid - paid, credit.tax - tax),
    )


def split_at(line: Line, credits: Iterable[Credit], units: Iterable[Span]) -> list[Credit]:
    """The same credits, parted wherever one of `units` begins or ends inside."""
    cuts = sorted({edge for span in units for edge in (span.first, span.last + 1)})
    result: list[Credit] = []
    for credit in sorted(credits, key=lambda c: c.units):
        rest = credit
        for cut in cuts:
            if rest.units.first < cut <= rest.units.last:
                done, rest = split(line, rest, cut)
                result.append(done)
        result.append(rest)
    return result


def pieces(line: Line, units: Sequence[Span], credits: Sequence[Credit]) -> list[Piece]:
    """The units of a case as ranges that each lie within one credit or in none, in order.

    `credits` must have been parted at the edges of `units` (see `split_at`).
    """
    found: list[Piece] = []
    ordered = sorted(credits, key=lambda c: c.units)
    for span in units:
        following = span.first
        for credit in ordered:
            if span.first <= credit.units.first and credit.units.last <= span.last:
                if credit.units.first > following:
                    found.append(Piece(line, Span(following, credit.units.first - 1)))
                found.append(Piece(line, credit.units, credit))
                following = credit.units.last + 1
        if following <= span.last:
            found.append(Piece(line, Span(following, span.last)))
    return found


def share(amount: int, over: Sequence[Piece]) -> list[int]:
    """`amount` over pieces: piece k gets h(x*R_k/R) - h(x*R_(k-1)/R), R the running worth.

    Sums to `amount`, and no piece gets more than it is worth. 0 <= amount <= the pieces' worth.
    """
    total = sum(piece.worth for piece in over)
    shares: list[int] = []
    running = given = 0
    for piece in over:
        running += piece.worth
        upto = half_up(amount * running, total) if total else 0
        shares.append(upto - given)
        given = upto
    return shares


@dataclass(frozen=True)
class Shipping:
    """The shipping of an order: `paid` and its `tax`, and what cases took of it so far.

    `given` and `given_tax` are refunded, `held` is reserved by live cases.
    """

    paid: int = 0
    tax: int = 0
    given: int = 0
    given_tax: int = 0
    held: int = 0

    @property
    def left(self) -> int:
        return self.paid - self.given - self.held

    def tax_of(self, amount: int) -> int:
        """The tax in `amount` of shipping after what was refunded before."""
        if self.paid == 0:
            return 0
        return max(0, half_up(self.tax * (self.given + amount), self.paid) - self.given_tax)


@dataclass(frozen=True)
class Due:
    """What a case pays and why. `items + shipping - deductions = total`, of which `tax` is tax."""

    items: int
    shipping: int
    total: int
    tax: int
    shares: tuple[int, ...]
    """What each piece gets of `items`, in the order of the pieces."""
    taxes: tuple[int, ...]
    steps: tuple[str, ...]
    deductions: int = 0


def entitlement(over: Sequence[Piece], shipping: int) -> int:
    """The most a case may pay: what its units are still worth, and the shipping granted to it."""
    return sum(piece.worth for piece in over) + shipping


def due(
    over: Sequence[Piece], shipping: Shipping, *, granted: int, amount: int | None = None
) -> Due:
    """What a case over these pieces pays.

    `granted` is the shipping granted to it. `amount` is the lower sum the buyer asks for or the
    auditor approves: items come first, shipping last. `amount` <= `entitlement` is the caller's
    business to refuse. Without it the case pays all it may and settles its units, with all the tax
    they still carry.
    """
    worth_left = sum(piece.worth for piece in over)
    total = entitlement(over, granted) if amount is None else amount
    items = min(total, worth_left)
    shares = share(items, over)
    settles = amount is None
    taxes = [p.tax if settles else p.tax_of(part) for p, part in zip(over, shares, strict=True)]
    return Due(
        items=items,
        shipping=total - items,
        total=total,
        tax=sum(taxes) + shipping.tax_of(total - items),
        shares=tuple(shares),
        taxes=tuple(taxes),
        steps=tuple(_steps(over, shipping, granted, amount)),
    )


def _steps(
    over: Sequence[Piece], shipping: Shipping, granted: int, amount: int | None
) -> Iterable[str]:
    for piece in over:
        line = piece.line
        step = (
            f"line {line.line}: units {readable([piece.units])} of {line.quantity}, "
            f"paid {line.paid} -> {piece.entitled}"
        )
        if piece.credit:
            step += f", less {piece.credit.paid} paid back before -> {piece.worth}"
        yield step
    if granted:
        yield f"shipping: {granted} left of {shipping.paid}"
    if amount is not None:
        yield f"asked for {amount} of {entitlement(over, granted)}"


def credited(piece: Piece, amount: int) -> Credit:
    """The record that stays when a case sets this piece free after paying `amount` for it."""
    tax = piece.tax_of(amount)
    before = piece.credit or Credit(piece.units, 0, 0)
    return replace(before, paid=before.paid + amount, tax=before.tax + tax)


@dataclass(frozen=True)
class Tender:
    """A payment of the order and what is left of it to pay from, in multiples of `step`. A step of
    None gives nothing.
    """

    payment: str
    left: int
    step: int | None = 1


def allocate(total: int, tenders: Sequence[Tender]) -> list[tuple[str, int]] | None:
    """`total` over the order's payments in their order; None if they cannot cover it so.

    Never short in silence: a case that its payments do not cover is parked.
    """
    parts: list[tuple[str, int]] = []
    for tender in tenders:
        part = min(total, tender.left)
        part -= part % tender.step if tender.step else part
        if part > 0:
            parts.append((tender.payment, part))
            total -= part
    return parts if total == 0 else None
