"""Which text is advised on next, and what was said of it? Only `advice` is ever written here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.advice import Advice, Subject
from domain.cases import AUDITS
from domain.submissions import SUBMISSION_AUDITS, SubmissionStage
from store.tables import AdviceGiven, Case, Review, Submission

ATTEMPTS = 3
AGAIN = timedelta(minutes=10)
"""A text over which the models fail, or die, is tried again so often and no sooner. Until then it
is the worker's own that took it.
"""

AS_OPENED = 1
"""The version of what a case says: it is never written anew."""

ADVICE = TypeAdapter(Advice)


@dataclass(frozen=True)
class Taken:
    """A text that one worker was given to have advised on."""

    kind: Subject
    id: UUID
    version: int


@dataclass(frozen=True)
class Given:
    """Advice as it stands in the books."""

    said: Advice
    computed_at: datetime
    models: dict[str, str]


def take(session: Session, now: datetime) -> Taken | None:
    """The text of a case or review under audit that lacks advice, the one due soonest; None if
    there is none. It is nobody else's for `AGAIN`.
    """
    waiting = union_all(_cases(), _reviews()).subquery("waiting")
    again = and_(
        AdviceGiven.computed_at.is_(None),
        AdviceGiven.attempts < ATTEMPTS,
        AdviceGiven.asked_at <= now - AGAIN,
    )
    lacking = (
        select(*waiting.c, literal(1), literal(now))
        .outerjoin(
            AdviceGiven,
            and_(
                AdviceGiven.subject_kind == waiting.c.subject_kind,
                AdviceGiven.subject_id == waiting.c.subject_id,
                AdviceGiven.version == waiting.c.version,
            ),
        )
        .where(or_(AdviceGiven.subject_id.is_(None), again))
    )
    first = lacking.order_by(waiting.c.due_at).limit(1).subquery("first")
    asked = insert(AdviceGiven).from_select(
        ["subject_kind", "subject_id", "version", "storefront", "attempts", "asked_at"],
        select(*(column for column in first.c if column.name != "due_at")),
    )
    taken = session.execute(
        asked.on_conflict_do_update(
            index_elements=["subject_kind", "subject_id", "version"],
            set_={"attempts": AdviceGiven.attempts + 1, "asked_at": now},
            where=again,
        ).returning(AdviceGiven.subject_kind, AdviceGiven.subject_id, AdviceGiven.version)
    ).one_or_none()
    return Taken(Subject(taken[0]), taken[1], taken[2]) if taken else None


def keep(
    session: Session, taken: Taken, said: Advice, models: dict[str, str], now: datetime
) -> None:
    """Write down what was said. What was said first stays."""
    session.execute(
        update(AdviceGiven)
        .where(*_of(taken.kind, taken.id, taken.version), AdviceGiven.computed_at.is_(None))
        .values(said=ADVICE.dump_python(said, mode="json"), models=models, computed_at=now)
    )


def given(session: Session, kind: Subject, subject_id: UUID, version: int) -> Given | None:
    """What was said of this version of the text, if anything was."""
    row = session.scalars(select(AdviceGiven).where(*_of(kind, subject_id, version))).one_or_none()
    if row is None or row.computed_at is None:
        return None
    return Given(ADVICE.validate_python(row.said), row.computed_at, row.models or {})


def _of(kind: Subject, subject_id: UUID, version: int) -> tuple[ColumnElement[bool], ...]:
    return (
        AdviceGiven.subject_kind == kind,
        AdviceGiven.subject_id == subject_id,
        AdviceGiven.version == version,
    )


def _cases() -> Select[str, UUID, int, str, datetime | None]:
    return select(
        literal(Subject.CASE.value).label("subject_kind"),
        Case.case_id.label("subject_id"),
        literal(AS_OPENED).label("version"),
        Case.storefront,
        Case.due_at,
    ).where(
        Case.closed_at.is_(None),
        Case.stage.in_(AUDITS),
        or_(Case.note != "", func.cardinality(Case.evidence) > 0),
    )


def _reviews() -> Select[str, UUID, int, str, datetime | None]:
    return (
        select(
            literal(Subject.REVIEW.value),
            Review.submission_id,
            Review.versions,
            Submission.storefront,
            Submission.due_at,
        )
        .join(Submission, Submission.submission_id == Review.submission_id)
        .where(
            Submission.closed_at.is_(None),
            Submission.stage.in_(SUBMISSION_AUDITS | {SubmissionStage.ON_HOLD}),
        )
    )
