"""What can be learned from many cases: how often, how much, how fast, and who decided?

Each is one statement over the cases that were opened, or the decisions that were made, on some
days. Days are UTC, and both the first and the last belong to them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from domain.cases import AUDITS

Group = dict[str, Any]
"""What a group has in common, by name: the day as a date, else an id; None where there is none."""


@dataclass(frozen=True)
class Slice:
    """What is asked for: which days, whose (None: everybody's), and by what it is grouped."""

    first: date
    last: date
    storefront: str | None
    by: tuple[str, ...]
    most: int
    """How many groups are read at most."""

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    @property
    def until(self) -> datetime:
        """The moment at which the last day is over."""
        return datetime.combine(self.last + timedelta(days=1), time(), UTC)


@dataclass(frozen=True)
class Hours:
    """How long decisions took: half of them at most `median`, nine in ten at most `p90`."""

    median: float | None
    p90: float | None


@dataclass(frozen=True)
class CaseFigures:
    cases: int
    units_sold: int
    units_returned: int
    """That the warehouse or a technician had in their hands, of cases that were not rejected."""
    paid: dict[str, int]
    """Minor units by currency; of different currencies there is no sum."""
    decided: int
    approved: int
    late: int
    """Whose deadline was over before they were decided, or is over now."""
    hours: Hours


@dataclass(frozen=True)
class AuditorFigures:
    decisions: int
    approved: int
    late: int
    hours: Hours


def _day(column: str) -> str:
    return f"cast({column} at time zone 'UTC' as date)"


OF_CASE = {
    "storefront": "c.storefront",
    "kind": "c.kind",
    "reason": "c.reason",
    "day": _day("c.opened_at"),
    "sku": "l.sku",
    "supplier": "coalesce(l.supplier, '')",
}
"""What cases are grouped by. Inside a statement no supplier is '', as null would join nothing."""

OF_SALE = {
    "storefront": "o.storefront",
    "day": _day("o.ordered_at"),
    "sku": OF_CASE["sku"],
    "supplier": OF_CASE["supplier"],
}
"""What sales can be told apart by: nobody buys a reason."""

RETURNED = """
    case when c.received_at is null or (
            select d.verdict from decisions d
            where d.case_id = c.case_id order by d.slot desc limit 1) = 'reject' then 0
         when n.case_id is null then k.quantity
         else least(k.quantity, coalesce(i.received, 0)) end
"""
"""Units of a line of a case that came in: as counted, or all of them where a technician had them.
What was rejected was no reason to return anything, whether the goods were here or not.
"""

OF_LINE = frozenset({"sku", "supplier"})

OF_DECISION = {
    "auditor": "m.actor",
    "storefront": "m.storefront",
    "kind": "m.kind",
    "day": _day("m.at"),
}
"""What decisions are grouped by: kinds are those of cases, `review` and `feedback`."""

_AUDITS = ", ".join(f"'{stage}'" for stage in sorted(AUDITS))
_HOURS = """
    percentile_cont(0.5) within group (order by hours) median,
    percentile_cont(0.9) within group (order by hours) p90
"""


def of_cases(session: Session, asked: Slice, now: datetime) -> list[tuple[Group, CaseFigures]]:
    """The cases that were opened on the days asked for, by what `OF_CASE` names.

    A case is of every SKU and supplier in it; by these, what it paid is what it paid for their
    units once it was closed, without shipping. Units sold are those of orders placed on the same
    days, by as much of the grouping as sales have. Units returned are those of these cases that
    came in, at most as many as were asked for. A case is decided when it first leaves the audits,
    unless it was taken back; what the policy approves does so at once.
    """
    rows = session.execute(text(_cases(asked.by)), _values(asked) | {"now": now})
    return [
        (
            _group(row, asked),
            CaseFigures(
                row.cases,
                row.units_sold,
                row.units_returned,
                row.paid,
                row.decided,
                row.approved,
                row.late,
                _hours(row),
            ),
        )
        for row in rows
    ]


def of_auditors(session: Session, asked: Slice) -> list[tuple[Group, AuditorFigures]]:
    """The decisions that people made on the days asked for, by what `OF_DECISION` names: on cases,
    reviews and feedback.

    A decision's hours begin, and its deadline was missed, from when its subject came to wait for
    it: a second auditor does not answer for the first.
    """
    rows = session.execute(text(_decisions(asked.by)), _values(asked))
    return [
        (
            _group(row, asked),
            AuditorFigures(row.decisions, row.approved, row.late, _hours(row)),
        )
        for row in rows
    ]


def _cases(by: tuple[str, ...]) -> str:
    of_lines = bool(OF_LINE & set(by))
    sold_line = "join order_lines l on l.id = k.order_line_id"
    of_line = """sum((
        select sum(q.paid) from claims q
        where q.case_id = c.case_id and q.order_line_id = k.order_line_id))"""
    sales = [name for name in by if name in OF_SALE]
    return f"""
        with member as (
            select {_listed(_named(by, OF_CASE), "c.case_id")},
                   {of_line if of_lines else "min(c.paid)"} paid,
                   sum({RETURNED}) returned
            from cases c join case_lines k using (case_id)
            left join inspections n using (case_id)
            left join inspection_lines i on i.case_id = n.case_id and i.line = k.line
            {sold_line if of_lines else ""}
            where c.opened_at >= :since and c.opened_at < :until
              and (cast(:storefront as text) is null or c.storefront = :storefront)
            group by {_listed((OF_CASE[name] for name in by), "c.case_id")}
        ), judged as (
            select m.*, c.currency, j.approved,
                   extract(epoch from j.at - c.opened_at)::float / 3600 hours,
                   (c.stage in ({_AUDITS}) and c.due_at <= :now) or exists (
                        select from case_events e
                        where e.case_id = c.case_id and e.what = 'escalated'
                          and e.from_stage in ({_AUDITS})) late
            from member m join cases c using (case_id)
            left join lateral (
                select e.at, e.to_stage <> 'rejected' approved from case_events e
                where e.case_id = c.case_id and e.from_stage in ({_AUDITS})
                  and e.to_stage not in ({_AUDITS}, 'cancelled')
                order by e.seq limit 1) j on true
        ), figures as (
            select {_listed(by, "count(*) cases")},
                   cast(sum(returned) as bigint) units_returned,
                   count(approved) decided,
                   count(*) filter (where approved) approved,
                   count(*) filter (where late) late, {_HOURS}
            from judged group by {_listed(by) or "()"} having count(*) > 0
        ), money as (
            select {_listed(by, "jsonb_object_agg(currency, paid) paid")}
            from (select {_listed(by, "currency")}, sum(paid) paid
                  from judged group by {_listed(by, "currency")} having sum(paid) > 0) p
            group by {_listed(by) or "()"}
        ), sold as (
            select {_listed(_named(sales, OF_SALE), "sum(l.quantity) units")}
            from orders o join order_lines l using (storefront, order_id)
            where o.ordered_at >= :since and o.ordered_at < :until
              and (cast(:storefront as text) is null or storefront = :storefront)
            group by {_listed(OF_SALE[name] for name in sales) or "()"}
        )
        select figures.*, coalesce(money.paid, '{{}}') paid,
               cast(coalesce(sold.units, 0) as bigint) units_sold
        from figures left join money {_using(by)} left join sold {_using(sales)}
        {_ordered(by)} limit :most
    """  # noqa: S608 - our own names and enum


def _decisions(by: tuple[str, ...]) -> str:
    return f"""
        with made as (
            {_made("decisions", "case_events", "cases", "case_id")}
            union all
            {_made("submission_decisions", "submission_events", "submissions", "submission_id")}
        )
        select {_listed(_named(by, OF_DECISION), "count(*) decisions")},
               count(*) filter (where verdict = 'approve') approved,
               count(*) filter (where late) late, {_HOURS}
        from made m group by {_listed(OF_DECISION[name] for name in by) or "()"}
        having count(*) > 0 {_ordered(by)} limit :most
    """  # noqa: S608 - our own names


def _made(decisions: str, events: str, subjects: str, key: str) -> str:
    """The decisions of these tables, each with the hours since its subject came to wait for it."""
    return f"""
        select d.storefront, d.actor, d.at, d.verdict, s.kind,
               extract(epoch from d.at - w.at)::float / 3600 hours,
               exists (
                    select from {events} e
                    where e.{key} = d.{key} and e.seq > w.seq and e.seq < v.seq
                      and e.what = 'escalated') late
        from {decisions} d
        join {subjects} s using ({key})
        join {events} v on v.{key} = d.{key} and v.message_id = d.decision_id
        cross join lateral (
            select e.seq, e.at from {events} e
            where e.{key} = d.{key} and e.seq < v.seq and e.to_stage = v.from_stage
              and e.from_stage is distinct from e.to_stage
            order by e.seq desc limit 1) w
        where d.actor_role <> 'policy' and d.at >= :since and d.at < :until
          and (cast(:storefront as text) is null or d.storefront = :storefront)
    """  # noqa: S608 - our own names


def _named(by: Iterable[str], columns: Mapping[str, str]) -> list[str]:
    return [f"{columns[name]} as {name}" for name in by]


def _listed(columns: Iterable[str], *more: str) -> str:
    return ", ".join((*columns, *more))


def _using(by: Collection[str]) -> str:
    return f"using ({_listed(by)})" if by else "on true"


def _ordered(by: Collection[str]) -> str:
    return f"order by {_listed(by)}" if by else ""


def _values(asked: Slice) -> dict[str, object]:
    return {
        "since": asked.since,
        "until": asked.until,
        "storefront": asked.storefront,
        "most": asked.most,
    }


def _group(row: Row[Any], asked: Slice) -> Group:
    return {name: getattr(row, name) or None for name in asked.by}


def _hours(row: Row[Any]) -> Hours:
    return Hours(row.median, row.p90)
