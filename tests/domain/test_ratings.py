"""Are the figures of scores those that their definitions give, in whatever order scores came?"""

import statistics
from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ratings import SCORES, Tally, change, deviation

scores = st.sampled_from(SCORES)
many = st.lists(scores, max_size=40)


def tally(values: list[int]) -> Tally:
    return sum((change(None, value) for value in values), Tally())


def spread(values: list[int]) -> Fraction:
    """Σ(x - mean)², by its definition."""
    mean = Fraction(sum(values), len(values))
    return sum(((value - mean) ** 2 for value in values), Fraction())


@st.composite
def histories(draw: st.DrawFn) -> tuple[Tally, list[int]]:
    """Scores added, replaced, removed and merged, and the list of those that are left."""
    kept, counted = Tally(), list[int]()
    for what in draw(st.lists(st.sampled_from(["add", "replace", "remove", "merge"]), max_size=30)):
        if what == "merge":
            others = draw(many)
            kept, counted = kept + tally(others), counted + others
            continue
        was = draw(st.sampled_from(counted)) if counted and what != "add" else None
        now_is = None if what == "remove" else draw(scores)
        kept += change(was, now_is)
        if was:
            counted.remove(was)
        if now_is:
            counted.append(now_is)
    return kept, counted


@given(histories())
def test_after_any_history_the_variance_is_what_its_definition_gives(
    history: tuple[Tally, list[int]],
) -> None:
    kept, counted = history
    n = len(counted)
    assert kept == tally(counted)
    assert kept.mean == (Fraction(sum(counted), n) if n else None)
    assert kept.population_variance == (spread(counted) / n if n else None)
    assert kept.sample_variance == (spread(counted) / (n - 1) if n > 1 else None)


@given(st.lists(scores, min_size=2, max_size=200))
def test_the_variance_is_that_of_the_standard_library(values: list[int]) -> None:
    kept = tally(values)
    assert float(kept.population_variance or 0) == statistics.pvariance(values)
    assert float(kept.sample_variance or 0) == statistics.variance(values)
    assert deviation(kept.sample_variance) == pytest.approx(statistics.stdev(values), abs=1e-12)


@given(many, many)
def test_sums_of_integers_are_welfords_update_and_the_merge_of_chan_golub_and_leveque(
    first: list[int], second: list[int]
) -> None:
    parts = [welford(values) for values in (first, second)]
    n, mean, spread_of_all = merged(*parts)
    kept = tally(first) + tally(second)
    assert (kept.n, kept.mean or 0) == (n, mean)
    assert kept.population_variance == (spread_of_all / n if n else None)


def welford(values: list[int]) -> tuple[int, Fraction, Fraction]:
    """(n, mean, Σ(x - mean)²), carried along as values come."""
    n, mean, total = 0, Fraction(), Fraction()
    for value in values:
        n += 1
        before = value - mean
        mean += before / n
        total += before * (value - mean)
    return n, mean, total


def merged(
    a: tuple[int, Fraction, Fraction], b: tuple[int, Fraction, Fraction]
) -> tuple[int, Fraction, Fraction]:
    n = a[0] + b[0]
    if not n:
        return a
    apart = b[1] - a[1]
    return n, a[1] + apart * b[0] / n, a[2] + b[2] + apart**2 * a[0] * b[0] / n


def test_a_billion_scores_lose_no_digit() -> None:
    kept = Tally(10**9, 5 * 10**9 - 1, 25 * 10**9 - 9, (0, 0, 0, 1, 10**9 - 1))
    assert kept.population_variance == Fraction(10**9 - 1, 10**18)
    assert kept + change(4, 5) == Tally(10**9, 5 * 10**9, 25 * 10**9, (0, 0, 0, 0, 10**9))


def test_of_no_score_nothing_is_known_but_what_was_held_before() -> None:
    nothing = Tally()
    assert nothing.mean is None
    assert nothing.population_variance is None
    assert nothing.sample_variance is None
    assert nothing.share_with_case is None
    assert nothing.wilson_lower_bound(1.96) is None
    assert deviation(None) is None
    assert nothing.bayesian_mean(3.5, 10) == 3.5


def test_one_score_has_a_spread_of_nothing_and_says_nothing_of_others() -> None:
    one = change(None, 4)
    assert (one.mean, one.population_variance, one.sample_variance) == (4, 0, None)


def test_who_had_a_case_is_counted_with_the_score_and_taken_away_with_it() -> None:
    kept = change(None, 1, had_case=True) + change(None, 5)
    assert kept.share_with_case == Fraction(1, 2)
    assert kept + change(1, 3, had_case=True) == Tally(2, 8, 34, (0, 0, 1, 0, 1), 1)
    assert kept + change(1, None, had_case=True) == change(None, 5)


@pytest.mark.parametrize("score", [0, 6, -1])
def test_what_is_no_score_is_not_counted(score: int) -> None:
    with pytest.raises(ValueError, match="not from 1 to 5"):
        change(None, score)
    with pytest.raises(ValueError, match="not from 1 to 5"):
        change(score, 3)


@pytest.mark.parametrize(
    ("good", "n", "bound"),
    [
        (1, 1, 0.206549),
        (9, 10, 0.595850),
        (90, 100, 0.825634),
        (0, 10, 0.0),
        (10, 10, 0.722467),
    ],
)
def test_wilsons_bound_is_careful_with_few_scores(good: int, n: int, bound: float) -> None:
    """Of 95 % two-sided, as tables of the interval have it."""
    kept = tally([5] * good + [1] * (n - good))
    assert kept.wilson_lower_bound(1.959964) == pytest.approx(bound, abs=1e-6)


@given(st.lists(scores, min_size=1), st.floats(0.1, 5))
def test_wilsons_bound_is_where_the_share_is_just_so_many_standard_errors_away(
    values: list[int], z: float
) -> None:
    """Wilson's own definition: the root p of |share - p| = z·√(p(1 - p)/n) below the share."""
    kept = tally(values)
    share, p = kept.good / kept.n, kept.wilson_lower_bound(z)
    assert p is not None
    assert 0 <= p <= share + 1e-12
    assert share - p == pytest.approx(z * sqrt(p * (1 - p) / kept.n), abs=1e-6)


@given(many, st.integers(1, 20))
def test_the_bayesian_mean_is_the_mean_with_the_prior_as_scores_among_the_others(
    values: list[int], weight: int
) -> None:
    kept = tally(values)
    mean = statistics.fmean([*values, *[4] * weight])
    assert kept.bayesian_mean(4, weight) == pytest.approx(mean)
