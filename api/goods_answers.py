"""What do a case's goods look like from outside? Parcels, what was in them, what was offered."""

from typing import Any

from pydantic import BaseModel

from api.instants import Instant
from domain.bills import DebtState, What
from domain.goods_messages import Disposition, Grade
from domain.messages import Fallback
from domain.parcels import Direction, ParcelStatus
from store.goods_records import GoodsRecord
from store.tables import Bill, Case


class ParcelAnswer(BaseModel):
    direction: Direction
    carrier: str
    tracking_number: str
    status: ParcelStatus
    seen_at: Instant | None
    lost_at: Instant | None


class InspectedLineAnswer(BaseModel):
    line: int
    received: int
    accepted: int
    grade: Grade | None
    reason: str | None
    disposition: Disposition | None
    photos: list[str]


class InspectionAnswer(BaseModel):
    inspection_id: str
    at: Instant
    note: str
    lines: list[InspectedLineAnswer]
    unlisted: list[dict[str, Any]]


class OfferAnswer(BaseModel):
    offer_id: str
    amount: int
    note: str
    at: Instant
    answer: str | None
    answered_at: Instant | None


class DiagnosisAnswer(BaseModel):
    """What the technician found last."""

    diagnosis_id: str
    line: int
    serial: str | None
    fault: str
    covered: bool
    repairable: bool
    parts: int
    labour: int
    tax: int
    note: str
    at: Instant


class QuoteAnswer(BaseModel):
    """What the repair was last quoted at; `answer` is None while the buyer's is waited for."""

    version: int
    diagnosis_id: str
    amount: int
    tax: int
    at: Instant
    answer: str | None
    answered_at: Instant | None


class RepairAnswer(BaseModel):
    serial_in: str | None
    serial_out: str | None
    swapped: bool
    note: str
    at: Instant


class ReplacementAnswer(BaseModel):
    """What the buyer wants for a line; `price` is of the whole quantity."""

    line: int
    sku: str
    quantity: int
    price: int


class BillAnswer(BaseModel):
    """What the buyer was last asked to pay. An open bill is paid at `url`, once it is known."""

    what: What
    amount: int
    currency: str
    state: DebtState
    due_at: Instant
    url: str | None


class GoodsAnswer(BaseModel):
    """What a case with goods shows beside what every case does."""

    replacement: list[ReplacementAnswer]
    fallback: list[Fallback]
    remedy: str | None
    """What the case has come to instead of what it was opened for."""

    refund_first: bool
    """It pays before the goods are back, and charges for what does not come."""

    parcels: list[ParcelAnswer]
    inspection: InspectionAnswer | None
    offer: OfferAnswer | None
    diagnosis: DiagnosisAnswer | None
    quote: QuoteAnswer | None
    repair: RepairAnswer | None


def bill_answer(bill: Bill) -> BillAnswer:
    return BillAnswer(
        what=What(bill.what),
        amount=bill.amount,
        currency=bill.currency,
        state=DebtState(bill.state),
        due_at=bill.due_at,
        url=bill.url,
    )


def goods_answer(goods: GoodsRecord, case: Case) -> GoodsAnswer:
    return GoodsAnswer(
        replacement=[
            ReplacementAnswer(line=row.line, sku=row.sku, quantity=row.quantity, price=row.price)
            for row in goods.replacement
        ],
        fallback=[Fallback(word) for word in case.fallback],
        remedy=case.remedy,
        refund_first=case.refund_first,
        parcels=[
            ParcelAnswer(
                direction=Direction(parcel.direction),
                carrier=parcel.carrier,
                tracking_number=parcel.tracking_number,
                status=ParcelStatus(parcel.status),
                seen_at=parcel.seen_at,
                lost_at=parcel.lost_at,
            )
            for parcel in goods.parcels
        ],
        inspection=_inspection(goods),
        offer=_offer(goods),
        diagnosis=_diagnosis(goods),
        quote=_quote(goods),
        repair=_repair(goods),
    )


def _inspection(goods: GoodsRecord) -> InspectionAnswer | None:
    inspection = goods.inspection
    if inspection is None:
        return None
    return InspectionAnswer(
        inspection_id=inspection.inspection_id,
        at=inspection.at,
        note=inspection.note,
        lines=[
            InspectedLineAnswer(
                line=line.line,
                received=line.received,
                accepted=line.accepted,
                grade=Grade(line.grade) if line.grade else None,
                reason=line.reason,
                disposition=Disposition(line.disposition) if line.disposition else None,
                photos=line.photos,
            )
            for line in goods.lines
        ],
        unlisted=inspection.unlisted,
    )


def _offer(goods: GoodsRecord) -> OfferAnswer | None:
    offer = goods.offer
    if offer is None:
        return None
    return OfferAnswer(
        offer_id=offer.offer_id,
        amount=offer.amount,
        note=offer.note,
        at=offer.at,
        answer=offer.answer,
        answered_at=offer.answered_at,
    )


def _diagnosis(goods: GoodsRecord) -> DiagnosisAnswer | None:
    found = goods.diagnosis
    if found is None:
        return None
    return DiagnosisAnswer(
        diagnosis_id=found.diagnosis_id,
        line=found.line,
        serial=found.serial,
        fault=found.fault,
        covered=found.covered,
        repairable=found.repairable,
        parts=found.parts,
        labour=found.labour,
        tax=found.tax,
        note=found.note,
        at=found.at,
    )


def _quote(goods: GoodsRecord) -> QuoteAnswer | None:
    quote = goods.quote
    if quote is None:
        return None
    return QuoteAnswer(
        version=quote.version,
        diagnosis_id=quote.diagnosis_id,
        amount=quote.amount,
        tax=quote.tax,
        at=quote.at,
        answer=quote.answer,
        answered_at=quote.answered_at,
    )


def _repair(goods: GoodsRecord) -> RepairAnswer | None:
    repair = goods.repair
    if repair is None:
        return None
    return RepairAnswer(
        serial_in=repair.serial_in,
        serial_out=repair.serial_out,
        swapped=repair.swapped,
        note=repair.note,
        at=repair.at,
    )
