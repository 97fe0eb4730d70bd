"""How are a product's figures kept true while reviews come, change and go, and how are they read?

Every published score is counted in the transaction that publishes it, by arithmetic inside one
statement a row: two writers of one product wait for each other, and neither reads what the other
is about to change. Locks are taken in one order, the day's row and then the total's, after those
of the order and the review, so they never wait in a circle.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Date, Row, Select, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.feedback_messages import Category
from domain.ratings import SCORES, Tally, change
from store.statistics import Group, Slice
from store.tables import Feedback, RatingDay, RatingTotal, SatisfactionDay, Submission

Days = RatingDay | SatisfactionDay

OF_REVIEW = ("storefront", "sku", "day")
OF_FEEDBACK = ("storefront", "category", "day")

CORE = {"synchronize_session": False}
"""Nobody holds these rows as objects."""


def count(
    session: Session,
    *,
    storefront: str,
    sku: str,
    day: date,
    was: int | None,
    now_is: int | None,
    had_case: bool,
) -> None:
    """The published stars of a review were `was` and are `now_is`; None is not published.

    `day` is the UTC day on which it was first published. Neither it nor `had_case` may change
    while the review counts. Raises RuntimeError or IntegrityError if `was` was never counted.
    """
    difference = change(was, now_is, had_case=had_case)
    product = {"storefront": storefront, "sku": sku}
    _apply(session, RatingDay, product | {"day": day}, difference)
    _apply(session, RatingTotal, product, difference)


def count_satisfaction(session: Session, *, storefront: str, day: date, score: int) -> None:
    """A buyer said on this UTC day how content they are. Nobody takes that back."""
    _apply(session, SatisfactionDay, {"storefront": storefront, "day": day}, change(None, score))


def read(session: Session, storefront: str, sku: str) -> Tally:
    """Of all published reviews of a product: one row, however many there are."""
    found = select(*_sums(RatingTotal)).filter_by(storefront=storefront, sku=sku)
    row = session.execute(found).one_or_none()
    return _tally(row) if row else Tally()


def of_reviews(session: Session, asked: Slice) -> list[tuple[Group, Tally]]:
    """Reviews that were first published on the days asked for, by `sku`, `storefront`, `day`."""
    return _grouped(session, RatingDay, asked)


def of_feedback(session: Session, asked: Slice) -> list[tuple[Group, int, Tally]]:
    """How much feedback came in on the days asked for, scores included, and what the scores among
    it add up to, by `storefront`, `category`, `day`. Scores have a category of their own.
    """
    of_scores = replace(asked, by=tuple(name for name in asked.by if name != "category"))
    scored = {
        tuple(group.values()): tally
        for group, tally in _grouped(session, SatisfactionDay, of_scores)
    }
    found = list[tuple[Group, int, Tally]]()
    for row in session.execute(_received(asked)):
        group = {name: getattr(row, name) for name in asked.by}
        score = group.get("category", Category.SATISFACTION) == Category.SATISFACTION
        key = tuple(group[name] for name in of_scores.by)
        found.append((group, row.received, scored.get(key, Tally()) if score else Tally()))
    return found


def _received(asked: Slice) -> Select[Any]:
    of = {
        "storefront": Submission.storefront,
        "category": Feedback.category,
        "day": cast(func.timezone("UTC", Submission.opened_at), Date),
    }
    by: list[Any] = [of[name].label(name) for name in asked.by]
    received = (
        select(*by, func.count().label("received"))
        .join_from(Feedback, Submission, Submission.submission_id == Feedback.submission_id)
        .where(Submission.opened_at >= asked.since, Submission.opened_at < asked.until)
    )
    if asked.storefront is not None:
        received = received.where(Submission.storefront == asked.storefront)
    grouped = received.group_by(*(of[name] for name in asked.by)).having(func.count() > 0)
    return grouped.order_by(*by).limit(asked.most)


def _grouped(session: Session, table: type[Days], asked: Slice) -> list[tuple[Group, Tally]]:
    by = [getattr(table, name) for name in asked.by]
    sums = [func.sum(column).label(column.key) for column in _sums(table)]
    found = select(*by, *sums).where(table.day.between(asked.first, asked.last))
    if asked.storefront is not None:
        found = found.where(table.storefront == asked.storefront)
    found = found.group_by(*by).having(func.sum(table.n) > 0).order_by(*by).limit(asked.most)
    rows = session.execute(found).all()
    return [({name: getattr(row, name) for name in asked.by}, _tally(row)) for row in rows]


def _apply(
    session: Session, table: type[Days | RatingTotal], key: dict[str, Any], difference: Tally
) -> None:
    """Add a difference, some of whose counts may be negative, to the row of this key."""
    if difference == Tally():
        return
    amounts = _amounts(difference)
    columns = {column.key: column for column in _sums(table)}
    risen = {name: column + amounts[name] for name, column in columns.items()}
    if difference.n > 0:  # what is counted first has no row yet
        first = {name: amounts[name] for name in columns}
        added = insert(table).values(**key, **first)
        session.execute(added.on_conflict_do_update(index_elements=list(key), set_=risen))
        return
    changed = update(table).filter_by(**key).values(risen).returning(table.n)
    if session.execute(changed, execution_options=CORE).one_or_none() is None:
        raise RuntimeError(f"{table.__tablename__} has never counted what is to be taken away")


def _sums(table: type[Days | RatingTotal]) -> list[InstrumentedAttribute[int]]:
    """The columns that hold a tally. Satisfaction has no count of cases: each is about one."""
    return [getattr(table, name) for name in _amounts(Tally()) if hasattr(table, name)]


def _amounts(tally: Tally) -> dict[str, int]:
    scores = {f"h{score}": tally.histogram[score - 1] for score in SCORES}
    sums = {"n": tally.n, "total": tally.total, "squares": tally.squares}
    return sums | scores | {"with_case": tally.with_case}


def _tally(row: Row[*tuple[Any, ...]]) -> Tally:
    found = {name: int(value) for name, value in row._mapping.items() if name in _amounts(Tally())}
    histogram = tuple(found[f"h{score}"] for score in SCORES)
    return Tally(found["n"], found["total"], found["squares"], histogram, found.get("with_case", 0))
