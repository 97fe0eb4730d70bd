"""What do scores from 1 to 5 say, and how sure is it? Mean, variance, and figures for few of them.

Everything is read off a `Tally`: n, Σx and Σx². The definition of the variance, Σ(x - mean)² / n,
opened up is (n·Σx² - (Σx)²) / n². In floating point that difference loses its digits, which is why
Welford (1962, "Note on a method for calculating corrected sums of squares and products",
Technometrics 4) carries the mean along as values come, and Chan, Golub and LeVeque (1983,
"Algorithms for computing the sample variance", The American Statistician 37) merge two such parts
by n_a·n_b/n·(mean_b - mean_a)². Scores are integers, and of integers nothing is lost: adding,
removing, replacing and merging are sums, each undone by its opposite to the last digit, which no
floating form is. The tests hold all three forms against each other.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

SCORES = range(1, 6)

GOOD = range(4, 6)
"""Scores that speak for a product, in the share that `wilson_lower_bound` is careful about."""


@dataclass(frozen=True)
class Tally:
    """Scores counted together: how many, Σx, Σx², how many of each, and how many had a case.

    Two parts are merged by `+`. A `change` is a tally too, whose counts may be negative.
    """

    n: int = 0
    total: int = 0
    squares: int = 0
    histogram: tuple[int, ...] = (0,) * len(SCORES)
    """How often each score was given, from 1 to 5."""
    with_case: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.n + other.n,
            self.total + other.total,
            self.squares + other.squares,
            tuple(a + b for a, b in zip(self.histogram, other.histogram, strict=True)),
            self.with_case + other.with_case,
        )

    def __neg__(self) -> "Tally":
        opposite = tuple(-count for count in self.histogram)
        return Tally(-self.n, -self.total, -self.squares, opposite, -self.with_case)

    @property
    def mean(self) -> Fraction | None:
        return Fraction(self.total, self.n) if self.n else None

    @property
    def population_variance(self) -> Fraction | None:
        """Of these scores as all there are: Σ(x - mean)² / n. None of no score."""
        return Fraction(self._spread, self.n**2) if self.n else None

    @property
    def sample_variance(self) -> Fraction | None:
        """Of the scores these are a sample of (Bessel): Σ(x - mean)² / (n - 1). None below two."""
        return Fraction(self._spread, self.n * (self.n - 1)) if self.n > 1 else None

    @property
    def _spread(self) -> int:
        """n·Σ(x - mean)², an integer."""
        return self.n * self.squares - self.total**2

    @property
    def share_with_case(self) -> Fraction | None:
        return Fraction(self.with_case, self.n) if self.n else None

    @property
    def good(self) -> int:
        return sum(self.histogram[score - 1] for score in GOOD)

    def wilson_lower_bound(self, z: float) -> float | None:
        """The least share of good scores that these are compatible with, `z` standard errors wide.

        Wilson (1927), "Probable inference, the law of succession, and statistical inference",
        Journal of the American Statistical Association 22. Unlike the share itself it does not
        call one good score out of one perfect. None of no score.
        """
        if not self.n:
            return None
        share, doubt = self.good / self.n, z**2 / self.n
        margin = z * sqrt(share * (1 - share) / self.n + doubt / (4 * self.n))
        return max(0.0, (share + doubt / 2 - margin) / (1 + doubt))

    def bayesian_mean(self, prior_mean: float, prior_weight: float) -> float:
        """The mean as if `prior_weight` scores of `prior_mean` had been given before.

        That is what the mean is expected to be after these scores, if the shares of the five were
        Dirichlet distributed before them, with pseudo-counts that have this sum and mean (Gelman
        et al., "Bayesian Data Analysis", 3rd ed., section 3.4). Of no score it is the prior's.
        """
        return (prior_weight * prior_mean + self.total) / (prior_weight + self.n)


def change(was: int | None, now_is: int | None, *, had_case: bool = False) -> Tally:
    """What to add to a tally in which the score `was` becomes `now_is`; None is no score, so this
    adds one, removes one or replaces one. Raises ValueError for what is no score.
    """
    return _one(now_is, had_case) + -_one(was, had_case)


def _one(score: int | None, had_case: bool) -> Tally:
    if score is None:
        return Tally()
    if score not in SCORES:
        raise ValueError(f"{score} is not from 1 to 5")
    return Tally(1, score, score**2, tuple(int(score == each) for each in SCORES), int(had_case))


def deviation(variance: Fraction | None) -> float | None:
    """The standard deviation that goes with a variance."""
    return None if variance is None else sqrt(variance)
