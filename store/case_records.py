"""What is there to show of a case? The whole of it, for one case or a page, in as many queries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases import GOODS
from domain.refusals import Refusal, Why
from domain.units import Span, merged
from store.goods.goods_records import GoodsRecord, goods_of
from store.submissions import origins
from store.tables import Case, CaseEvent, CaseLine, Claim, Decision, Payment, Payout
from store.units import to_span


@dataclass(frozen=True)
class CaseRecord:
    """A case with its lines and the units each took, its payouts and the payments they are from,
    and its decisions, each in its order.
    """

    case: Case
    lines: list[tuple[CaseLine, list[Span]]]
    payouts: list[tuple[Payout, str]]
    decisions: list[Decision]
    goods: GoodsRecord | None
    """None where nothing travels."""
    feedback_id: UUID | None
    """The feedback that it was made from, if it was."""


def find(session: Session, case_id: UUID, storefront: str | None) -> Case:
    """The case, if it is one of `storefront`'s (None: of any). Raises Refusal(case-not-found)."""
    case = session.get(Case, case_id)
    if case is None or storefront not in (None, case.storefront):
        raise Refusal(Why.CASE_NOT_FOUND)
    return case


def record_of(session: Session, case: Case) -> CaseRecord:
    return records_of(session, [case])[0]


def records_of(session: Session, cases: Sequence[Case]) -> list[CaseRecord]:
    """The same for many cases: always five queries, and ten more if something travels."""
    ids = [case.case_id for case in cases]
    lines = _lines(session, ids)
    payouts: defaultdict[UUID, list[tuple[Payout, str]]] = defaultdict(list)
    paid_from = (
        select(Payout, Payment.payment)
        .join(Payment, Payment.id == Payout.payment_id)
        .where(Payout.case_id.in_(ids))
        .order_by(Payout.n)
    )
    for payout, payment in session.execute(paid_from):
        payouts[payout.case_id].append((payout, payment))
    decisions: defaultdict[UUID, list[Decision]] = defaultdict(list)
    made = select(Decision).where(Decision.case_id.in_(ids)).order_by(Decision.slot)
    for decision in session.scalars(made):
        decisions[decision.case_id].append(decision)
    made_from = origins.of_cases(session, ids)
    goods = goods_of(session, [case.case_id for case in cases if case.kind in GOODS])
    return [
        CaseRecord(
            case,
            lines[case.case_id],
            payouts[case.case_id],
            decisions[case.case_id],
            goods[case.case_id] if case.kind in GOODS else None,
            made_from.get(case.case_id),
        )
        for case in cases
    ]


def _lines(
    session: Session, ids: Sequence[UUID]
) -> defaultdict[UUID, list[tuple[CaseLine, list[Span]]]]:
    units: defaultdict[tuple[UUID, int], list[Span]] = defaultdict(list)
    for claim in session.scalars(select(Claim).where(Claim.case_id.in_(ids))):
        units[claim.case_id, claim.order_line_id].append(to_span(claim.units))
    lines: defaultdict[UUID, list[tuple[CaseLine, list[Span]]]] = defaultdict(list)
    asked = select(CaseLine).where(CaseLine.case_id.in_(ids)).order_by(CaseLine.position)
    for line in session.scalars(asked):
        lines[line.case_id].append((line, merged(units[line.case_id, line.order_line_id])))
    return lines


def events_of(
    session: Session, case: Case, *, after: int = 0, limit: int | None = None
) -> list[CaseEvent]:
    """What happened to the case, oldest first: all of it, or so many events after a `seq`."""
    later = select(CaseEvent).where(CaseEvent.case_id == case.case_id, CaseEvent.seq > after)
    return list(session.scalars(later.order_by(CaseEvent.seq).limit(limit)))
