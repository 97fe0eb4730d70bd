"""What is a text under audit compared with? The newest of what its storefront's buyers wrote."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from domain.advice import Question, SamePhoto, Subject, Written
from store import uploads
from store.advice import Taken
from store.tables import Case, CaseLine, OrderLine, Review, ReviewVersion, Submission

WINDOW = 1_000
"""Cases, and reviews, that are looked through, newest first. It bounds the work, whatever the size
of the shop; copies come in days, not years.
"""

OF_THE_SAME_GOODS = 200
"""Earlier ones of the same goods whose meaning is compared: some milliseconds each."""

LETTERS = 1_000
"""Of each of them so many are read."""


class _Asked(NamedTuple):
    """The text that is asked about, who wrote it, when, and about which goods."""

    storefront: str
    customer_id: str
    at: datetime
    text: str
    stars: int | None
    skus: list[str]


def question(session: Session, taken: Taken) -> Question:
    """The text with what it is compared with: in the same few queries whatever there is."""
    asked = _case(session, taken.id) if taken.kind is Subject.CASE else _review(session, taken)
    rows = [
        row
        for row in (*_cases(session, asked), *_reviews(session, asked))
        if row.written.id != taken.id
    ]
    return Question(
        text=asked.text,
        stars=asked.stars,
        by_others=[row.written for row in rows if row.customer_id != asked.customer_id],
        earlier=[row.written for row in rows if row.same_goods][:OF_THE_SAME_GOODS],
    )


def same_photos(session: Session, taken: Taken) -> list[SamePhoto]:
    """Photos of the subject that other cases and reviews show as well, the most alike first."""
    return [
        SamePhoto(seen.of, Subject(seen.kind.value), seen.subject_id, seen.distance)
        for seen in uploads.lookalikes(session, taken.id)
        if seen.kind.value in set(Subject)
    ]


def _case(session: Session, case_id: UUID) -> _Asked:
    case = session.get_one(Case, case_id)
    skus = (
        select(OrderLine.sku)
        .join(CaseLine, CaseLine.order_line_id == OrderLine.id)
        .where(CaseLine.case_id == case_id)
    )
    return _Asked(
        case.storefront,
        case.customer_id,
        case.opened_at,
        case.note,
        None,
        list(session.scalars(skus)),
    )


def _review(session: Session, taken: Taken) -> _Asked:
    review = session.get_one(Review, taken.id)
    version = session.get_one(ReviewVersion, (taken.id, taken.version))
    author = session.get_one(Submission, taken.id).customer_id
    return _Asked(
        review.storefront, author, version.at, version.content, version.stars, [review.sku]
    )


class _Row(NamedTuple):
    written: Written
    customer_id: str
    same_goods: bool


def _cases(session: Session, asked: _Asked) -> Iterator[_Row]:
    newest = (
        select(Case.case_id, Case.customer_id, Case.note, Case.opened_at)
        .where(Case.storefront == asked.storefront, Case.opened_at <= asked.at)
        .order_by(Case.opened_at.desc(), Case.case_id.desc())
        .limit(WINDOW)
        .subquery()
    )
    same_goods = exists().where(
        CaseLine.case_id == newest.c.case_id,
        CaseLine.order_line_id == OrderLine.id,
        OrderLine.sku.in_(asked.skus),
    )
    written = (
        select(
            newest.c.case_id,
            func.left(newest.c.note, LETTERS),
            newest.c.customer_id,
            same_goods,
        )
        .where(newest.c.note != "")
        .order_by(newest.c.opened_at.desc())
    )
    for case_id, note, customer_id, same in session.execute(written):
        yield _Row(Written(Subject.CASE, case_id, note), customer_id, same)


def _reviews(session: Session, asked: _Asked) -> Iterator[_Row]:
    newest = (
        select(Submission.submission_id, Submission.customer_id, Submission.opened_at)
        .where(
            Submission.storefront == asked.storefront,
            Submission.kind == Subject.REVIEW,
            Submission.opened_at <= asked.at,
        )
        .order_by(Submission.opened_at.desc(), Submission.submission_id.desc())
        .limit(WINDOW)
        .subquery()
    )
    written = (
        select(
            newest.c.submission_id,
            func.left(ReviewVersion.content, LETTERS),
            newest.c.customer_id,
            Review.sku.in_(asked.skus),
        )
        .join(Review, Review.submission_id == newest.c.submission_id)
        .join(
            ReviewVersion,
            (ReviewVersion.submission_id == Review.submission_id)
            & (ReviewVersion.n == Review.versions),
        )
        .order_by(newest.c.opened_at.desc())
    )
    for review_id, content, customer_id, same in session.execute(written):
        yield _Row(Written(Subject.REVIEW, review_id, content), customer_id, same)
