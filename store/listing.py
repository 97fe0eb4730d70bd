"""Which cases match, newest first? Pages that stay exact while new cases are opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from domain.cases import Attention, Kind, Stage, WaitingFor
from domain.effects import EffectDoubt
from store.attention import needs_attention
from store.tables import Case


class Position(NamedTuple):
    """Where a case stands in the list."""

    opened_at: datetime
    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a case has to be to be listed; None does not matter. `q` begins a case's, order's or
    customer's id.
    """

    storefront: str | None = None
    stage: Stage | None = None
    kind: Kind | None = None
    order_id: str | None = None
    customer_id: str | None = None
    waiting_for: WaitingFor | None = None
    attention: Attention | EffectDoubt | None = None
    overdue: bool | None = None
    q: str | None = None


def list_cases(
    session: Session, filters: Filters, after: Position | None, limit: int, now: datetime
) -> tuple[list[Case], Position | None]:
    """Up to `limit` cases after a position, and the position to go on from if there are more."""
    found = select(Case).where(*_conditions(filters, now))
    if after is not None:
        found = found.where(tuple_(Case.opened_at, Case.case_id) < after)
    newest = found.order_by(Case.opened_at.desc(), Case.case_id.desc()).limit(limit + 1)
    cases = list(session.scalars(newest))
    if len(cases) <= limit:
        return cases, None
    last = cases[limit - 1]
    return cases[:limit], Position(last.opened_at, last.case_id)


def _conditions(filters: Filters, now: datetime) -> Iterator[ColumnElement[bool]]:
    for name in ("storefront", "stage", "kind", "order_id", "customer_id", "waiting_for"):
        wanted = getattr(filters, name)
        if wanted is not None:
            yield getattr(Case, name) == wanted
    if filters.attention is not None:
        yield needs_attention(filters.attention, now)
    if filters.overdue is not None:
        overdue = and_(Case.due_at.is_not(None), Case.due_at <= now)
        yield overdue if filters.overdue else not_(overdue)
    if filters.q is not None:
        yield or_(
            cast(Case.case_id, Text).startswith(filters.q.lower(), autoescape=True),
            Case.order_id.startswith(filters.q, autoescape=True),
            Case.customer_id.startswith(filters.q, autoescape=True),
        )
