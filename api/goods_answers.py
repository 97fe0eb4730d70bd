"""What do a case's goods look like from outside? Parcels, what was in them, what was offered."""

from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict

from api.instants import Instant
from domain.bills import DebtState, What
from domain.goods_messages import ArrivalAction, Disposition, Grade
from domain.messages import Condition, Fallback
from domain.parcels import Direction, ParcelStatus
from store.goods.goods_records import GoodsRecord
from store.tables import Arrival, Bill, Case, Parcel, Table


class Shown(BaseModel):
    """A row as it is shown: what is not named here stays inside."""

    model_config = ConfigDict(from_attributes=True)


Answer = TypeVar("Answer", bound=Shown)


class PhotoAnswer(BaseModel):
    """`url` is a path of this API."""

    upload_id: str
    url: str


def photo_answer(upload_id: UUID | str) -> PhotoAnswer:
    return PhotoAnswer(upload_id=str(upload_id), url=f"/v1/uploads/{upload_id}")


class ParcelAnswer(Shown):
    direction: Direction
    carrier: str
    tracking_number: str
    status: ParcelStatus
    seen_at: Instant | None
    lost_at: Instant | None


class ArrivalAnswer(BaseModel):
    """A parcel that came in although no case waited for it. `action` is None while it is open."""

    carrier: str
    tracking_number: str
    arrived_at: Instant
    counted_at: Instant | None
    lines: list[dict[str, Any]]
    action: ArrivalAction | None
    decided_at: Instant | None


class InspectedLineAnswer(Shown):
    line: int
    received: int
    accepted: int
    grade: Grade | None
    reason: str | None
    disposition: Disposition | None
    serials: list[str]
    photos: list[Annotated[PhotoAnswer, BeforeValidator(photo_answer)]]


class InspectionAnswer(BaseModel):
    inspection_id: str
    at: Instant
    note: str
    lines: list[InspectedLineAnswer]
    unlisted: list[dict[str, Any]]


class OfferAnswer(Shown):
    offer_id: str
    amount: int
    note: str
    at: Instant
    answer: str | None
    answered_at: Instant | None


class DiagnosisAnswer(Shown):
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


class QuoteAnswer(Shown):
    """What the repair was last quoted at; `answer` is None while the buyer's is waited for."""

    version: int
    diagnosis_id: str
    amount: int
    tax: int
    at: Instant
    answer: str | None
    answered_at: Instant | None


class RepairAnswer(Shown):
    serial_in: str | None
    serial_out: str | None
    swapped: bool
    note: str
    at: Instant


class ReplacementAnswer(Shown):
    """What the buyer wants for a line; `price` is of the whole quantity."""

    line: int
    sku: str
    quantity: int
    price: int
    condition: Condition


class BillAnswer(Shown):
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
    arrivals: list[ArrivalAnswer]
    inspection: InspectionAnswer | None
    offer: OfferAnswer | None
    diagnosis: DiagnosisAnswer | None
    quote: QuoteAnswer | None
    repair: RepairAnswer | None


def bill_answer(bill: Bill) -> BillAnswer:
    return BillAnswer.model_validate(bill)


def goods_answer(goods: GoodsRecord, case: Case) -> GoodsAnswer:
    return GoodsAnswer(
        replacement=[ReplacementAnswer.model_validate(row) for row in goods.replacement],
        fallback=[Fallback(word) for word in case.fallback],
        remedy=case.remedy,
        refund_first=case.refund_first,
        parcels=[ParcelAnswer.model_validate(parcel) for parcel in goods.parcels],
        arrivals=[_arrival(*arrived) for arrived in goods.arrivals],
        inspection=_inspection(goods),
        offer=_shown(OfferAnswer, goods.offer),
        diagnosis=_shown(DiagnosisAnswer, goods.diagnosis),
        quote=_shown(QuoteAnswer, goods.quote),
        repair=_shown(RepairAnswer, goods.repair),
    )


def _shown(answer: type[Answer], row: Table | None) -> Answer | None:
    return answer.model_validate(row) if row else None


def _arrival(parcel: Parcel, arrival: Arrival) -> ArrivalAnswer:
    return ArrivalAnswer(
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        arrived_at=arrival.arrived_at,
        counted_at=arrival.counted_at,
        lines=arrival.lines,
        action=ArrivalAction(arrival.action) if arrival.action else None,
        decided_at=arrival.decided_at,
    )


def _inspection(goods: GoodsRecord) -> InspectionAnswer | None:
    inspection = goods.inspection
    if inspection is None:
        return None
    return InspectionAnswer(
        inspection_id=inspection.inspection_id,
        at=inspection.at,
        note=inspection.note,
        lines=[InspectedLineAnswer.model_validate(line) for line in goods.lines],
        unlisted=inspection.unlisted,
    )
