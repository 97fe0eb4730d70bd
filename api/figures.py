"""What do figures look like from outside? To six places, and null where there is none to tell."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from domain.policy_parts import Ratings
from domain.ratings import SCORES, Tally, deviation
from store.statistics import AuditorFigures, CaseFigures, Hours

PLACES = 6

Rounded = Annotated[float, PlainSerializer(lambda value: round(value, PLACES), return_type=float)]


class Figures(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class Spread(Figures):
    """`population`: of these scores as all there are; `sample`: of those they are a sample of."""

    population: Rounded | None
    sample: Rounded | None


class ScoresAnswer(Figures):
    count: int
    mean: Rounded | None
    variance: Spread
    standard_deviation: Spread
    histogram: Annotated[dict[str, int], Field(examples=[{"1": 0, "2": 1, "3": 0, "4": 2, "5": 7}])]
    """How often each score was given, 1 to 5."""


class StarsAnswer(ScoresAnswer):
    with_case: int
    """How many are of lines that had a case."""
    share_with_case: Rounded | None
    wilson_lower_bound: Rounded | None
    """The least share of 4 and 5 stars that these are compatible with, so many standard errors
    wide as the policy says (Wilson 1927): ranks products by good reviews, however few there are.
    """
    bayesian_mean: Rounded
    """(`prior_weight` x `prior_mean` + sum of stars) / (`prior_weight` + `count`), both priors from
    the policy: ranks products by stars, however few there are.
    """


class FeedbackFigures(ScoresAnswer):
    """`count` and what follows are of the scores in it."""

    received: int
    """How much feedback came in, scores included."""


class HoursAnswer(Figures):
    """Half of the decisions took at most `median` hours, nine in ten at most `p90`."""

    median: Rounded | None
    p90: Rounded | None


class CasesAnswer(Figures):
    cases: int
    units_sold: int
    """Of orders that were placed on these days, by as much of the grouping as sales have."""
    units_returned: int
    """That came in, of these cases: a refund without its goods returns none, and what was rejected
    does not count.
    """
    returned_per_unit_sold: Rounded | None
    paid: Annotated[dict[str, int], Field(examples=[{"EUR": 1500, "GBP": 1020}])]
    """Minor units by currency: different currencies are never added."""
    decided: int
    approved: int
    share_approved: Rounded | None
    """Of those decided."""
    hours_to_decision: HoursAnswer
    overdue: int
    """Not decided when their deadline was over, whether they have been since or not."""
    overdue_share: Rounded


class AuditorsAnswer(Figures):
    decisions: int
    approved: int
    share_approved: Rounded
    hours_to_decision: HoursAnswer
    overdue: int
    overdue_share: Rounded


def scores_answer(tally: Tally) -> ScoresAnswer:
    population, sample = tally.population_variance, tally.sample_variance
    return ScoresAnswer(
        count=tally.n,
        mean=tally.mean,
        variance=Spread(population=population, sample=sample),
        standard_deviation=Spread(population=deviation(population), sample=deviation(sample)),
        histogram={str(score): tally.histogram[score - 1] for score in SCORES},
    )


def feedback_figures(received: int, tally: Tally) -> FeedbackFigures:
    return FeedbackFigures(received=received, **dict(scores_answer(tally)))


def stars_answer(tally: Tally, ratings: Ratings) -> StarsAnswer:
    return StarsAnswer(
        **dict(scores_answer(tally)),
        with_case=tally.with_case,
        share_with_case=tally.share_with_case,
        wilson_lower_bound=tally.wilson_lower_bound(ratings.standard_errors),
        bayesian_mean=tally.bayesian_mean(ratings.prior_mean, ratings.prior_weight),
    )


def cases_answer(found: CaseFigures) -> CasesAnswer:
    return CasesAnswer(
        cases=found.cases,
        units_sold=found.units_sold,
        units_returned=found.units_returned,
        returned_per_unit_sold=_share(found.units_returned, found.units_sold),
        paid=found.paid,
        decided=found.decided,
        approved=found.approved,
        share_approved=_share(found.approved, found.decided),
        hours_to_decision=_hours(found.hours),
        overdue=found.late,
        overdue_share=found.late / found.cases,
    )


def auditors_answer(found: AuditorFigures) -> AuditorsAnswer:
    return AuditorsAnswer(
        decisions=found.decisions,
        approved=found.approved,
        share_approved=found.approved / found.decisions,
        hours_to_decision=_hours(found.hours),
        overdue=found.late,
        overdue_share=found.late / found.decisions,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _hours(hours: Hours) -> HoursAnswer:
    return HoursAnswer(median=hours.median, p90=hours.p90)
