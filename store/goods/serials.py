"""Which unit is it? Serials that open cases have in hand, and those that a line has by now."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.refusals import Refusal, Why
from domain.repairs import Serials, serials_now
from store.tables import Case, Claim, OrderLine, Repair, SerialClaim


def of_line(session: Session, sold: OrderLine) -> Serials:
    """The serials of the units that were sold in a line, as they are now."""
    return of_lines(session, [sold])[sold.id]


def of_lines(session: Session, lines: Sequence[OrderLine]) -> dict[int, Serials]:
    """The same for many lines, by their id: two queries."""
    ids = [line.id for line in lines]
    swaps = select(Repair.order_line_id, Repair.at, Repair.serial_in, Repair.serial_out).where(
        Repair.order_line_id.in_(ids), Repair.swapped
    )
    kept = select(SerialClaim.order_line_id, SerialClaim.released_at, SerialClaim.serial).where(
        SerialClaim.order_line_id.in_(ids), SerialClaim.kept
    )
    moves: dict[int, list[tuple[datetime, str | None, str | None]]] = {n: [] for n in ids}
    for line, at, came, left in session.execute(swaps):
        moves[line].append((at, came, left))
    for line, released_at, stays in session.execute(kept):
        assert released_at is not None  # a CHECK: only what was released is kept
        moves[line].append((released_at, stays, None))
    return {line.id: serials_now(line.serials, moves[line.id]) for line in lines}


def hold(
    session: Session, case: Case, sold: OrderLine, serials: Sequence[str], now: datetime
) -> None:
    """These units of a line are in this case's hands, and no others of it, until it closes.

    Raises Refusal(serial-in-use): another open case of the storefront has one of them.
    """
    for claim in _held(session, case):
        if claim.order_line_id == sold.id and claim.serial not in serials:
            claim.released_at = now
    session.flush()
    if not serials:
        return
    rows = [
        {
            "storefront": case.storefront,
            "case_id": case.case_id,
            "order_line_id": sold.id,
            "sku": sold.sku,
            "serial": serial,
            "claimed_at": now,
        }
        for serial in serials
    ]
    session.execute(insert(SerialClaim).values(rows).on_conflict_do_nothing())
    held = {claim.serial for claim in _held(session, case) if claim.order_line_id == sold.id}
    if taken := sorted(set(serials) - held):
        raise Refusal(Why.SERIAL_IN_USE, serials=taken)


def release(session: Session, case: Case, now: datetime) -> None:
    """The case ends: its units may be in another's hands. Those that the shop keeps for good are
    none of the order's any more: of each line as many as it keeps, those named first.
    """
    held = _held(session, case)
    if not held:
        return
    size = func.sum(func.upper(Claim.units) - func.lower(Claim.units))
    kept = select(Claim.order_line_id, size).where(
        Claim.case_id == case.case_id, Claim.kept, Claim.settled_at.is_not(None)
    )
    session.flush()
    left = {line: int(n) for line, n in session.execute(kept.group_by(Claim.order_line_id))}
    for claim in held:
        claim.released_at = now
        if left.get(claim.order_line_id, 0):
            claim.kept = True
            left[claim.order_line_id] -= 1


def _held(session: Session, case: Case) -> list[SerialClaim]:
    held = select(SerialClaim).where(
        SerialClaim.case_id == case.case_id, SerialClaim.released_at.is_(None)
    )
    return list(session.scalars(held.order_by(SerialClaim.id)))
