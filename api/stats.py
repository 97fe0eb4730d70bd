"""How do shops and staff see how it goes: with reviews, feedback, cases and auditors?"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy.orm import Session

from api.auth import ByAnyone, ByStaff
from api.context import Context, InContext, now
from api.figures import (
    AuditorsAnswer,
    CasesAnswer,
    FeedbackFigures,
    Figures,
    StarsAnswer,
    auditors_answer,
    cases_answer,
    feedback_figures,
    stars_answer,
)
from api.judgement import Route
from api.problems import invalid, refusals
from api.scope import hidden
from api.sheets import sheet
from domain.messages import OutsideId
from domain.orders import CENTURIES, Day
from domain.people import Actor
from store import statistics
from store.statistics import Slice
from store.submissions import ratings

router = APIRouter(route_class=Route, prefix="/v1/stats", tags=["stats"])

USUAL_DAYS = 30
MOST_GROUPS = 10_000

F = TypeVar("F", bound=BaseModel)
T = TypeVar("T")


class InCommon(Figures):
    """What one item's scores, cases or decisions share: only what is grouped by is there."""

    storefront: str | None = None
    sku: str | None = None
    supplier: str | None = None
    category: str | None = None
    kind: str | None = None
    reason: str | None = None
    auditor: str | None = None
    day: date | None = None


class StarsStats(StarsAnswer, InCommon):
    """Fractions are rounded to six places."""


class FeedbackStats(FeedbackFigures, InCommon):
    """Fractions are rounded to six places."""


class CaseStats(CasesAnswer, InCommon):
    """Fractions are rounded to six places."""


class AuditorStats(AuditorsAnswer, InCommon):
    """Fractions are rounded to six places."""


class Stats(BaseModel, Generic[F]):
    from_: Annotated[date, Field(serialization_alias="from")]
    to: date
    group_by: list[str]
    items: list[F]
    """In the order of `group_by`. Of what is not here there was nothing on these days."""


def _within_centuries(day: date) -> date:
    if not CENTURIES[0].date() <= day < CENTURIES[1].date():
        raise ValueError("must lie between the years 1900 and 3000")
    return day


StatsDay = Annotated[Day, AfterValidator(_within_centuries)]
From = Annotated[
    StatsDay | None,
    Query(alias="from", description=f"The first day (UTC). By default {USUAL_DAYS} days to `to`."),
]
To = Annotated[
    StatsDay | None,
    Query(alias="to", description="The last day (UTC), included. By default today."),
]
Whose = Annotated[
    OutsideId | None, Query(description="One storefront's. By default everybody's, for staff.")
]
Written = Annotated[
    Literal["json", "csv"],
    Query(
        alias="format",
        description="`csv`: a row for each group, a column for each figure, what is inside another "
        "as `outer_inner`. Cells that begin as a formula does have an apostrophe before them.",
    ),
]
CSV = "text/csv"


def _group_by(names: Iterable[str]) -> Any:
    one = f"({'|'.join(names)})"
    return Query(
        pattern=f"^{one}(,{one})*$",
        description=f"Some of {', '.join(names)}, with commas between. By default all is one.",
    )


def _documented(model: type[BaseModel]) -> dict[str, Any]:
    """What every route here answers: figures as JSON or CSV."""
    as_csv = {"content": {CSV: {"schema": {"type": "string"}}}}
    return {
        "response_model": Stats[model],  # type: ignore[valid-type]
        "responses": {200: as_csv, **refusals()},
    }


@router.get("/reviews", **_documented(StarsStats))
def review_stats(
    caller: ByAnyone,
    context: InContext,
    first: From = None,
    last: To = None,
    group_by: Annotated[str | None, _group_by(ratings.OF_REVIEW)] = None,
    storefront: Whose = None,
    written: Written = "json",
) -> Response:
    """Stars of published reviews, each for the day on which it was first published."""
    asked = _asked(caller, storefront, first, last, group_by)
    found = _read(context, ratings.of_reviews, asked)
    answer = [
        StarsStats(**group, **dict(stars_answer(tally, context.policy.ratings)))
        for group, tally in found
    ]
    return _written(asked, answer, written)


