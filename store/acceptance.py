"""What others took of a charge is booked as gone: asked for by one person, confirmed by another."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, or_, select, update

from domain.cases import SPENT, Attention, PayoutState, Stage
from domain.charges import ACCEPTABLE, DISPUTE_LOST, TOOK_NOTHING, Mismatch, mismatches_in
from domain.messages import Action
from domain.reconciliation import WAYS
from domain.refusals import Refusal, Why
from store import transfers
from store.ordered import Ordered
from store.reservations import payouts_of
from store.tables import Case, CaseEvent, Charge, GatewayEntry, Payment, Payout, PayoutAttempt


def check(case: Case, payouts: Sequence[Payout], action: Action) -> None:
    """Refuse what must not happen to a case parked over its charge, or only to such a one.

    Raises Refusal: not-awaited (`accept` where nothing is to be accepted; `accept` and `reroute` of
    a wrong currency or owner, an open dispute, or no charge at all).
    """
    if action not in (Action.ACCEPT, Action.REROUTE):
        return
    parked_over = case.attention == Attention.CHARGE_MISMATCH
    if action is Action.ACCEPT and not parked_over:
        raise Refusal(Why.NOT_AWAITED, "there is nothing to accept")
    if parked_over and not _mismatches(payouts) <= ACCEPTABLE:
        raise Refusal(Why.NOT_AWAITED, "no money may leave this charge")


def accept(ordered: Ordered) -> None:
    """Book what others had taken when the case was parked, and pay from what is left. The charges
    are read again before that, so what has come since parks the case again.
    """
    session, case = ordered.session, ordered.case
    parked = select(func.max(CaseEvent.at)).where(
        CaseEvent.case_id == case.case_id, CaseEvent.what == "parked"
    )
    payments = select(Payment.payment).where(
        Payment.id.in_([payout.payment_id for payout in _withheld(payouts_of(session, case))])
    )
    named = select(Charge.charge).where(
        or_(Charge.charge.in_(payments), Charge.intent.in_(payments))
    )
    took = or_(
        and_(GatewayEntry.way.in_(WAYS), GatewayEntry.status.not_in(TOOK_NOTHING)),
        and_(GatewayEntry.way == "dispute", GatewayEntry.status == DISPUTE_LOST),
    )
    known = exists().where(
        PayoutAttempt.gateway_key == GatewayEntry.key,
        Payout.payout_id == PayoutAttempt.payout_id,
        Payout.attempt == PayoutAttempt.attempt,
        Payout.amount == GatewayEntry.amount,
        Payout.way == GatewayEntry.way,
        Payout.state.not_in(SPENT),
    )
    seen = update(GatewayEntry).where(
        or_(GatewayEntry.charge.in_(named), transfers.of_order(case)),
        GatewayEntry.created_at <= parked.scalar_subquery(),
        took,
        ~known,
    )
    one = select(func.min(Charge.charge)).where(Charge.charge.in_(named)).scalar_subquery()
    session.execute(
        seen.values(standing="accepted", charge=func.coalesce(GatewayEntry.charge, one))
    )
    room = Charge.captured - Charge.reserved - Charge.refunded
    refunded, transferred = _accepted(took, bank=False), _accepted(took, bank=True)
    session.execute(
        update(Charge)
        .where(Charge.charge.in_(named))
        .values(
            foreign_refunded=func.least(room, refunded),
            transferred=func.least(room - func.least(room, refunded), transferred),
        )
        .execution_options(synchronize_session=False)
    )
    ordered.record("accepted", "", to=Stage.PAYING)


def _accepted(took: ColumnElement[bool], *, bank: bool) -> ScalarSelect[int]:
    """How much of a `Charge` was accepted as taken, by the bank's transfers or otherwise."""
    way = GatewayEntry.way == "bank_card" if bank else GatewayEntry.way != "bank_card"
    return (
        select(func.coalesce(func.sum(GatewayEntry.amount), 0))
        .where(GatewayEntry.charge == Charge.charge, GatewayEntry.standing == "accepted", took, way)
        .correlate(Charge)
        .scalar_subquery()
    )


def _withheld(payouts: Sequence[Payout]) -> list[Payout]:
    """The last payout from each payment, where it was withheld."""
    latest = {payout.payment_id: payout for payout in payouts}
    failed = [payout for payout in latest.values() if payout.state == PayoutState.FAILED]
    return [payout for payout in failed if mismatches_in(payout.code)]


def _mismatches(payouts: Sequence[Payout]) -> set[Mismatch]:
    return {why for payout in _withheld(payouts) for why in mismatches_in(payout.code)}
