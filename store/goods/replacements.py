"""What goes to the buyer of an exchange instead of what comes in."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases import Kind
from domain.exchanges import price_of
from domain.goods_messages import Remedy
from domain.messages import Condition
from domain.units import Span
from store import verdicts
from store.tables import Case, CaseReplacement, Inspection, InspectionLine


@dataclass(frozen=True)
class Replacement:
    """So many units of an article, for a line of the case; `price` is of all of them."""

    line: int
    sku: str
    quantity: int
    price: int
    condition: Condition


def asked_for(session: Session, case_id: UUID) -> list[CaseReplacement]:
    """What the buyer has asked for, by line."""
    of_case = select(CaseReplacement).where(CaseReplacement.case_id == case_id)
    return list(session.scalars(of_case.order_by(CaseReplacement.line)))


def to_give(session: Session, case: Case) -> list[Replacement]:
    """What the buyer gets: for every unit asked for, once they are counted for every accepted one.
    Nothing if the case was rejected or has come to something else. What is broken for good may be
    swapped.
    """
    swapped = case.kind == Kind.REPAIR and case.remedy == Remedy.SWAP
    if not swapped and (case.kind != Kind.EXCHANGE or case.remedy):
        return []
    if verdicts.refused(session, case.case_id):
        return []
    asked = asked_for(session, case.case_id)
    counted = session.get(Inspection, case.case_id) is not None
    of_case = select(InspectionLine).where(InspectionLine.case_id == case.case_id)
    accepted = {line.line: line.accepted for line in session.scalars(of_case)}
    given = [(row, accepted.get(row.line, 0) if counted else row.quantity) for row in asked]
    return [
        Replacement(
            row.line,
            row.sku,
            n,
            price_of(row.price, row.quantity, Span(1, n)),
            Condition(row.condition),
        )
        for row, n in given
        if n
    ]