@router.get("/feedback", **_documented(FeedbackStats))
def feedback_stats(
    caller: ByAnyone,
    context: InContext,
    first: From = None,
    last: To = None,
    group_by: Annotated[str | None, _group_by(ratings.OF_FEEDBACK)] = None,
    storefront: Whose = None,
    written: Written = "json",
) -> Response:
    """What came in on these days, and how content buyers said they were with cases, 1 to 5."""
    asked = _asked(caller, storefront, first, last, group_by)
    found = _read(context, ratings.of_feedback, asked)
    answer = [
        FeedbackStats(**group, **dict(feedback_figures(received, tally)))
        for group, received, tally in found
    ]
    return _written(asked, answer, written)


@router.get("/cases", **_documented(CaseStats))
def case_stats(
    caller: ByAnyone,
    context: InContext,
    first: From = None,
    last: To = None,
    group_by: Annotated[str | None, _group_by(statistics.OF_CASE)] = None,
    storefront: Whose = None,
    written: Written = "json",
) -> Response:
    """The cases that were opened on these days, and how many units came back in them, beside the
    units of orders placed on these days.

    A case with several SKUs or suppliers counts once for each. By these, `paid` is what closed
    cases paid for their units; otherwise it is all that was paid, shipping too. A case is decided
    once it needs no auditor any more; one that was cancelled before never is.
    """
    asked = _asked(caller, storefront, first, last, group_by)
    at = now()
    found = _read(context, lambda session, of: statistics.of_cases(session, of, at), asked)
    answer = [CaseStats(**group, **dict(cases_answer(figures))) for group, figures in found]
    return _written(asked, answer, written)


@router.get("/auditors", **_documented(AuditorStats))
def auditor_stats(
    caller: ByStaff,
    context: InContext,
    first: From = None,
    last: To = None,
    group_by: Annotated[str | None, _group_by(statistics.OF_DECISION)] = None,
    storefront: Whose = None,
    written: Written = "json",
) -> Response:
    """The decisions that people made on these days, on cases, reviews and feedback. Hours begin,
    and a deadline was missed, from when it came to wait for that decision.
    """
    asked = _asked(caller, storefront, first, last, group_by)
    found = _read(context, statistics.of_auditors, asked)
    answer = [AuditorStats(**group, **dict(auditors_answer(figures))) for group, figures in found]
    return _written(asked, answer, written)


def _asked(
    caller: Actor, storefront: str | None, first: date | None, last: date | None, by: str | None
) -> Slice:
    last = last or now().date()
    first = first or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise invalid([("from", "must not come after `to`")])
    return Slice(
        first,
        last,
        caller.storefront or storefront,
        tuple(dict.fromkeys(by.split(",") if by else ())),
        most=0 if hidden(caller, storefront) else MOST_GROUPS + 1,
    )


def _read(context: Context, read: Callable[[Session, Slice], list[T]], asked: Slice) -> list[T]:
    with context.database.snapshot() as session:
        found = read(session, asked)
    if len(found) > MOST_GROUPS:
        raise invalid([("group_by", f"makes more than {MOST_GROUPS} groups of these days")])
    return found


def _written(asked: Slice, items: Sequence[BaseModel], written: str) -> Response:
    if written == "csv":
        rows = [item.model_dump(mode="json", exclude_unset=True) for item in items]
        return Response(sheet(rows), media_type=CSV)
    stats = Stats[Any](from_=asked.first, to=asked.last, group_by=list(asked.by), items=list(items))
    return Response(
        stats.model_dump_json(by_alias=True, exclude_unset=True), media_type="application/json"
    )
