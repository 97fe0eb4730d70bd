"""Are units taken lowest first, and counted as ranges only?"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Span, count, free, lowest, merged, readable

QUANTITY = 30
TAKEN = st.lists(
    st.tuples(st.integers(1, QUANTITY), st.integers(1, QUANTITY)).map(lambda t: Span(*sorted(t)))
)


def units(spans: list[Span]) -> set[int]:
    return {unit for span in spans for unit in range(span.first, span.last + 1)}


@given(TAKEN)
def test_free_units_are_those_that_nobody_holds(taken: list[Span]) -> None:
    gaps = free(QUANTITY, taken)
    assert units(gaps) == set(range(1, QUANTITY + 1)) - units(taken)
    assert gaps == merged(gaps)


@given(TAKEN, st.integers(0, QUANTITY + 5))
def test_a_case_takes_the_lowest_free_units(taken: list[Span], wanted: int) -> None:
    gaps = free(QUANTITY, taken)
    assert sorted(units(lowest(gaps, wanted))) == sorted(units(gaps))[:wanted]


@given(TAKEN)
def test_merging_keeps_the_units_and_leaves_no_neighbours(spans: list[Span]) -> None:
    once = merged(spans)
    assert units(once) == units(spans)
    assert count(once) == len(units(spans))
    assert all(a.last + 1 < b.first for a, b in pairwise(once))


@pytest.mark.parametrize(
    ("spans", "text"),
    [
        ([Span(1, 2)], "1-2"),
        ([Span(5, 5)], "5"),
        ([Span(1, 2), Span(5, 5), Span(7, 9)], "1-2, 5, 7-9"),
        ([], ""),
    ],
)
def test_a_person_reads_ranges(spans: list[Span], text: str) -> None:
    assert readable(spans) == text
