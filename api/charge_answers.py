"""What does a charge look like to staff? As the gateway showed it, and what others took of it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.instants import Instant
from domain.cases import PayoutState
from domain.charges import Mismatch, mismatches_in
from domain.people import Actor
from store.case_records import CaseRecord
from store.charge_records import ChargeRecord, charges_of
from store.tables import Charge, GatewayEntry


class WithdrawalAnswer(BaseModel):
    """A refund that others made, or a dispute. `status` is the gateway's word."""

    id: str
    kind: Literal["refund", "dispute"]
    amount: int
    currency: str
    status: str
    standing: str
    """`foreign`, `accepted` by two people, or `recovered`."""
    key: str | None
    created_at: Instant


class ChargeAnswer(BaseModel):
    """A charge, over all orders that it paid. Amounts are minor units of its currency."""

    charge: str
    intent: str | None
    owner: str | None
    assigned: bool
    currency: str
    captured: int
    reserved: int
    refunded: int
    foreign_refunded: int
    disputed: bool
    read_at: Instant


class PaymentChargeAnswer(BaseModel):
    """A payment with its charge, null until that was read. `mismatches` say why the case's last
    payout from it was not sent.
    """

    payment: str
    mismatches: list[Mismatch]
    charge: ChargeAnswer | None
    withdrawals: list[WithdrawalAnswer]


def charge_answer(charge: Charge) -> ChargeAnswer:
    return ChargeAnswer(**{name: getattr(charge, name) for name in ChargeAnswer.model_fields})


def charges_for(session: Session, reader: Actor, of: CaseRecord) -> list[PaymentChargeAnswer]:
    """The charges of a case's order, with what was wrong with them for the case; staff only."""
    if not reader.role.staff:
        return []
    latest = {payment: payout for payout, payment in of.payouts}
    why = {
        payment: mismatches_in(payout.code)
        for payment, payout in latest.items()
        if payout.state == PayoutState.FAILED
    }
    return charges_answer(charges_of(session, of.case.storefront, of.case.order_id), why)


def charges_answer(
    records: Sequence[ChargeRecord], why: Mapping[str, list[Mismatch]] = MappingProxyType({})
) -> list[PaymentChargeAnswer]:
    """All there is to know; nothing of payments whose charge nobody wanted to see yet."""
    return [
        PaymentChargeAnswer(
            payment=record.payment,
            mismatches=why.get(record.payment, []),
            charge=charge_answer(record.charge) if record.charge else None,
            withdrawals=[_withdrawal(entry) for entry in record.entries],
        )
        for record in records
        if record.charge or why.get(record.payment)
    ]


def _withdrawal(entry: GatewayEntry) -> WithdrawalAnswer:
    return WithdrawalAnswer(
        id=entry.refund_id,
        kind="dispute" if entry.way == "dispute" else "refund",
        amount=entry.amount,
        currency=entry.currency,
        status=entry.status,
        standing=entry.standing,
        key=entry.key,
        created_at=entry.created_at,
    )
