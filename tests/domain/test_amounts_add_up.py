"""Do the units of a line always sum to what was paid for it, whatever cases come in between?"""

import sys
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from domain.amounts import (
    Credit,
    Line,
    Piece,
    Shipping,
    Tender,
    allocate,
    credited,
    due,
    pieces,
    share,
    split,
    split_at,
    tax_worth,
    worth,
)
from domain.units import Span, free, lowest

LINES = st.builds(
    lambda quantity, paid, taxed: Line(1, quantity, paid, paid * taxed // 100),
    st.integers(1, 60),
    st.one_of(st.integers(0, 200), st.integers(0, 100_000)),
    st.integers(0, 100),
)
NO_SHIPPING = Shipping()


class CasesOfALine(RuleBasedStateMachine):
    """Cases come, live beside each other and end: paid in full, in part, or not at all."""

    live = Bundle("live")

    @initialize(line=LINES)
    def sell(self, line: Line) -> None:
        self.line = line
        self.credits: list[Credit] = []
        self.open_cases: list[list[Piece]] = []
        self.settled: list[Span] = []
        self.paid = self.tax = 0

    @rule(target=live, wanted=st.integers(1, 60))
    def open(self, wanted: int) -> list[Piece]:
        held = [piece.units for case in self.open_cases for piece in case]
        case = self._take(lowest(free(self.line.quantity, self.settled + held), wanted))
        self.open_cases.append(case)
        return case

    @rule(case=consumes(live))
    def pay_in_full(self, case: list[Piece]) -> None:
        self._pay(case, None)
        self.settled += [piece.units for piece in case]
        self._close(case)

    @rule(case=consumes(live), thousandths=st.integers(0, 1000))
    def pay_a_part(self, case: list[Piece], thousandths: int) -> None:
        shares = self._pay(case, sum(piece.worth for piece in case) * thousandths // 1000)
        for piece, part in zip(case, shares, strict=True):
            self.credits = [c for c in self.credits if c.units != piece.units]
            self.credits.append(credited(piece, part))
        self._close(case)

    @rule(case=consumes(live))
    def cancel(self, case: list[Piece]) -> None:
        self._close(case)

    @invariant()
    def nothing_is_credited_above_its_worth(self) -> None:
        for credit in self.credits:
            assert 0 <= credit.paid <= worth(self.line, credit.units)
            assert 0 <= credit.tax <= tax_worth(self.line, credit.units)

    @invariant()
    def credits_never_overlap(self) -> None:
        ordered = sorted(credit.units for credit in self.credits)
        assert all(a.last < b.first for a, b in pairwise(ordered))

    @invariant()
    def never_more_is_paid_back_than_was_paid(self) -> None:
        assert 0 <= self.paid <= self.line.paid
        assert 0 <= self.tax <= self.line.tax

    def teardown(self) -> None:
        """At last everything not yet settled comes back: now it has to add up."""
        if hasattr(self, "line"):
            rest = free(self.line.quantity, self.settled)
            self._pay(self._take(rest), None)
            assert (self.paid, self.tax) == (self.line.paid, self.line.tax)

    def _take(self, units: list[Span]) -> list[Piece]:
        self.credits = split_at(self.line, self.credits, units)
        return pieces(self.line, units, self.credits)

    def _pay(self, case: list[Piece], amount: int | None) -> tuple[int, ...]:
        what = due(case, NO_SHIPPING, granted=0, amount=amount)
        assert what.items == what.total == sum(what.shares)
        for piece, part, tax in zip(case, what.shares, what.taxes, strict=True):
            assert 0 <= part <= piece.worth
            assert 0 <= tax <= piece.tax
        self.paid += what.total
        self.tax += what.tax
        return what.shares

    def _close(self, case: list[Piece]) -> None:
        self.open_cases = [other for other in self.open_cases if other is not case]


TestCasesOfALine = CasesOfALine.TestCase


@given(LINES, st.lists(st.integers(1, 60), min_size=1, max_size=30), st.randoms())
def test_any_partition_in_any_order_sums_to_the_line(
    line: Line, sizes: list[int], chance: Any
) -> None:
    parts: list[Span] = []
    for size in sizes:
        if rest := free(line.quantity, parts):
            parts += lowest(rest, size)
    parts += free(line.quantity, parts)
    chance.shuffle(parts)
    assert sum(worth(line, part) for part in parts) == line.paid
    assert sum(tax_worth(line, part) for part in parts) == line.tax
    assert all(tax_worth(line, part) >= 0 for part in parts)


@given(LINES, st.data())
def test_parting_a_credit_keeps_its_sum_and_exceeds_no_part(
    line: Line, data: st.DataObject
) -> None:
    last = data.draw(st.integers(2, max(2, line.quantity)))
    line = Line(1, max(line.quantity, last), line.paid, line.tax)
    units = Span(1, last)
    whole = credited(Piece(line, units), data.draw(st.integers(0, worth(line, units))))
    parts = split(line, whole, data.draw(st.integers(2, last)))
    assert sum(part.paid for part in parts) == whole.paid
    assert sum(part.tax for part in parts) == whole.tax
    for part in parts:
        assert 0 <= part.paid <= worth(line, part.units)
        assert 0 <= part.tax <= tax_worth(line, part.units)


@given(st.lists(LINES, min_size=1, max_size=8), st.integers(0, 1000))
def test_shares_sum_to_the_amount_and_none_exceeds_its_worth(
    lines: list[Line], thousandths: int
) -> None:
    over = [Piece(line, Span(1, line.quantity)) for line in lines]
    amount = sum(piece.worth for piece in over) * thousandths // 1000
    shares = share(amount, over)
    assert sum(shares) == amount
    assert all(0 <= part <= piece.worth for part, piece in zip(shares, over, strict=True))


@given(st.lists(st.integers(0, 1000), max_size=8), st.integers(0, 9000))
def test_payments_cover_an_amount_whole_or_not_at_all(left: list[int], total: int) -> None:
    tenders = [Tender(str(n), amount) for n, amount in enumerate(left)]
    parts = allocate(total, tenders)
    if parts is None:
        assert sum(left) < total
        return
    assert sum(amount for _, amount in parts) == total
    assert all(0 < amount <= left[int(name)] for name, amount in parts)
    # Whoever comes first is emptied before the next one pays.
    assert [left[int(name)] for name, _ in parts[:-1]] == [amount for _, amount in parts[:-1]]


@pytest.mark.parametrize("quantity", [80_995, 10**9])
def test_a_line_of_any_size_costs_no_more_work_than_a_line_of_two(quantity: int) -> None:
    assert 0 < _calls_to_price(quantity) <= _calls_to_price(2)


def _calls_to_price(quantity: int) -> int:
    """How many Python functions run while a part payment and its follow-up are worked out."""
    line = Line(1, quantity, paid=8_099_500, tax=1_349_917)
    calls = 0

    def count(frame: FrameType, event: str, arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        whole = pieces(line, lowest(free(quantity, []), quantity), [])
        what = due(whole, NO_SHIPPING, granted=0, amount=500)
        credit = credited(whole[0], what.shares[0])
        half = [Span(1, quantity // 2)]
        parted = split_at(line, [credit], half)
        due(pieces(line, half, parted), NO_SHIPPING, granted=0)
    finally:
        sys.setprofile(before)
    return calls
