"""Whose a unit is, and what was paid back for it before: claims and unit credits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from domain.amounts import Credit, Line, Piece, credited, split_at
from domain.units import Span
from store.tables import Case, Claim, OrderLine, UnitCredit


def to_line(row: OrderLine) -> Line:
    return Line(row.line, row.quantity, row.paid, row.tax)


def to_span(units: Range[int]) -> Span:
    """PostgreSQL's half-open [first, last + 1) as the units it means."""
    assert units.lower is not None  # a CHECK refuses open ranges
    assert units.upper is not None
    return Span(units.lower, units.upper - 1)


def to_range(span: Span) -> Range[int]:
    return Range(span.first, span.last + 1)


def claims_on(session: Session, lines: Iterable[int]) -> dict[int, list[Claim]]:
    """The claims that hold units now, live or settled, by order line."""
    held: dict[int, list[Claim]] = {}
    found = select(Claim).where(Claim.order_line_id.in_(list(lines)), Claim.released_at.is_(None))
    for claim in session.scalars(found):
        held.setdefault(claim.order_line_id, []).append(claim)
    return held


def credits_on(session: Session, lines: Iterable[int]) -> dict[int, list[Credit]]:
    """What was paid back for free units, by order line."""
    credits: dict[int, list[Credit]] = {}
    for row in session.scalars(select(UnitCredit).where(UnitCredit.order_line_id.in_(list(lines)))):
        credit = Credit(to_span(row.units), row.paid, row.tax)
        credits.setdefault(row.order_line_id, []).append(credit)
    return credits


def claim(
    session: Session, case: Case, owned: Sequence[tuple[int, Sequence[Piece]]], now: datetime
) -> None:
    """Give the case these pieces, by order line id. The exclusion constraint has the last word."""
    position = 0
    for order_line_id, pieces in owned:
        _part_credits(session, case.storefront, order_line_id, pieces)
        for piece in pieces:
            session.add(
                Claim(
                    storefront=case.storefront,
                    case_id=case.case_id,
                    order_line_id=order_line_id,
                    position=position,
                    units=to_range(piece.units),
                )
            )
            position += 1
    session.flush()


def _part_credits(
    session: Session, storefront: str, order_line_id: int, pieces: Sequence[Piece]
) -> None:
    """Store the parting of every credit that reaches over the edge of what is claimed.

    Kept for good, also if the case is cancelled: parting in two goes may round otherwise than in
    one, and the sum over all parts has to stay.
    """
    spans = [piece.units for piece in pieces]
    for row in session.scalars(select(UnitCredit).where(UnitCredit.order_line_id == order_line_id)):
        whole = Credit(to_span(row.units), row.paid, row.tax)
        parts = split_at(pieces[0].line, [whole], spans)
        if len(parts) > 1:
            session.delete(row)
            session.flush()
            for part in parts:
                _store(session, storefront, order_line_id, part)


def _store(session: Session, storefront: str, order_line_id: int, credit: Credit) -> None:
    if credit.paid or credit.tax:
        session.add(
            UnitCredit(
                storefront=storefront,
                order_line_id=order_line_id,
                units=to_range(credit.units),
                paid=credit.paid,
                tax=credit.tax,
            )
        )


def owned_by(session: Session, case_id: UUID) -> list[tuple[Claim, Piece]]:
    """The claims of a case in its order, each with the piece that it is worth."""
    rows = session.execute(
        select(Claim, OrderLine)
        .join(OrderLine, OrderLine.id == Claim.order_line_id)
        .where(Claim.case_id == case_id)
        .order_by(Claim.position)
    ).all()
    credits = credits_on(session, {line.id for _, line in rows})
    return [
        (claim, Piece(to_line(line), span, _exactly(credits.get(line.id, []), span)))
        for claim, line in rows
        for span in [to_span(claim.units)]
    ]


def keep(session: Session, case_id: UUID, wanted: Mapping[int, int]) -> None:
    """So many units of each order line, by its id, stay with the shop: the lowest that the case
    owns.

    A claim that reaches over the edge is parted there, and the credit that it was priced with.
    """
    left = dict(wanted)
    for claim, piece in owned_by(session, case_id):
        most = left.get(claim.order_line_id, 0)
        if claim.released_at or most == 0:
            continue
        if most < piece.units.size:
            _part(session, claim, piece, piece.units.first + most)
        claim.kept = True
        left[claim.order_line_id] = max(0, most - piece.units.size)
    session.flush()


def _part(session: Session, claim: Claim, piece: Piece, at: int) -> None:
    """Part a claim before unit `at`; the later units become a claim of their own, at the end."""
    first, second = Span(piece.units.first, at - 1), Span(at, piece.units.last)
    _part_credits(session, claim.storefront, claim.order_line_id, [replace(piece, units=first)])
    last = session.scalars(
        select(func.max(Claim.position)).where(Claim.case_id == claim.case_id)
    ).one()
    claim.units = to_range(first)
    session.flush()
    session.add(
        Claim(
            storefront=claim.storefront,
            case_id=claim.case_id,
            order_line_id=claim.order_line_id,
            position=(last or 0) + 1,
            units=to_range(second),
        )
    )
    session.flush()


def _exactly(credits: Iterable[Credit], units: Span) -> Credit | None:
    return next((credit for credit in credits if credit.units == units), None)


def settle(claims: Iterable[Claim], now: datetime) -> None:
    """These units were paid for in full: nobody claims them again."""
    for claim in claims:
        claim.settled_at = now


def release(session: Session, owned: Iterable[tuple[Claim, Piece]], now: datetime) -> None:
    """Set units free, with what was paid for them on record for whoever claims them next."""
    for claim, piece in owned:
        claim.released_at = now
        if claim.paid == 0:
            continue
        credit = credited(piece, claim.paid)
        row = session.scalars(
            select(UnitCredit).where(
                UnitCredit.order_line_id == claim.order_line_id, UnitCredit.units == claim.units
            )
        ).one_or_none()
        if row:
            row.paid, row.tax = credit.paid, credit.tax
        else:
            _store(session, claim.storefront, claim.order_line_id, credit)
    session.flush()


def reclaim(session: Session, case_id: UUID) -> None:
    """Take a closed case's units back where nobody else holds them, as if it had not closed."""
    for claim in session.scalars(select(Claim).where(Claim.case_id == case_id)):
        if claim.settled_at:
            claim.settled_at = None
        elif claim.released_at and not _held(session, claim) and _withdraw(session, claim):
            claim.released_at = None
    session.flush()


def _held(session: Session, claim: Claim) -> bool:
    others = select(Claim.id).where(
        Claim.order_line_id == claim.order_line_id,
        Claim.released_at.is_(None),
        Claim.units.op("&&")(claim.units),
    )
    return session.scalars(others.limit(1)).first() is not None


def _withdraw(session: Session, claim: Claim) -> bool:
    """Take back the credit that a closed claim left; False if credits have been parted since."""
    touching = select(UnitCredit).where(
        UnitCredit.order_line_id == claim.order_line_id, UnitCredit.units.op("&&")(claim.units)
    )
    rows = session.scalars(touching).all()
    if any(row.units != claim.units for row in rows):
        return False
    if claim.paid == 0:
        return True
    (row,) = rows
    row.paid, row.tax = row.paid - claim.paid, row.tax - claim.tax
    if row.paid == row.tax == 0:
        session.delete(row)
    return True
